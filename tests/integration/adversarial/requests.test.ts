import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AdversarialRun, NOTHING_DONE } from '../../support/adversarial-run.js';

const MAX_BYTES = 2_500_000;
/** Everything is prefetched: the one call asks which tests are ordered already. */
const CARDS = {
  status: 200,
  findings: ['low-calcium-phosphate-retention 85', 'loop-diuretic-calcium-loss 70'],
  notices: [],
  ...NOTHING_DONE,
  fhirCalls: 1,
};

let run: AdversarialRun;
beforeAll(async () => {
  run = await AdversarialRun.start({ MAX_BODY_BYTES: String(MAX_BYTES) });
});
afterAll(() => run.close());

const refused = (status: number, code: string, text: string) => ({
  status,
  refused: [code, text],
  ...NOTHING_DONE,
});
const field = (name: string) => refused(400, 'invalid', `Missing or not as CDS Hooks 2.0.1 describes it: ${name}.`);
const inContext = (changes: object) =>
  run.call({ context: { userId: 'Practitioner/nephrologist', patientId: 'p1', ...changes } });

/** A correct call whose body has `depth` levels. */
function nested(depth: number): string {
  // The body, prefetch and the value make three.
  const value = '['.repeat(depth - 2) + ']'.repeat(depth - 2);
  return JSON.stringify(run.call({ prefetch: { deep: 'HERE' } })).replace('"HERE"', value);
}

/** A correct call of exactly so many bytes. */
function sized(bytes: number): string {
  const empty = JSON.stringify(run.call({ padding: '' })).length;
  return JSON.stringify(run.call({ padding: 'x'.repeat(bytes - empty) }));
}

/** A correct call with these members first in its prefetch, as text: an object could not hold them twice. */
function withMembers(members: string): string {
  return JSON.stringify(run.call()).replace('"prefetch":{', `"prefetch":{${members},`);
}

describe('adversarial requests', () => {
  it('0: the request that the others differ from is answered by cards', async () => {
    expect(await run.tell(run.call())).toEqual(CARDS);
  });

  it.each<[number, string, () => unknown, string]>([
    [1, 'a hook that is empty', () => run.call({ hook: '' }), 'hook'],
    [2, 'no hookInstance', () => run.call({ hookInstance: undefined }), 'hookInstance'],
    [3, 'no context', () => run.call({ context: undefined }), 'context'],
    [4, 'a patientId with a slash', () => inContext({ patientId: 'p1/p2' }), 'context.patientId'],
    [5, 'a patientId of 65 characters', () => inContext({ patientId: 'p'.repeat(65) }), 'context.patientId'],
    [6, 'a userId that is no reference', () => inContext({ userId: 'Dr Canary' }), 'context.userId'],
  ])('%i: %s is refused, the field is named, and nothing is asked of anybody', async (_number, _what, body, name) => {
    expect(await run.tell(body())).toEqual(field(name));
  });

  it.each<[number, string, () => unknown, [number, string, string]]>([
    [7, 'a JSON array', () => [run.call()], [400, 'invalid', 'The body must be a JSON object.']],
    [
      8,
      'a body that is cut at byte 100',
      () => JSON.stringify(run.call()).slice(0, 100),
      [400, 'invalid', 'The body is not JSON in UTF-8.'],
    ],
    [
      10,
      'a body of one byte more than the limit',
      () => sized(MAX_BYTES + 1),
      [413, 'too-long', 'The body is larger than this service accepts.'],
    ],
    [11, 'a body of 65 levels', () => nested(65), [400, 'invalid', 'The body is nested deeper than 64 levels.']],
    [
      12,
      'a body of 1,000,000 levels',
      () => nested(1_000_000),
      [400, 'invalid', 'The body is nested deeper than 64 levels.'],
    ],
  ])('%i: %s is refused before anything is read of it', async (_number, _what, body, [status, code, text]) => {
    expect(await run.tell(body())).toEqual(refused(status, code, text));
  });

  it('9: application/x-ndjson is a media type that is refused', async () => {
    const headers = { 'Content-Type': 'application/x-ndjson' };
    const text = 'The body must be application/json or application/*+json in UTF-8, plain or gzip.';
    expect(await run.tell(run.call(), { headers })).toEqual(refused(415, 'not-supported', text));
  });

  it.each<[number, string, () => unknown]>([
    [10, 'a body of just the limit', () => sized(MAX_BYTES)],
    [13, '__proto__ in prefetch', () => withMembers('"__proto__":{"patient":null,"canary":1}')],
    [14, 'an own key constructor', () => withMembers('"constructor":{"prototype":{"canary":1}}')],
    [15, 'a prefetch key that is not among the templates', () => withMembers('"labsOfMyOwn":null')],
  ])('%i: %s changes no card, no call and no object', async (_number, _what, body) => {
    expect(await run.tell(body())).toEqual(CARDS);
    expect(Reflect.get({}, 'canary')).toBeUndefined();
  });

  it('11: 64 levels are taken, and what is missing is then asked of the FHIR server', async () => {
    expect(await run.tell(nested(64))).toEqual({ ...CARDS, fhirCalls: 11 });
  });
});
