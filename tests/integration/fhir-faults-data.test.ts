import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Bundle, FhirResource } from 'fhir/r4.js';
import { FaultRun, PATIENT_REFUSED, QUERIES, RECORD, TOKEN } from '../support/fault-run.js';
import { type FaultCall, type FaultServer, json, type Reply, status } from '../support/fault-server.js';
import { daysAgo, kidneyPatient, result } from '../support/kidney-patient.js';
import { LoopbackServers } from '../support/loopback-servers.js';
import { answerTo, prefetched } from '../support/prefetched.js';

const CAUSES = ['low-calcium-phosphate-retention', 'loop-diuretic-calcium-loss'];
const PARTLY = ['Only partly checked: results and measurements (more results exist than could be read)'];
const LABS = /^Observation\?.*12180-6/;
const EMPTY = { resourceType: 'Bundle', type: 'searchset' };
const OUTCOME = { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'exception' }] };

let run: FaultRun;
let loopback: LoopbackServers;

beforeAll(async () => {
  // Nothing here is about time, and the machine may be slow.
  run = await FaultRun.start(40, { FHIR_BUDGET_MS: '30000', HOOK_DEADLINE_MS: '60000' });
  loopback = await LoopbackServers.open();
});
afterAll(() => Promise.all([run.close(), loopback.close()]));

/** Everything is prefetched but the core labs. */
function withoutLabs(): { prefetch: Record<string, unknown> } {
  const { labs: _asked, ...prefetch } = prefetched(run.templates, RECORD, 'p1');
  return { prefetch };
}

/** The labs of the record, with more entries and a next link. */
function labs(call: FaultCall, more: readonly unknown[] = [], next?: string): object {
  // The search of a Bundle of ours.
  const found = answerTo(call.target, RECORD) as Bundle;
  const link = next === undefined ? {} : { link: [{ relation: 'next', url: next }] };
  return { ...found, ...link, entry: [...(found.entry ?? []), ...more.map((resource) => ({ resource }))] };
}

const labsWith =
  (...more: unknown[]): Reply =>
  (socket, call) => {
    json(labs(call, more))(socket, call);
  };

describe('pages', () => {
  const paging =
    (next: (server: FaultServer) => string): ((server: FaultServer) => Reply) =>
    (server) =>
    (socket, call) => {
      json(labs(call, [], next(server)))(socket, call);
    };

  it.each<[string, (server: FaultServer) => Reply, number]>([
    ['next link to itself', paging(({ url, calls }) => `${url}/${calls[0]?.target ?? ''}`), 2],
    ['next link to another origin', paging(() => `${loopback.elsewhere.url}/Observation?page=2`), 2],
    ['next link to another path', paging(({ url }) => url.replace('/fhir', '/admin')), 2],
    ['next link to another type', paging(({ url }) => `${url}/Patient?page=2`), 2],
  ])('(%s): what was read is used, with a notice', async (fault, replyOf, calls) => {
    const server = run.server();
    server.answer(LABS, replyOf(server));
    const expected = { status: 200, findings: CAUSES, notices: PARTLY, calls };
    expect(await run.open(fault, server, withoutLabs())).toEqual(expected);
    expect(loopback.elsewhere.calls).toBe(0);
  });

  it('without end: ten are read', async () => {
    const server = run.server();
    let page = 1;
    server.answer(/page=/, (socket, call) => {
      json({ ...EMPTY, link: [{ relation: 'next', url: `Observation?page=${String((page += 1))}` }] })(socket, call);
    });
    server.answer(LABS, paging(() => 'Observation?page=1')(server));
    const expected = { status: 200, findings: CAUSES, notices: PARTLY, calls: 11 };
    expect(await run.open('pages without end', server, withoutLabs())).toEqual(expected);
  });

  it('of which a later one fails: the first is used, with a notice', async () => {
    const server = run.server();
    server.answer(/page=2/, status(500)).answer(LABS, paging(() => 'Observation?page=2')(server));
    const expected = { status: 200, findings: CAUSES, notices: PARTLY, calls: 4 };
    expect(await run.open('second page 500', server, withoutLabs())).toEqual(expected);
  });

  it('that are all there: the labs of the second count as those of the first', async () => {
    const server = run.server();
    server.answer(/page=2/, (socket) => {
      const first = server.calls.find(({ target }) => LABS.test(target));
      if (first !== undefined) json(labs(first))(socket, first);
    });
    server.answer(LABS, json({ ...EMPTY, link: [{ relation: 'next', url: 'Observation?page=2' }] }));
    const expected = { status: 200, findings: CAUSES, notices: [], calls: 3 };
    expect(await run.open('two pages', server, withoutLabs())).toEqual(expected);
  });
});

describe('too much', () => {
  it('(more than 5,000 resources): no more are kept, with a notice', async () => {
    const others = Array.from({ length: 5_000 }, (_, index) =>
      result('p1', `o${String(index)}`, { code: '2823-3', value: 4.2, unit: 'mmol/L' }, daysAgo(60)),
    );
    const server = run.server().answer(LABS, labsWith(...others));
    const expected = { status: 200, findings: CAUSES, notices: PARTLY, calls: 2 };
    expect(await run.open('more than 5,000 resources', server, withoutLabs())).toEqual(expected);
  });

  it('(more than 20 MB): reading stops, and the connection is closed', async () => {
    let sent = 0;
    const server = run.server().answer(LABS, (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\n\r\n{"resourceType":"Bundle",');
      const more = () => {
        while (!socket.destroyed && socket.write(' '.repeat(100_000))) sent += 100_000;
      };
      socket.on('drain', more);
      more();
    });
    const outcome = await run.open('more than 20 MB', server, withoutLabs());
    expect(outcome).toMatchObject({ status: 200, notices: PARTLY, calls: 1 });
    await server.quiet();
    expect(sent).toBeLessThan(60_000_000);
  });
});

describe('nothing', () => {
  it('for every search is a real none found: silence', async () => {
    const server = run.server().answer(/\?/, json({ ...EMPTY, total: 0 }));
    const expected = { status: 200, findings: [], notices: [], calls: QUERIES };
    expect(await run.open('empty Bundles', server)).toEqual(expected);
  });

  it('but an OperationOutcome of mode outcome is none found too', async () => {
    const advice = { ...EMPTY, total: 0, entry: [{ resource: OUTCOME, search: { mode: 'outcome' } }] };
    const server = run.server().answer(/^MedicationRequest/, json(advice));
    const expected = { status: 200, findings: CAUSES.slice(0, 1), notices: [], calls: QUERIES + 1 };
    expect(await run.open('empty Bundle with advice', server)).toEqual(expected);
  });

  it('that is a resource among the entries is counted as unreadable', async () => {
    const server = run.server().answer(LABS, labsWith(null, { id: 'o1' }, 7));
    const expected = {
      status: 200,
      findings: CAUSES,
      notices: ['3 of the results and measurements could not be read and were left out'],
      calls: 2,
    };
    expect(await run.open('entries without a resource', server, withoutLabs())).toEqual(expected);
  });

  it('more than an OperationOutcome among the results: only partly checked', async () => {
    const server = run.server().answer(LABS, labsWith(OUTCOME));
    const expected = { status: 200, findings: CAUSES, notices: PARTLY, calls: 2 };
    expect(await run.open('OperationOutcome among the results', server, withoutLabs())).toEqual(expected);
  });
});

describe('resources of somebody else', () => {
  const [other, ...others] = kidneyPatient('p2', { calcium: 14, potassium: 7.2 });

  it('are left out and counted', async () => {
    const server = run.server().answer(LABS, labsWith(...others.slice(3)));
    const expected = {
      status: 200,
      findings: CAUSES,
      notices: [`${String(others.slice(3).length)} entries of another patient were left out`],
      calls: 2,
    };
    expect(await run.open('labs of another patient among ours', server, withoutLabs())).toEqual(expected);
  });

  it('in the Patient’s place: the data could not be had', async () => {
    const server = run.server().answer(/^Patient/, json(other));
    expect(await run.open('another Patient', server)).toEqual({ ...PATIENT_REFUSED, calls: QUERIES });
  });

  it('and types that nobody asked for change nothing', async () => {
    const subject = { reference: 'Patient/p1' };
    const unknown = [
      { resourceType: 'Invention', id: 'i1', subject },
      { resourceType: 'Practitioner', id: 'n1' },
      { resourceType: 'DocumentReference', id: 'd1', status: 'current', subject, content: [] },
    ];
    const server = run.server().answer(LABS, labsWith(...unknown));
    const { findings, notices } = await run.open('unknown types', server, withoutLabs());
    expect([findings, notices]).toEqual([CAUSES, []]);
  });
});

describe('a value that cannot be read', () => {
  const calcium = result('p1', 'odd', { code: '17861-6', value: 6.1, unit: 'mg/dL' }, daysAgo(1));
  const odd = (change: object): FhirResource => ({ ...calcium, ...change });

  it.each<[string, FhirResource, string[]]>([
    ['date', odd({ effectiveDateTime: 'yesterday' }), ['Calcium 6.1 mg/dL has no date: ignored']],
    [
      'unit',
      odd({ valueQuantity: { value: 6.1, unit: 'furlong', system: 'http://unitsofmeasure.org', code: 'furlong' } }),
      ['Calcium 6.1 furlong has a unit that cannot be read (1 day ago): ignored'],
    ],
    [
      'number',
      odd({ valueQuantity: { value: '6,1', unit: 'mg/dL' } }),
      ['Calcium result has no number (1 day ago): ignored'],
    ],
    [
      'code',
      odd({ code: { coding: '17861-6' } }),
      ['1 of the results and measurements could not be read and were left out'],
    ],
    ['status, entered in error', odd({ status: 'entered-in-error' }), []],
  ])('(%s) is not believed, and the others are used', async (fault, resource, notices) => {
    const server = run.server().answer(LABS, labsWith(resource));
    const expected = { status: 200, findings: CAUSES, notices, calls: 2 };
    expect(await run.open(`unreadable ${fault}`, server, withoutLabs())).toEqual(expected);
  });
});

it('the token is nowhere but at the FHIR server', () => {
  expect(run.letOut).toContain('hookAnswered');
  expect(run.letOut).not.toContain(TOKEN);
});
