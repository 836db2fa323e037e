import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FaultRun, PATIENT_REFUSED, QUERIES, RECORD, TOKEN } from '../support/fault-run.js';
import { bytes, dripping, type Reply, reset, resetInBody, silent, stalled, status } from '../support/fault-server.js';
import { gate } from '../support/gate.js';
import { prefetched } from '../support/prefetched.js';
import { selfSigned } from '../support/self-signed.js';

const CAUSES = ['low-calcium-phosphate-retention', 'loop-diuretic-calcium-loss'];
const WITHOUT_DRUGS = ['low-calcium-phosphate-retention'];
const NOWHERE = 'https://no-such-host.invalid/fhir';
const NO_HTTP = 'SSH-2.0-OpenSSH_9.2\r\n';
const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\n';

/** The hang, not the time: a machine that is shared may be slow. */
const NO_HANG_MS = 60_000;

let run: FaultRun;
let untrusted: Server;
let untrustedCalls = 0;

beforeAll(async () => {
  untrusted = createServer(selfSigned(), (_, response) => {
    untrustedCalls += 1;
    response.end('{}');
  });
  await new Promise<void>((resolve) => untrusted.listen(0, '127.0.0.1', resolve));
  run = await FaultRun.start(40, {}, [untrustedUrl(), NOWHERE]);
});
afterAll(async () => {
  await run.close();
  untrusted.closeAllConnections();
  await new Promise((resolve) => untrusted.close(resolve));
});

function untrustedUrl(): string {
  // It listens on TCP, where the address is no text.
  return `https://127.0.0.1:${(untrusted.address() as AddressInfo).port}/fhir`;
}

/** The Patient, the problem list and the core labs are known; the rest is to be fetched. */
function partOfPrefetch(): Record<string, unknown> {
  const { patient, conditions, labs } = prefetched(run.templates, RECORD, 'p1');
  return { patient, conditions, labs };
}

describe('a FHIR server that cannot be reached', () => {
  it('and nothing prefetched: the data could not be had', async () => {
    const server = run.server();
    await server.close();
    expect(await run.open('connection refused', server)).toEqual({ ...PATIENT_REFUSED, calls: 0 });
  });

  it('and the core prefetched: the findings that stand, and what could not be checked', async () => {
    const server = run.server();
    await server.close();
    expect(await run.open('connection refused, core prefetched', server, { prefetch: partOfPrefetch() })).toEqual({
      status: 200,
      findings: WITHOUT_DRUGS,
      notices: [
        'Could not be checked: results and measurements (the request failed)',
        'Could not be checked: medication orders (the request failed)',
        'Could not be checked: medication statements (the request failed)',
        'Could not be checked: administered medication (the request failed)',
        'Could not be checked: procedures (the request failed)',
        'Could not be checked: encounter (the request failed)',
      ],
      calls: 0,
    });
  });

  it('because its name is not known', async () => {
    expect(await run.open('DNS fails', run.server(), { fhirServer: NOWHERE })).toEqual({
      ...PATIENT_REFUSED,
      calls: 0,
    });
  });

  it('because its certificate is nobody’s: it is told nothing', async () => {
    const server = run.server();
    expect(await run.open('TLS: untrusted certificate', server, { fhirServer: untrustedUrl() })).toEqual({
      ...PATIENT_REFUSED,
      calls: 0,
    });
    expect(untrustedCalls).toBe(0);
  });

  it('because it does not speak TLS: it is told nothing', async () => {
    const server = run.server().answer(/./, bytes(NO_HTTP));
    const fhirServer = server.url.replace('http:', 'https:');
    expect(await run.open('TLS: none spoken', server, { fhirServer })).toEqual({ ...PATIENT_REFUSED, calls: 0 });
  });
});

describe('a FHIR server that breaks off', () => {
  it.each<[string, Reply]>([
    ['reset before the answer', reset],
    ['closed before the answer', bytes('')],
    ['no HTTP', bytes(NO_HTTP)],
    ['head of 100 kB', bytes(`${HEAD}X-Long: ${'x'.repeat(100_000)}\r\n\r\n{}`)],
    ['reset in the body', resetInBody],
    ['body shorter than said', bytes(`${HEAD}Content-Length: 1000\r\n\r\n{"resourceType":`)],
    ['broken chunk', bytes(`${HEAD}Transfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n`)],
  ])('(%s) has failed', async (fault, reply) => {
    const all = run.server().answer(/./, reply);
    expect(await run.open(`${fault}, every query`, all)).toEqual({ ...PATIENT_REFUSED, calls: QUERIES });
    const one = run.server().answer(/^MedicationRequest/, reply);
    expect(await run.open(`${fault}, one query`, one)).toEqual({
      status: 200,
      findings: WITHOUT_DRUGS,
      notices: ['Could not be checked: medication orders (the request failed)'],
      calls: QUERIES + 1,
    });
  });
});

describe('a FHIR server that is slow', () => {
  it.each<[string, Reply]>([
    ['no answer', silent],
    ['stops in the head', stalled(HEAD)],
    ['stops in the body', stalled(`${HEAD}Content-Length: 1000\r\n\r\n{"resourceType":`)],
    ['a byte now and then', dripping],
  ])('(%s) is left when the time of a call is over, and its connection closed', async (fault, reply) => {
    const server = run.server().answer(/^MedicationRequest/, reply);
    expect(await run.open(`${fault}, one query`, server)).toEqual({
      status: 200,
      findings: WITHOUT_DRUGS,
      notices: ['Could not be checked: medication orders (no answer in time)'],
      calls: QUERIES + 1,
    });
    await server.quiet();
    expect(server.abandoned).toBe(1);
  });

  it('but answers in time is waited for', async () => {
    const late: Reply = (socket, call) => {
      setTimeout(() => {
        status(200, '{"resourceType":"Bundle"}')(socket, call);
      }, 200);
    };
    const server = run.server().answer(/^Encounter/, late);
    expect(await run.open('late, but in time', server)).toEqual({
      status: 200,
      findings: CAUSES,
      notices: [],
      calls: QUERIES + 1,
    });
  });

  it('in everything costs one hook no more than its budget, and the next hooks nothing', async () => {
    const server = run.server().answer(/./, silent);
    const begin = performance.now();
    expect(await run.open('no answer, every query', server)).toEqual({ ...PATIENT_REFUSED, calls: QUERIES });
    expect(performance.now() - begin).toBeLessThan(NO_HANG_MS);
    await server.quiet();
    expect(server.abandoned).toBe(QUERIES);
    expect(await run.open('the same server, next hook', server)).toEqual({ ...PATIENT_REFUSED, calls: 0 });
    expect(await run.open('the same server, core prefetched', server, { prefetch: partOfPrefetch() })).toMatchObject({
      status: 200,
      findings: WITHOUT_DRUGS,
      calls: 0,
    });
    expect(server.calls).toHaveLength(QUERIES);
  });
});

describe('a FHIR server with one search that it cannot do', () => {
  it('is asked for the others for ever', async () => {
    const server = run.server().answer(/^MedicationAdministration/, status(500));
    for (let hook = 1; hook <= 7; hook += 1) {
      expect(await run.open(`500 to one query, hook ${String(hook)}`, server)).toEqual({
        status: 200,
        findings: CAUSES,
        notices: ['Could not be checked: administered medication (the request failed)'],
        calls: QUERIES + 2,
      });
    }
  });
});

describe('a call that is over', () => {
  it('because the client has gone closes its connections to the FHIR server', async () => {
    const all = gate();
    let asked = 0;
    const server = run.server().answer(/./, () => {
      asked += 1;
      if (asked === QUERIES) all.pass();
    });
    await run.leave(server, all.opened);
    await server.quiet();
    expect([server.calls.length, server.abandoned]).toEqual([QUERIES, QUERIES]);
  });

  it('because its deadline has passed closes them too', async () => {
    const hurried = await FaultRun.start(1, { HOOK_DEADLINE_MS: '300' });
    const server = hurried.server().answer(/./, silent);
    expect(await hurried.open('no answer, deadline before the budget', server)).toEqual({
      status: 503,
      findings: [],
      notices: ['The answer took too long.'],
      calls: QUERIES,
    });
    await server.quiet();
    expect(server.abandoned).toBe(QUERIES);
    await hurried.close();
  });
});

it('the token is nowhere but at the FHIR server', () => {
  expect(run.letOut).toContain('hookAnswered');
  expect(run.letOut).not.toContain(TOKEN);
});
