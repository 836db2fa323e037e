import { describe, expect, it } from '@jest/globals';
import { Code, Library, type PatientObject, type RecordObject, type RetrieveDetails } from 'cql-execution';
import fc from 'fast-check';
import { MODEL, SEEDS, expectSameResults, ourRecord } from './both-sources.js';
import { type Coding, clinicalRecord } from './clinical-records.js';
import { compileCql, evaluate, oracleRecord } from './cql-engine.js';
import { AnyRecord, type Json, RESOURCE_TYPES } from './fhir-records.js';
import { KNOWN_SHAPE_DIFFERENCES } from './known-shape-differences.js';
import { KNOWN_TIME_DIFFERENCES } from './known-time-differences.js';
import { type Difference, differences, recordsOf, show, theObservation, valueAt } from './record-walk.js';

const ANY_RECORD = new AnyRecord(MODEL);
const KNOWN_DIFFERENCES = [...KNOWN_TIME_DIFFERENCES, ...KNOWN_SHAPE_DIFFERENCES];
const PATIENT = { resourceType: 'Patient', id: 'p' };
const CODINGS: Coding[] = [
  { system: 'urn:s', code: 'a' },
  { system: 'urn:s', code: 'b' },
  { system: 'urn:t', code: 'a' },
  { system: 'urn:t', code: 'c' },
];
const SAMPLE = `
  library Sample
  using FHIR version '4.0.1'
  codesystem "S": 'urn:s'
  valueset "Wanted": 'urn:wanted'
  code "A": 'a' from "S"
  context Patient

  define "Results":
    ([Observation: code in "Wanted"]) O
      where O.status.value in { 'final', 'amended', 'corrected' } and O.value is FHIR.Quantity
      return all Tuple {
        id: O.id.value,
        amount: (O.value as FHIR.Quantity).value.value,
        unit: (O.value as FHIR.Quantity).unit.value,
        high: First((O.referenceRange) R return all R.high.value.value),
        time: Coalesce((O.effective as FHIR.dateTime).value, O.issued.value) }
      sort by time desc
  define "Latest Id": First("Results").id
  define "Texts": ([Observation]) O where O.value is FHIR.string return all (O.value as FHIR.string).value
  define "Finding": Tuple {
    results: "Results",
    texts: "Texts",
    a: ([Observation: code ~ "A"]) O return all O.id.value,
    active: ([Condition: code in "Wanted"]) C
      where C.clinicalStatus is null or exists((C.clinicalStatus.coding) K where K.code.value = 'active')
      return all Tuple { id: C.id.value, onset: (C.onset as FHIR.dateTime).value },
    ordered: ([MedicationRequest: medication in "Wanted"]) M return all Tuple { id: M.id.value, on: M.authoredOn.value },
    sessions: ([Procedure: code in "Wanted"]) P
      return all (P.performed as FHIR.Period)."start".value during Interval[DateTime(2026, 4, 17, 12, 0, 0, 0, 0.0), Now()],
    values: Count(([Observation]) O return O.value),
    codes: Count(([Observation]) O return O.code),
    sameCodes: Count(from ([Observation]) O, ([Condition]) C where O.code = C.code return all O.id.value),
    likeCodes: Count(from ([Observation]) O, ([Condition]) C where O.code ~ C.code return all O.id.value),
    born: Patient.birthDate.value }
`;

function shownOrThrown(read: () => unknown): string {
  try {
    return show(read());
  } catch (error) {
    return `throws ${error instanceof Error ? error.name : String(error)}`;
  }
}

describe('each known difference to the source that comes with the engine', () => {
  it.each(KNOWN_DIFFERENCES)('$name', ({ read, resources, offsetMinutes, oracle, ours, because }) => {
    const both = [oracleRecord([PATIENT, ...resources]), ourRecord([PATIENT, ...resources], offsetMinutes)];
    const readFrom = (record: PatientObject) =>
      typeof read === 'string' ? valueAt(theObservation(record), read) : read(record);
    const [fromOracle, fromOurs] = both.map((record) => shownOrThrown(() => readFrom(record)));
    expect({ oracle: fromOracle, ours: fromOurs }).toEqual({ oracle, ours });
    expect(fromOracle).not.toBe(fromOurs);
    expect(because).toMatch(/^(FHIR R4|CQL 1\.5)/);
  });
});

describe.each(SEEDS)('generated records (seed %d)', (seed) => {
  function unexplained(difference: Difference, offsetMinutes: number): boolean {
    return !KNOWN_DIFFERENCES.some(({ explains }) => explains?.(difference, offsetMinutes));
  }

  it.each(RESOURCE_TYPES)('read alike in every element of %s', (resourceType) => {
    fc.assert(
      fc.property(ANY_RECORD.resource(resourceType), fc.constantFrom(0, 345), (generated, offset) => {
        const resources = resourceType === 'Patient' ? [{ ...generated, id: 'p' }] : [PATIENT, generated];
        const [oracle, ours] = [oracleRecord(resources), ourRecord(resources, offset)].map((it) =>
          recordsOf(it, resourceType),
        );
        const found = [...differences(MODEL, resourceType, oracle, ours)].filter((it) => unexplained(it, offset));
        expect(found).toEqual([]);
      }),
      { seed, numRuns: 12 },
    );
  });

  it.each([
    ['Observation', 'code'],
    ['Condition', 'code'],
    ['MedicationRequest', 'medication'],
    ['Encounter', 'class'],
  ])('of type %s are found alike by %s', (type, codeProperty) => {
    fc.assert(
      fc.property(
        clinicalRecord(() => [CODINGS]),
        fc.subarray(CODINGS, { minLength: 1 }),
        (resources, wanted) => {
          const codes = wanted.map(({ code, system }) => new Code(code, system));
          const retrieve = { datatype: `{http://hl7.org/fhir}${type}`, codeProperty, codes };
          const [oracle, ours] = [oracleRecord(resources), ourRecord(resources)].map((record) =>
            foundBy(record, retrieve).map((found) => found.getId()),
          );
          expect(ours).toEqual(oracle);
        },
      ),
      { seed, numRuns: 20 },
    );
  });
});

/** What the engine keeps of what the source finds: it looks at every code once more. */
function foundBy(
  record: PatientObject,
  retrieve: RetrieveDetails & { codeProperty: string; codes: Code[] },
): RecordObject[] {
  const found = record.findRecords(retrieve.datatype, retrieve);
  if (!Array.isArray(found)) throw new Error('both sources find records at once');
  return found.filter((it) => retrieve.codes.some((code) => code.hasMatch(it.getCode(retrieve.codeProperty))));
}

describe('a CQL library', () => {
  const library = new Library(compileCql(SAMPLE));
  const valueSets = { 'urn:wanted': { '1': [CODINGS[0]!, CODINGS[1]!] } };

  it.each(SEEDS)('gives the same results over generated records (seed %d)', async (seed) => {
    const property = fc.asyncProperty(
      clinicalRecord(() => [CODINGS]),
      (record) => expectSameResults([library], valueSets, record),
    );
    await fc.assert(property, { seed, numRuns: 15 });
  });

  it('takes the newer of two results of one night, whose texts the engine alone sorts the wrong way', async () => {
    const record = [
      PATIENT,
      result('newer', { effectiveDateTime: '2026-05-16T23:00:00.000-05:00' }),
      result('older', { effectiveDateTime: '2026-05-17T01:00:00.000+00:00' }),
    ];
    expect(await evaluate(library, 'Latest Id', oracleRecord(record), valueSets)).toBe('older');
    expect(await evaluate(library, 'Latest Id', ourRecord(record), valueSets)).toBe('newer');
  });

  it('takes the corrected of two results of one time, whatever came first', async () => {
    const both = [result('first', { status: 'final' }), result('second', { status: 'corrected' })];
    for (const [record, fromOracle] of [
      [both, 'first'],
      [both.toReversed(), 'second'],
    ] as const) {
      expect(await evaluate(library, 'Latest Id', oracleRecord([PATIENT, ...record]), valueSets)).toBe(fromOracle);
      expect(await evaluate(library, 'Latest Id', ourRecord([PATIENT, ...record]), valueSets)).toBe('second');
    }
  });
});

function result(id: string, members: Json): Json {
  const valueQuantity = { value: 4, unit: 'mmol/L' };
  const effectiveDateTime = '2026-05-16T08:00:00.000Z';
  return {
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { coding: [CODINGS[0]] },
    effectiveDateTime,
    valueQuantity,
    ...members,
  };
}
