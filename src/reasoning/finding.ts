/** One line of evidence, as the knowledge shows it. */
export interface EvidenceLine {
  points: number;
  /** What was measured or recorded, in words. */
  text: string;
  /** The value as it is to be shown, with its unit. */
  shown?: string;
  value?: number;
  /** UCUM unit of `value`, as reported. */
  unit?: string;
  /** FHIR instant or date, in the offset of the evaluation. */
  date?: string;
  /** `Type/id` of the resource the value was read from. */
  reference?: string;
  /** The threshold the value was compared with. */
  limit?: { value: number; unit: string };
  /** Computed from other values, so without a resource of its own. */
  derived: boolean;
}

export type FindingKind = 'cause' | 'draft' | 'safety' | 'insufficient';

/** `urgent`: act now (a recent value in the critical range); `repeat`: such a value, but too old to act on unseen. */
export type Urgency = 'urgent' | 'repeat';

/** What one knowledge library concluded about one patient. */
export interface Finding {
  /** Name of the CQL library, PascalCase; also the name of its card. */
  library: string;
  /** The same in kebab-case. */
  id: string;
  kind: FindingKind;
  /** 0-100. */
  points: number;
  /** The points are held below what the evidence adds up to (0-100), since that is not settled. */
  capped: boolean;
  evidence: EvidenceLine[];
  /** What speaks against. */
  against: string[];
  /** What is missing, stale or was left out, and why. */
  missing: string[];
  ignored: string[];
  /** What the reader must know about the patient whatever the cause. */
  notes: string[];
  urgency?: Urgency;
  /** A `draft` or `safety` finding that is more than information. */
  warning: boolean;
  /** LOINC codes, or names of `site-orders`, of tests worth ordering; most useful first. */
  tests: string[];
  /** Names of the abnormalities this finding accounts for. */
  explains: string[];
  /** Values for the `{{names}}` of the card; absent ones are not known. */
  words: Record<string, string>;
  /** Only `insufficient`: does the patient pass the gate, and is everything that was needed current and settled? */
  gatePassed?: boolean;
  settled?: boolean;
  /** Draft orders of the context that may be taken back. */
  removable: { name: string; reference: string }[];
}
