import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FhirResource, Observation } from 'fhir/r4.js';
import { AdversarialRun, NOTHING_DONE, type Told } from '../../support/adversarial-run.js';
import { RECORD } from '../../support/fault-run.js';
import { daysAgo, kidneyPatient, result } from '../../support/kidney-patient.js';

const TWO = ['low-calcium-phosphate-retention 85', 'loop-diuretic-calcium-loss 70'];

let run: AdversarialRun;
beforeAll(async () => {
  run = await AdversarialRun.start();
});
afterAll(() => run.close());

/** Everything is prefetched: where tests are suggested, one call asks which are ordered already. */
const told = (findings: string[], notices: string[] = [], fhirCalls = 1) => ({
  status: 200,
  findings,
  notices,
  ...NOTHING_DONE,
  fhirCalls,
});

const seen = (resources: readonly FhirResource[], changes: Record<string, unknown> = {}): Promise<Told> =>
  run.tell(run.call(changes, resources));

const calcium = (value: number, unit = 'mg/dL', at = daysAgo(1)): Observation =>
  result('p1', 'odd', { code: '17861-6', value, unit }, at);
const without = (name: string, resources: readonly FhirResource[] = RECORD): FhirResource[] =>
  resources.filter(({ id }) => id !== `p1-${name}`);
const as = (changes: object, resource: FhirResource = calcium(6.1)): FhirResource => ({ ...resource, ...changes });

/** Prefetch with these labs beside those of the record: the search itself would leave out what names nobody. */
function withLabs(...more: FhirResource[]): Record<string, unknown> {
  const { prefetch, ...call } = run.call();
  const { labs, ...others } = prefetch as Record<string, { entry?: object[] }>;
  const entry = [...(labs?.entry ?? []), ...more.map((resource) => ({ resource }))];
  return { ...call, prefetch: { ...others, labs: { ...labs, entry } } };
}

describe('adversarial records: whose they are', () => {
  it('16: a Patient of another id in prefetch is 412, and nobody is asked', async () => {
    const { prefetch, ...call } = run.call();
    const [other] = kidneyPatient('p2');
    const body = { ...call, prefetch: { ...(prefetch as object), patient: other } };
    expect(await run.tell(body)).toEqual({
      status: 412,
      refused: ['incomplete', 'The data of this patient could not be had.'],
      ...NOTHING_DONE,
    });
  });

  it.each<[number, string, FhirResource]>([
    [17, 'one Observation of somebody else', as({ subject: { reference: 'Patient/p2' } })],
    [18, 'one Observation without a subject', as({ subject: undefined })],
    [
      20,
      'a subject that is contained',
      as({ subject: { reference: '#p1' }, contained: [{ resourceType: 'Patient', id: 'p1' }] }),
    ],
  ])('%i: %s is left out and counted, and the cards are the same', async (_number, _what, resource) => {
    expect(await run.tell(withLabs(resource))).toEqual(told(TWO, ['1 entries of another patient were left out']));
    expect(run.last.text).not.toContain('6.1');
  });

  it('19: a subject by the absolute address of our server is the patient', async () => {
    const { prefetch, ...call } = run.call();
    const ofBase = (base: string) =>
      JSON.stringify(prefetch).replaceAll('"reference":"Patient/p1"', `"reference":"${base}/Patient/p1"`);
    const whole = { ...call, prefetch: JSON.parse(ofBase(run.server.url)) as unknown };
    expect(await run.tell(whole)).toEqual(told(TWO));
  });

  it('19: subjects of another server alone are no data: the server is asked, and without one a card says so', async () => {
    const { prefetch, fhirServer: _known, ...call } = run.call();
    const elsewhere = JSON.stringify(prefetch).replaceAll(
      '"reference":"Patient/p1"',
      '"reference":"https://ehr.example/fhir/Patient/p1"',
    );
    const whole = { ...call, prefetch: JSON.parse(elsewhere) as unknown };
    // Conditions, core labs and medication, and which tests are ordered; nothing else held anything.
    expect(await run.tell({ ...whole, fhirServer: run.server.url })).toEqual(told(TWO, [], 4));
    const said = ['problem list', 'results and measurements', 'medication orders'];
    const notices = said.map((what) => `Could not be checked: ${what} (not provided)`);
    expect(await run.tell(whole)).toEqual(told(['not-checked 0'], notices, 0));
  });
});

describe('adversarial records: units and values', () => {
  it.each([
    [8.0, 'mg/dL'],
    [2.0, 'mmol/L'],
    [4.0, 'mEq/L'],
  ])('21: calcium %d %s is the one finding it is in each unit', async (value, unit) => {
    const record = [...without('calcium', kidneyPatient('p1', { phosphate: 6.4 })), calcium(value, unit)];
    expect(await seen(record)).toEqual(told(['low-calcium-phosphate-retention 75']));
  });

  it.each([
    [6.2, 'mg/dL'],
    [2.0, 'mmol/L'],
  ])('22: phosphate %d %s is very high in each unit', async (value, unit) => {
    const phosphate = result('p1', 'phosphate', { code: '2777-1', value, unit }, daysAgo(2));
    const record = [...without('phosphate', kidneyPatient('p1', { calcium: 8.0 })), phosphate];
    expect(await seen(record)).toEqual(told(['low-calcium-phosphate-retention 75']));
  });

  it('23: a unit that stands only in the text is read', async () => {
    const only = as({ valueQuantity: { value: 7.6, unit: 'mg/dl' } });
    expect(await seen([...without('calcium'), only])).toEqual(told(TWO));
  });

  it.each<[number, string, FhirResource, string]>([
    [
      24,
      'calcium 8.4 "mmol/L", wrong by a factor of four,',
      calcium(8.4, 'mmol/L'),
      'Calcium 8.40 mmol/L is implausible (1 day ago): ignored',
    ],
    [
      25,
      'a value as text',
      as({ valueQuantity: { value: '6.1', unit: 'mg/dL' } }),
      'Calcium result has no number (1 day ago): ignored',
    ],
    [
      26,
      'the bound <9.1 mg/dL, which settles nothing,',
      as({ valueQuantity: { value: 9.1, unit: 'mg/dL', comparator: '<' } }),
      'Calcium &lt;9.1 mg/dL is only a bound (1 day ago): ignored',
    ],
  ])('%i: %s is left out and named, and the older result counts', async (_number, _what, resource, notice) => {
    expect(await seen([...RECORD, resource])).toEqual(told(TWO, [notice]));
  });

  it('26: the bound <7.5 mg/dL settles that calcium is severely low, and is shown as a bound', async () => {
    const bound = as({ valueQuantity: { value: 7.5, unit: 'mg/dL', comparator: '<' } });
    expect(await seen([...without('calcium'), bound])).toEqual(
      told(['low-calcium-phosphate-retention 90', 'loop-diuretic-calcium-loss 75']),
    );
    expect(run.last.cards[0]?.summary).toContain('<7.5 mg/dL');
  });
});
