import { describe, expect, it } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import { FOLDERS } from '../../../src/folders.js';
import type { PatientRecord } from '../../../src/patient-record.js';
import { evaluate } from '../../../src/reasoning/evaluate.js';
import { type Knowledge, loadKnowledge } from '../../../src/reasoning/knowledge.js';
import { newestOfEachKind } from '../../../src/reasoning/newest-results.js';
import { condition, kidneyPatient, NOW, result } from '../../support/kidney-patient.js';

const MOMENT = { now: NOW, offsetMinutes: 0 };
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MANY = 60;

const knowledge = loadKnowledge(FOLDERS);
/** Every result of these codes reaches this one, however old. */
const CODES = ['2823-3', '17861-6', '2777-1', '8480-6'];
const unlimited = { ...knowledge, lookBacks: new Map(CODES.map((code) => [code, Infinity])) };

function before(milliseconds: number): string {
  return new Date(NOW.getTime() - milliseconds).toISOString();
}

function recordOf(resources: FhirResource[]): PatientRecord {
  const patient = resources.find((resource) => resource.resourceType === 'Patient');
  if (patient === undefined) throw new Error('no patient');
  return { patientId: 'p', patient, resources, ordersInContext: [], draftsToJudge: [], gaps: [] };
}

function many(
  count: number,
  code: string,
  value: (index: number) => number,
  unit: string,
  age: (index: number) => number,
) {
  return Array.from({ length: count }, (_, index) =>
    result('p', `${code}-${String(index)}`, { code, value: value(index), unit }, before(age(index))),
  );
}

/** A haemodialysis that ended a day ago, with a pressure every three minutes; the lowest is the first. */
function session(pressures: number): FhirResource[] {
  const end = DAY;
  const measured = many(
    pressures,
    '8480-6',
    (index) => (index === pressures - 1 ? 82 : 130),
    'mm[Hg]',
    (index) => end + (index + 1) * 180_000,
  );
  const start = before(end + (pressures + 2) * 180_000);
  const dialysis = {
    resourceType: 'Procedure',
    id: 'p-dialysis',
    status: 'completed',
    subject: { reference: 'Patient/p' },
    code: { coding: [{ system: 'http://snomed.info/sct', code: '302497006' }] },
    performedPeriod: { start, end: before(end) },
  } satisfies FhirResource;
  return [
    ...kidneyPatient('p'),
    condition('p', 'dialysis', { code: 'Z99.2', display: 'Dependence on renal dialysis' }, before(90 * DAY)),
    dialysis,
    ...measured,
  ];
}

describe('the newest results of each kind', () => {
  it('keep the lowest pressure of a session, though it is the oldest of sixty', async () => {
    const pressuresShown = async (using: Knowledge) => {
      const { findings } = await evaluate(using, recordOf(session(MANY)), MOMENT);
      const hypotension = findings.find(({ library }) => library === 'IntradialyticHypotension');
      return hypotension?.evidence.map(({ value }) => value) ?? [];
    };
    expect(await pressuresShown(knowledge)).toContain(82);
    // Which is what the look-back of the value set is for.
    expect(await pressuresShown({ ...knowledge, lookBacks: new Map() })).not.toContain(82);
  });

  it.each([
    [
      'more potassium results than are looked at',
      many(
        120,
        '2823-3',
        (index) => 3.1 + (index % 9) / 10,
        'mmol/L',
        (index) => (index + 1) * 12 * HOUR,
      ),
    ],
    [
      'more calcium results, the newest low',
      many(
        120,
        '17861-6',
        (index) => (index === 0 ? 7.6 : 9.1),
        'mg/dL',
        (index) => (index + 1) * DAY,
      ),
    ],
    [
      'calcium in two units',
      [
        ...many(
          70,
          '17861-6',
          () => 7.7,
          'mg/dL',
          (index) => (index + 2) * DAY,
        ),
        ...many(
          70,
          '17861-6',
          () => 1.9,
          'mmol/L',
          (index) => (index + 1) * DAY,
        ).map((each) => ({ ...each, id: `si-${String(each.id)}` })),
      ],
    ],
    [
      'results of one moment',
      many(
        90,
        '2777-1',
        (index) => 4 + (index % 5),
        'mg/dL',
        () => DAY,
      ),
    ],
    [
      'results dated in the future by a wrong clock',
      [
        ...many(
          80,
          '2777-1',
          () => 9,
          'mg/dL',
          (index) => -(index + 1) * DAY,
        ),
        result('p', 'now', { code: '2777-1', value: 6.1, unit: 'mg/dL' }, before(DAY)),
      ],
    ],
  ])('say what all results say: %s', async (_what, results) => {
    const record = recordOf([...kidneyPatient('p', {}), ...results]);
    const limited = await evaluate(knowledge, record, MOMENT);
    const whole = await evaluate(unlimited, record, MOMENT);
    expect(limited.findings).toEqual(whole.findings);
    expect(limited.findings).not.toEqual([]);
  });
});

describe('of the results of one code', () => {
  const observations = (count: number, age: (index: number) => number, extra: object = {}) =>
    Array.from({ length: count }, (_, index): FhirResource => ({
      resourceType: 'Observation',
      status: 'final',
      code: {},
      effectiveDateTime: before(age(index)),
      valueQuantity: { value: 1, code: 'mg/dL' },
      ...extra,
    }));
  const kept = (resources: FhirResource[], lookBackDays = 0) => {
    const limit = newestOfEachKind(resources, new Map([['c', lookBackDays]]), NOW.getTime());
    const bearers = resources.map((_, position) => ({ position, system: 's' }));
    return limit(bearers, 'c').map(({ position }) => position);
  };

  it('forty are kept, the newest, in the order they came', () => {
    expect(kept(observations(45, (index) => (45 - index) * DAY))).toEqual(
      Array.from({ length: 40 }, (_, index) => index + 5),
    );
  });

  it('all are kept that tie with the last', () => {
    expect(kept(observations(60, () => DAY))).toHaveLength(60);
  });

  it('all are kept within the look-back of a code measured at the bedside', () => {
    expect(
      kept(
        observations(60, (index) => index * HOUR),
        2,
      ),
    ).toHaveLength(49);
  });

  it('forty are kept of each unit, status, sign and way of saying a value', () => {
    const age = (index: number) => index * DAY;
    const kinds = [
      {},
      { status: 'corrected' },
      { valueQuantity: { value: 1, code: 'mmol/L' } },
      { valueQuantity: { value: 1, code: 'mg/dL', comparator: '<' } },
      { valueQuantity: undefined, valueString: 'x' },
      { note: [{ text: 'x' }] },
    ];
    expect(kept(kinds.flatMap((extra) => observations(50, age, extra)))).toHaveLength(kinds.length * 40);
  });

  it('those of no readable time and those after now take no place', () => {
    const odd = [...observations(50, () => DAY, { effectiveDateTime: 'yesterday' }), ...observations(50, () => -DAY)];
    expect(kept([...odd, ...observations(50, (index) => (index + 1) * DAY)])).toHaveLength(140);
  });
});
