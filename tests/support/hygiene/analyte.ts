import type { FhirResource } from 'fhir/r4.js';

type Written = [value: number, unit: string];
type Bound = [comparator: '<' | '<=' | '>' | '>=', value: number];

/** A kind of result, and what is said of a patient whose only disturbance it is. */
export interface Analyte {
  /** As the card names it. */
  name: string;
  codes: string[];
  /** Codes of the same substance that must not be read. */
  refusedCodes?: string[];
  system?: string;
  /** The same finding in every unit the clinical reference accepts. */
  written: Written[];
  refusedUnit: string;
  around: FhirResource[];
  /** `finding points`, worked out by hand from the clinical reference; absent: the finding is not shown. */
  read: string;
  unread: string;
  told?: 'points' | 'indicator' | 'evidence';
  settling?: Bound;
  /** A bound of the first unit that settles nothing. */
  open: Bound;
  duringDialysis?: 'read' | 'left out';
  /** A single time only: the rule pairs it with another measurement of the same hour. */
  paired?: true;
  part?: 'component' | 'session';
  draft?: FhirResource;
}
