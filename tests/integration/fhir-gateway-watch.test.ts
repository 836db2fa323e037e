import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { FhirServer } from '../../src/fhir-server.js';
import { openFhirGateway, type FhirGatewayOptions } from '../../src/patient-data/fhir-gateway.js';
import { LoopbackServers } from '../support/loopback-servers.js';
import { allowedTo, failed, lab, openServer, page, QUERY, requestTo, searchResult } from '../support/opened-gateway.js';

let loopback: LoopbackServers;
beforeEach(async () => {
  loopback = await LoopbackServers.open();
});
afterEach(() => loopback.close());

/** A server that answers with this status, which can be changed, and 0 lets its callers wait. */
async function answering(first: number) {
  const state = { status: first };
  const server = await loopback.fhir((_, response) => {
    if (state.status !== 0) response.writeHead(state.status).end(JSON.stringify(page(['o1'])));
  });
  return { server, state };
}

/** What is told of the calls through one gateway. */
function watched(servers: FhirServer[], options: Partial<FhirGatewayOptions> = {}) {
  const told: unknown[] = [];
  const open = openFhirGateway({
    allowed: allowedTo(...servers),
    budgetMs: 2_500,
    retryMs: 1,
    watch: {
      onCall: (place, outcome) => told.push([place, outcome]),
      onRest: (place, isResting) => told.push([place, isResting ? 'rests' : 'is back']),
    },
    ...options,
  });
  const hook = (server = servers[0]!) => open(requestTo(server.url), new AbortController().signal)!;
  return { told, hook };
}

describe('whoever watches the calls', () => {
  it.each<[number, string]>([
    [200, 'answered'],
    [401, 'not-permitted'],
    [403, 'not-permitted'],
    [404, 'failed'],
    [503, 'failed'],
  ])('is told once how a call went: %i', async (status, outcome) => {
    const { server } = await answering(status);
    const { told, hook } = watched([server]);
    await hook().search(QUERY);
    expect(told).toEqual([[0, outcome]]);
  });

  it('is told which server it was', async () => {
    const [one, other] = [await answering(200), await answering(404)];
    const { told, hook } = watched([one.server, other.server]);
    await hook(other.server).search(QUERY);
    await hook(one.server).search(QUERY);
    expect(told).toEqual([
      [1, 'failed'],
      [0, 'answered'],
    ]);
  });

  it('is told of calls that were too many', async () => {
    const { server } = await answering(200);
    const { told, hook } = watched([server], { limits: { calls: 1 } });
    const opened = hook();
    expect(await opened.search(QUERY)).toEqual(searchResult(['o1'], true));
    expect(await opened.read('Patient', 'p1')).toEqual(failed);
    expect(told).toEqual([
      [0, 'answered'],
      [0, 'too-much'],
    ]);
  });

  it('is told that a server is left alone, that calls are not made, and that it is back', async () => {
    const time = { now: 0 };
    const { server, state } = await answering(503);
    const { told, hook } = watched([server], { clock: () => time.now });
    const calling = async () => {
      time.now += 1;
      await hook().search(QUERY);
      return told.splice(0);
    };
    for (let count = 0; count < 4; count += 1) expect(await calling()).toEqual([[0, 'failed']]);
    expect(await calling()).toEqual([
      [0, 'rests'],
      [0, 'failed'],
    ]);
    expect(await calling()).toEqual([[0, 'not-made']]);
    state.status = 200;
    time.now += 10_000;
    expect(await calling()).toEqual([
      [0, 'is back'],
      [0, 'answered'],
    ]);
  });
});

describe('a server', () => {
  const isLeftAloneAfterFive = async (server: FhirServer, options: Partial<FhirGatewayOptions>) => {
    const { told, hook } = watched([server], options);
    for (let count = 0; count < 5; count += 1) await hook().search(QUERY);
    return told.some((each) => JSON.stringify(each) === '[0,"rests"]');
  };

  it('that takes the whole time of a call is left alone', async () => {
    const { server } = await answering(0);
    expect(await isLeftAloneAfterFive(server, { callMs: 30 })).toBe(true);
  });

  it('that had less than the time of a call is not', async () => {
    const { server } = await answering(0);
    expect(await isLeftAloneAfterFive(server, { budgetMs: 30, callMs: 10_000 })).toBe(false);
  });

  it('whose hook is given up before the second try is not', async () => {
    let hook = new AbortController();
    const server = await loopback.fhir((_, response) => {
      response.writeHead(503, { 'retry-after': '1' }).end(() => {
        setTimeout(() => {
          hook.abort();
        }, 20);
      });
    });
    const told: unknown[] = [];
    const watch = { onCall: (_: number, outcome: string) => told.push(outcome), onRest: () => told.push('rest') };
    const open = openFhirGateway({ allowed: allowedTo(server), budgetMs: 2_500, watch });
    for (let count = 0; count < 5; count += 1) {
      hook = new AbortController();
      await open(requestTo(server.url), hook.signal)?.search(QUERY);
    }
    expect(told).toEqual(new Array(5).fill('timed-out'));
    expect(loopback.calls).toHaveLength(5);
  });

  it('has three fifths of the time of a hook for a call unless told otherwise', async () => {
    const { server } = await answering(0);
    expect(await isLeftAloneAfterFive(server, { budgetMs: 50 })).toBe(true);
  });

  it('that fails where no second try could be made is left alone all the same', async () => {
    const { server } = await answering(503);
    expect(await isLeftAloneAfterFive(server, { limits: { calls: 1 } })).toBe(true);
  });
});

describe('an answer', () => {
  it.each<[string, unknown]>([
    ['a resource of another type', { resourceType: 'Observation', id: 'p1' }],
    ['no resource', { id: 'p1' }],
    ['nothing', null],
    [
      'something nested too deep',
      JSON.parse(`{"resourceType":"Patient","x":${'['.repeat(1_000)}${']'.repeat(1_000)}}`),
    ],
  ])('to a read that is %s has failed', async (_name, answer) => {
    const server = await loopback.json(() => answer);
    expect(await openServer(server).read('Patient', 'p1')).toEqual(failed);
  });

  it('that says it is not whole is used, and its pages are not gone on with', async () => {
    const outcome = { resource: { resourceType: 'OperationOutcome', issue: [] } };
    const server = await loopback.json(() => ({
      ...page([], 'Observation?page=2'),
      entry: [{ resource: lab('o1') }, outcome],
    }));
    expect(await openServer(server).search(QUERY)).toEqual(searchResult(['o1'], false));
    expect(loopback.calls).toHaveLength(1);
  });

  it('is asked for once more when the server could not give it', async () => {
    const server = await loopback.fhir((_, response) => {
      if (loopback.calls.length === 1) response.writeHead(503).end();
      else response.end(JSON.stringify(page(['o1'])));
    });
    expect(await openServer(server).search(QUERY)).toEqual(searchResult(['o1'], true));
    expect(loopback.calls).toEqual([`/fhir/${QUERY}`, `/fhir/${QUERY}`]);
  });
});
