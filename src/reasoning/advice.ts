import type { Indicator } from '../cds-hooks.js';
import type { Gap } from '../patient-record.js';
import type { Finding } from './finding.js';

export type Likelihood = 'likely' | 'possible';

export interface RankedFinding extends Finding {
  likelihood: Likelihood;
}

/** What one card is to say. */
export interface CardAdvice {
  about: 'causes' | 'orders' | 'not-checked';
  indicator: Indicator;
  /** In the order shown; none on a `not-checked` card. */
  findings: RankedFinding[];
  /** Causes that reach the display limit but find no place: named, so that they are not taken for normal. */
  others: RankedFinding[];
  /** What is missing, left out or to be known about the patient; on the first card only. */
  background?: Finding;
  /** What could not be checked; on the first card only. */
  gaps: readonly Gap[];
  /** Libraries that could not be run; on the first card only. */
  failed: readonly string[];
  /** LOINC codes of tests worth ordering, most useful first. */
  tests: readonly string[];
}

export interface Advice {
  cards: CardAdvice[];
}
