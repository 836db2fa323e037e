import type { FhirResource, Patient } from 'fhir/r4.js';

/** System of the codings added to a drug that was recognised by its name alone. */
export const INGREDIENT_NAME_SYSTEM = 'urn:renal-cramp-cds:ingredient-name';

/** Why a kind of resource could not be read in full. */
export type GapReason = 'not-provided' | 'failed' | 'not-permitted' | 'timed-out';

/** Something the record lacks or holds that a reader of the card must be told about. */
export type Gap =
  | { kind: 'not-had'; resourceType: string; reason: GapReason }
  | { kind: 'incomplete'; resourceType: string }
  | { kind: 'foreign'; count: number }
  | { kind: 'unreadable'; resourceType: string; count: number }
  | { kind: 'medication-unresolved'; count: number };

/**
 * Everything known of one patient at the moment of a hook: what flows from gather to evaluate.
 * Every resource is of this patient, has readable units or none, and no unresolved medication reference.
 */
export interface PatientRecord {
  patientId: string;
  patient: Patient;
  /** The patient, their resources, and the orders of the context. */
  resources: readonly FhirResource[];
  /** Id of the encounter the chart was opened in. */
  encounterId?: string;
  /** Ids of the orders in the hook's context: they never count as exposure. */
  ordersInContext: readonly string[];
  /** Ids of the drafts a prospective rule looks at: the selected ones on order-select, all on order-sign. */
  draftsToJudge: readonly string[];
  gaps: readonly Gap[];
}

/** What one query must bring for the knowledge to be evaluated: derived from the compiled CQL. */
export interface DataRequirement {
  resourceType: string;
  /** Name of the group the value sets ask to be fetched in; one query per group. */
  group?: string;
  /** Bare codes of all value sets of the group; empty when the type is fetched whole. */
  codes: readonly string[];
  /** Results older than this are never used, so a sorted page that reaches beyond it is complete. */
  lookBackDays?: number;
}
