import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FaultRun, PATIENT_REFUSED, QUERIES, TOKEN } from '../support/fault-run.js';
import { json, type Reply, status } from '../support/fault-server.js';
import { LoopbackServers } from '../support/loopback-servers.js';

const CAUSES = ['low-calcium-phosphate-retention', 'loop-diuretic-calcium-loss'];
const WITHOUT_DRUGS = ['low-calcium-phosphate-retention'];
const DRUGS_FAILED = ['Could not be checked: medication orders (the request failed)'];
const DRUGS_FORBIDDEN = ['Could not be checked: medication orders (not permitted)'];
const OUTCOME = { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'exception' }] };
const NO_DRUGS = json({ resourceType: 'Bundle', type: 'searchset' });

let run: FaultRun;
let loopback: LoopbackServers;

beforeAll(async () => {
  // Nothing here is about time, and the machine may be slow.
  run = await FaultRun.start(60, { FHIR_BUDGET_MS: '30000', HOOK_DEADLINE_MS: '60000' });
  loopback = await LoopbackServers.open();
});
afterAll(() => Promise.all([run.close(), loopback.close()]));

describe('a FHIR server that does not permit', () => {
  it('anything (401): the data could not be had, and nothing is asked twice', async () => {
    const server = run.server().answer(/./, status(401));
    expect(await run.open('401, every query', server)).toEqual({ ...PATIENT_REFUSED, calls: QUERIES });
  });

  it('one query for the token’s sake (401): that token is used no more', async () => {
    const server = run.server().answer(/^MedicationRequest/, status(401));
    const expected = { status: 200, findings: WITHOUT_DRUGS, notices: DRUGS_FORBIDDEN, calls: QUERIES };
    expect(await run.open('401, one query', server)).toEqual(expected);
  });

  it.each<[string, RegExp, string[], string[], number]>([
    ['medication orders', /^MedicationRequest/, WITHOUT_DRUGS, DRUGS_FORBIDDEN, QUERIES + 1],
    [
      'results',
      /^Observation/,
      ['diuretic-exposure'],
      ['Could not be checked: results and measurements (not permitted)'],
      QUERIES + 1,
    ],
    [
      'the problem list',
      /^Condition/,
      ['not-checked'],
      ['Could not be checked: problem list (not permitted)'],
      QUERIES,
    ],
  ])('%s (403): the rest stands, and the card says so', async (what, pattern, findings, notices, calls) => {
    const server = run.server().answer(pattern, status(403, JSON.stringify(OUTCOME)));
    expect(await run.open(`403, ${what}`, server)).toEqual({ status: 200, findings, notices, calls });
  });

  it('the problem list and results (403): the data could not be had', async () => {
    const server = run.server().answer(/^(Condition|Observation)/, status(403));
    expect(await run.open('403, problem list and results', server)).toEqual({ ...PATIENT_REFUSED, calls: QUERIES });
  });
});

describe('a FHIR server that answers with an error', () => {
  it.each([404, 410])('%i for the Patient: the data could not be had', async (code) => {
    const server = run.server().answer(/^Patient/, status(code, JSON.stringify(OUTCOME)));
    expect(await run.open(`${String(code)}, Patient`, server)).toEqual({ ...PATIENT_REFUSED, calls: QUERIES });
  });

  it.each<[string, Reply]>([
    ['204', status(204)],
    ['304', status(304)],
    ['400 with an OperationOutcome', status(400, JSON.stringify(OUTCOME))],
    ['404', status(404)],
    ['410', status(410)],
    ['429, come back in a minute', status(429, '', { 'Retry-After': '60' })],
    ['503, come back on a date', status(503, '', { 'Retry-After': 'Sun, 17 May 2099 00:00:00 GMT' })],
    ['504 with HTML', status(504, '<html>')],
  ])('%s for one query: not asked again, and the card says so', async (fault, reply) => {
    const server = run.server().answer(/^MedicationRequest/, reply);
    const expected = { status: 200, findings: WITHOUT_DRUGS, notices: DRUGS_FAILED, calls: QUERIES + 1 };
    expect(await run.open(fault, server)).toEqual(expected);
  });

  it.each<[string, Reply]>([
    ['429', status(429)],
    ['500', status(500, JSON.stringify(OUTCOME))],
    ['502 with HTML', status(502, '<html><h1>Bad Gateway</h1>')],
    ['503', status(503)],
    ['503, come back in a second', status(503, '', { 'Retry-After': '1' })],
  ])('%s for one query: asked once more', async (fault, reply) => {
    const passing = run.server().answer(/^Encounter/, reply, NO_DRUGS);
    const well = { status: 200, findings: CAUSES, notices: [], calls: QUERIES + 2 };
    expect(await run.open(`${fault}, once`, passing)).toEqual(well);
    const lasting = run.server().answer(/^MedicationRequest/, reply);
    const expected = { status: 200, findings: WITHOUT_DRUGS, notices: DRUGS_FAILED, calls: QUERIES + 2 };
    expect(await run.open(`${fault}, for ever`, lasting)).toEqual(expected);
  });

  it.each([301, 302, 303, 307, 308])('%i, a redirect: followed nowhere', async (code) => {
    const server = run.server().answer(/^MedicationRequest/, status(code, '', { Location: loopback.elsewhere.url }));
    const expected = { status: 200, findings: WITHOUT_DRUGS, notices: DRUGS_FAILED, calls: QUERIES + 1 };
    expect(await run.open(`${String(code)} to elsewhere`, server)).toEqual(expected);
    expect(loopback.elsewhere.calls).toBe(0);
  });

  it('a redirect within itself: not followed either', async () => {
    const location = { Location: '/fhir/MedicationRequest' };
    const server = run.server().answer(/^MedicationRequest\?/, status(302, '', location));
    const expected = { status: 200, findings: WITHOUT_DRUGS, notices: DRUGS_FAILED, calls: QUERIES + 1 };
    expect(await run.open('302 within the server', server)).toEqual(expected);
  });
});

describe('an answer of 200 that is none', () => {
  const nested = `{"resourceType":"Bundle","x":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
  it.each<[string, Reply]>([
    ['truncated JSON', status(200, '{"resourceType":"Bundle","entry":[{"resource":')],
    ['HTML', status(200, '<html>Please log in', { 'Content-Type': 'text/html' })],
    ['null', status(200, 'null')],
    ['a string', status(200, '"x"')],
    ['a list', status(200, '[]')],
    ['nothing', status(200)],
    ['an OperationOutcome', json(OUTCOME)],
    ['another type', json({ resourceType: 'Binary', id: 'b1' })],
    ['a packed body', status(200, gzipSync('{"resourceType":"Bundle"}'), { 'Content-Encoding': 'gzip' })],
    ['nesting of 50,000', status(200, nested)],
  ])('(%s) is a failure, not empty data', async (fault, reply) => {
    const drugs = run.server().answer(/^MedicationRequest/, reply);
    const expected = { status: 200, findings: WITHOUT_DRUGS, notices: DRUGS_FAILED, calls: QUERIES + 1 };
    expect(await run.open(`200: ${fault}`, drugs)).toEqual(expected);
    const patient = run.server().answer(/^Patient/, reply);
    expect(await run.open(`200: ${fault}, Patient`, patient)).toEqual({ ...PATIENT_REFUSED, calls: QUERIES });
  });
});

it('the token is nowhere but at the FHIR server', () => {
  expect(run.letOut).toContain('hookAnswered');
  expect(run.letOut).not.toContain(TOKEN);
});
