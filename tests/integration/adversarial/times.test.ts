import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FhirResource, Observation, Patient } from 'fhir/r4.js';
import { EVALUATION_TIME_EXTENSION } from '../../../src/cds-hooks.js';
import { AdversarialRun, NOTHING_DONE, type Told } from '../../support/adversarial-run.js';
import { daysAgo, kidneyPatient, NOW, result } from '../../support/kidney-patient.js';

const LOW = ['low-calcium-phosphate-retention 85'];
/** 10 points less: no albumin within 30 days of the calcium. */
const FAR_FROM_ALBUMIN = ['low-calcium-phosphate-retention 75'];
const [PATIENT, ...OTHERS] = kidneyPatient('p1', { calcium: 7.6, phosphate: 6.4 });
const RECORD = [PATIENT as Patient, ...OTHERS];
const WITHOUT_CALCIUM = RECORD.filter(({ id }) => id !== 'p1-calcium');

let run: AdversarialRun;
beforeAll(async () => {
  run = await AdversarialRun.start();
});
afterAll(() => run.close());

/** Where tests are suggested, one call asks which are ordered already. */
const told = (findings: string[], notices: string[] = [], fhirCalls = 1) => ({
  status: 200,
  findings,
  notices,
  ...NOTHING_DONE,
  fhirCalls,
});
const seen = (resources: readonly FhirResource[], now = NOW): Promise<Told> =>
  run.tell(run.call({ extension: { [EVALUATION_TIME_EXTENSION]: now.toISOString() } }, resources));

const potassium = (id: string, value: number, more: Partial<Observation>): Observation => ({
  ...result('p1', id, { code: '2823-3', value, unit: 'mmol/L' }, daysAgo(1)),
  ...more,
});
const calcium = (effectiveDateTime: string, value = 7.6): Observation =>
  result('p1', 'odd', { code: '17861-6', value, unit: 'mg/dL' }, effectiveDateTime);
/** All of the record is so much older or younger. */
const moved = (days: number, resources: readonly FhirResource[] = RECORD): FhirResource[] =>
  resources.map((resource) => {
    const text = JSON.stringify(resource).replace(/"(\d{4}-\d\d-\d\dT[^"]+)"/g, (_all, instant: string) =>
      JSON.stringify(new Date(Date.parse(instant) + days * 86_400_000).toISOString()),
    );
    // The same resource at other times.
    return JSON.parse(text) as FhirResource;
  });

describe('adversarial records: statuses and times', () => {
  it('27: a corrected result of the same moment, issued later, replaces the final one', async () => {
    const final = potassium('final', 6.8, { issued: daysAgo(1) });
    const corrected = potassium('corrected', 4.3, { status: 'corrected', issued: daysAgo(0.5) });
    expect(await seen([...RECORD, final, corrected])).toEqual(told(LOW));
    expect(await seen([...RECORD, final])).toEqual(told(['hyperkalaemia 0', ...LOW]));
  });

  it('28: a newer result that was entered in error leaves the older final one standing', async () => {
    const wrong: Observation = { ...calcium(daysAgo(1), 9.6), status: 'entered-in-error' };
    expect(await seen([...RECORD, wrong])).toEqual(told(LOW));
    expect(run.last.text).not.toContain('9.6');
  });

  it.each([
    ['of today without an hour', '2026-05-17', LOW],
    ['of tomorrow there, but of today in UTC', '2026-05-18T00:30:00+13:00', LOW],
    ['of 91 days ago there, but of 90 in UTC', '2026-02-15T23:30:00-05:00', FAR_FROM_ALBUMIN],
  ])('29: a date %s is read (%s)', async (_what, at, findings) => {
    expect(await seen([...WITHOUT_CALCIUM, calcium(at)])).toEqual(told(findings));
  });

  it.each([
    [29, 'tomorrow without an hour', '2026-05-18', 'Calcium 7.6 mg/dL is dated in the future'],
    [
      29,
      'today there, but 90 minutes ahead in UTC',
      '2026-05-17T08:30:00-05:00',
      'Calcium 7.6 mg/dL is dated in the future',
    ],
    [30, 'in three days', '2026-05-20T12:00:00Z', 'Calcium 7.6 mg/dL is dated in the future'],
    [31, 'on a 29 February that there is not', '2026-02-29', 'Calcium 7.6 mg/dL has no date'],
  ])('%i: a date %s is not believed, and the result is named', async (_number, _what, at, notice) => {
    const expected = told(['insufficient-data 0'], [expect.stringContaining(notice) as unknown as string]);
    expect(await seen([...WITHOUT_CALCIUM, calcium(at)])).toEqual(expected);
  });

  it('31: a result of 29 February is 90 days old on 29 May, and stale on the 30th', async () => {
    const leap = [...moved(-718, WITHOUT_CALCIUM), calcium('2024-02-29T12:00:00Z')];
    expect(await seen(leap, new Date('2024-05-29T12:00:00Z'))).toEqual(told(FAR_FROM_ALBUMIN));
    const day = await seen(moved(1, leap).slice(0, -1).concat(leap.slice(-1)), new Date('2024-05-30T12:00:00Z'));
    expect(day.findings).toEqual(['insufficient-data 0']);
  });

  it('31: who was born on 29 February is of age on 28 February of a year without it, as CQL counts', async () => {
    const born = { ...PATIENT, birthDate: '2008-02-29' } as Patient;
    const young = moved(-79, [born, ...OTHERS]);
    expect(await seen(young, new Date('2026-02-28T12:00:00Z'))).toEqual(told(LOW));
    expect(await seen(young, new Date('2026-02-27T12:00:00Z'))).toEqual(told([], [], 0));
  });

  it('32: of two results of the same second the more dangerous counts, in either order', async () => {
    const two = [potassium('one', 6.8, {}), potassium('two', 4.1, {})];
    const expected = told(['hyperkalaemia 0', ...LOW]);
    expect(await seen([...RECORD, ...two])).toEqual(expected);
    expect(await seen([...RECORD, ...two.reverse()])).toEqual(expected);
  });
});
