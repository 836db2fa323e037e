import { expect } from '@jest/globals';
import type { Library, PatientObject, ValueSetDictionary } from 'cql-execution';
import type { FhirResource } from 'fhir/r4.js';
import { createRecordModel, openRecord } from '../../../src/reasoning/record-source.js';
import { evaluate, oracleRecord } from './cql-engine.js';
import { type Json, fhirModel } from './fhir-records.js';

export const MODEL = fhirModel();
export const RECORD_MODEL = createRecordModel(MODEL);
/** One run with these, so that a failure stays, and one with a fresh seed, so that new ones are found. */
export const SEEDS = [1, 2026, Date.now()];

/** The record of patient `p` through our source. */
export function ourRecord(resources: readonly Json[], offsetMinutes = 0): PatientObject {
  const given = resources as unknown as FhirResource[]; // generated: of FHIR's shape, or wrong on purpose
  return openRecord(RECORD_MODEL, given, { patientId: 'p', offsetMinutes });
}

/** Evaluates `"Finding"` of each library over both sources. */
export async function expectSameResults(
  libraries: readonly Library[],
  valueSets: ValueSetDictionary,
  record: readonly Json[],
) {
  for (const library of libraries) {
    const [oracle, ours] = await Promise.all(
      [oracleRecord(record), ourRecord(record)].map((source) => evaluate(library, 'Finding', source, valueSets)),
    );
    expect(oracle).not.toEqual(expect.stringMatching(/^throws/));
    expect({ library: library.name, result: ours }).toEqual({ library: library.name, result: oracle });
  }
}
