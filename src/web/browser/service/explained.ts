import type { Card } from '../../../cds-hooks.js';

/** One line of evidence (extension `org.renal-cramp-cds.findings`). */
export interface Evidence {
  text: string;
  points: number;
  value?: number;
  unit?: string;
  date?: string;
  reference?: string;
  limit?: { value: number; unit: string };
  derived?: true;
}

export interface ExplainedFinding {
  id: string;
  title: string;
  kind: 'cause' | 'draft' | 'safety' | 'insufficient';
  points: number;
  shown: boolean;
  likelihood?: 'likely' | 'possible' | 'unlikely';
  capped?: true;
  urgency?: 'urgent' | 'repeat';
  evidence: Evidence[];
  against: string[];
  missing: string[];
  ignored: string[];
  notes: string[];
}

export type Answer = 'true' | 'false' | 'unknown';

export interface Criterion {
  criterion: string;
  value: Answer;
  alternative?: true;
  absent: string[];
}

export interface NotApplied {
  id: string;
  title: string;
  unmet: Criterion[];
}

/** The answer of `POST /app/explain`. */
export interface Explained {
  /** FHIR instant. */
  now: string;
  knowledge: { version: string };
  cards: Card[];
  findings: ExplainedFinding[];
  notApplied: NotApplied[];
  gate: { value: Answer; criteria: Criterion[] };
  gaps: string[];
  failed: string[];
  /** What of the record the knowledge recognises, by value sets. */
  inputs: { reference: string; valueSets: string[] }[];
}
