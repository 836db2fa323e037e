import type { FhirResource } from 'fhir/r4.js';
import { FOLDERS } from '../../src/folders.js';
import { readSamplePatients, toResources } from '../../src/web/sample-patient.js';

/** What the chart of one of our own sample patients holds, and the moment it is seen from. */
export function sampleRecord(
  id: string,
  now = new Date('2026-11-22T08:00:00Z'),
): { resources: FhirResource[]; now: Date } {
  const sample = readSamplePatients(FOLDERS.samples).find(({ patient }) => patient.id === id);
  if (sample === undefined) throw new Error(`There is no sample patient ${id}.`);
  return { resources: toResources(sample, now), now };
}
