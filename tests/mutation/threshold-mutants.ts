import type { Knowledge } from '../../src/reasoning/knowledge.js';
import { DefineGraph } from './define-graph.js';
import { type Mutant, mutantsOf } from './mutant.js';

/** The library that holds every number a clinician may tune. */
export const THRESHOLDS = 'CrampThresholds';

export interface ThresholdMutant extends Mutant {
  /** Libraries that name the define. */
  usedIn: string;
}

/** The mutants of every number of the thresholds, those used by the same libraries together. */
export function thresholdMutants({ everyLibrary }: Pick<Knowledge, 'everyLibrary'>, only?: string): ThresholdMutant[] {
  const elms = [...everyLibrary.values()].map(({ elm }) => elm);
  const graph = new DefineGraph(elms);
  const usedIn = (define: string) => graph.users(THRESHOLDS, define).join(', ') || 'nowhere';
  return mutantsOf(everyLibrary.get(THRESHOLDS)?.elm.expressions ?? new Map(), only)
    .map((mutant) => ({ ...mutant, usedIn: usedIn(mutant.define) }))
    .sort((a, b) => a.usedIn.localeCompare(b.usedIn));
}
