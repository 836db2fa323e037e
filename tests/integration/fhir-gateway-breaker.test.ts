import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ANONYMOUS, openFhirGateway, type FhirGatewayOptions } from '../../src/patient-data/fhir-gateway.js';
import { LoopbackServers } from '../support/loopback-servers.js';
import { allowedTo, failed, page, QUERY, requestTo, searchResult, TOKEN } from '../support/opened-gateway.js';

describe('from hook to hook', () => {
  let loopback: LoopbackServers;
  beforeEach(async () => {
    loopback = await LoopbackServers.open();
  });
  afterEach(() => loopback.close());

  /** A gateway that stays, and the server it opens for each hook. */
  function gatewayTo(url: string, options: Partial<FhirGatewayOptions> & Pick<FhirGatewayOptions, 'allowed'>) {
    const open = openFhirGateway({ budgetMs: 2_500, retryMs: 1, ...options });
    return (signal = new AbortController().signal, client?: string) => {
      const server = open(requestTo(url, TOKEN), signal, client);
      if (server === undefined) throw new Error('the server of this test is not allowed');
      return server;
    };
  }

  it('a server that is down is asked no more, and again after a rest', async () => {
    const time = { now: 0 };
    let isUp = false;
    const server = await loopback.fhir((request, response) => {
      if (isUp) response.end(JSON.stringify(page(['o1'])));
      else request.socket.destroy();
    });
    const open = gatewayTo(server.url, { allowed: allowedTo(server), clock: () => time.now });
    for (let hook = 0; hook < 5; hook += 1) {
      expect(await open().search(QUERY)).toEqual(failed);
      time.now += 1;
    }
    const asked = loopback.connections;
    expect(await open().search(QUERY)).toEqual(failed);
    expect(await open().read('Patient', 'p1')).toEqual(failed);
    expect(loopback.connections).toBe(asked);

    isUp = true;
    time.now += 10_000;
    const hook = open();
    const answers = await Promise.all([hook.search(QUERY), hook.search(QUERY), hook.search(QUERY)]);
    expect(answers).toEqual([1, 2, 3].map(() => searchResult(['o1'], true)));
    expect(loopback.connections).toBeGreaterThan(asked);
  });

  it.each([
    ['503', (status: number) => status],
    ['429', (status: number) => status - 74],
  ])('one that asks for a rest by %s and Retry-After gets it', async (_, statusOf) => {
    const time = { now: 0 };
    const server = await loopback.fhir((__, response) =>
      response.writeHead(statusOf(503), { 'retry-after': '30' }).end(),
    );
    const open = gatewayTo(server.url, { allowed: allowedTo(server), clock: () => time.now });
    for (let hook = 0; hook < 5; hook += 1) {
      await open().search(QUERY);
      time.now += 1;
    }
    expect(loopback.calls).toHaveLength(5);
    time.now += 29_990;
    expect(await open().search(QUERY)).toEqual(failed);
    expect(loopback.calls).toHaveLength(5);
    time.now += 10;
    await open().search(QUERY);
    expect(loopback.calls).toHaveLength(6);
  });

  it.each([400, 401, 403, 404, 410, 422])('status %i is an answer: the server is asked on', async (status) => {
    const server = await loopback.fhir((_, response) => response.writeHead(status).end('{}'));
    const open = gatewayTo(server.url, { allowed: allowedTo(server) });
    for (let hook = 0; hook < 8; hook += 1) await open().search(QUERY);
    expect(loopback.calls).toHaveLength(8);
  });

  it('a body that cannot be read is an answer too', async () => {
    const bodies = ['<html>', 'null', '"x"', ''];
    const server = await loopback.fhir((_, response) => response.end(bodies[loopback.calls.length % 4]));
    const open = gatewayTo(server.url, { allowed: allowedTo(server) });
    for (let hook = 0; hook < 8; hook += 1) expect(await open().search(QUERY)).toEqual(failed);
    expect(loopback.calls).toHaveLength(8);
  });

  it('hooks that were given up say nothing of the server', async () => {
    const server = await loopback.fhir(() => {
      hook.abort();
    });
    const open = gatewayTo(server.url, { allowed: allowedTo(server) });
    let hook = new AbortController();
    for (let count = 0; count < 8; count += 1) {
      hook = new AbortController();
      expect(await open(hook.signal).search(QUERY)).toEqual({ failure: 'timed-out' });
    }
    expect(loopback.calls).toHaveLength(8);
  });

  it('every gateway finds out for itself', async () => {
    const server = await loopback.fhir((request) => request.socket.destroy());
    const first = gatewayTo(server.url, { allowed: allowedTo(server) });
    for (let hook = 0; hook < 6; hook += 1) await first().search(QUERY);
    const asked = loopback.connections;
    await gatewayTo(server.url, { allowed: allowedTo(server) })().search(QUERY);
    expect(loopback.connections).toBeGreaterThan(asked);
  });

  it('a client is opened its own servers alone', async () => {
    const mine = await loopback.json(() => page(['o1']));
    const yours = await loopback.json(() => page(['o1']));
    const allowed = new Map([
      ['https://mine.example', [mine]],
      ['https://yours.example', [yours]],
    ]);
    const open = openFhirGateway({ allowed, budgetMs: 2_500 });
    const opened = (client: string | undefined, url: string) =>
      open(requestTo(url, TOKEN), new AbortController().signal, client);
    const refused = [
      opened('https://mine.example', yours.url),
      opened('https://yours.example', mine.url),
      opened('https://nobody.example', mine.url),
      opened('__proto__', mine.url),
      opened(ANONYMOUS, mine.url),
      opened(undefined, mine.url),
    ];
    expect(refused.map((server) => server === undefined)).toEqual([true, true, true, true, true, true]);
    expect(loopback.connections).toBe(0);
    expect(await opened('https://mine.example', mine.url)?.search(QUERY)).toEqual(searchResult(['o1'], true));
  });
});
