import type { PatientObject } from 'cql-execution';
import type { Json } from './fhir-records.js';
import type { Difference } from './record-walk.js';

/** Where our patient source differs from the one that comes with the engine, on purpose. */
export interface KnownDifference {
  name: string;
  /** The sentence that decides, and where it stands. */
  because: string;
  /** The smallest record that shows it, beside the patient `p`. */
  resources: readonly Json[];
  offsetMinutes?: number;
  /** Which value differs: a path from the only observation, or any reading of the record. */
  read: string | ((record: PatientObject) => unknown);
  oracle: string;
  ours: string;
  /** Holds for a difference met in a generated record that is of this kind. */
  explains?: (difference: Difference, offsetMinutes: number) => boolean;
}

export function observed(members: Json): Json[] {
  return [{ resourceType: 'Observation', id: 'o', ...members }];
}
