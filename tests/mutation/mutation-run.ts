import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { FOLDERS } from '../../src/folders.js';
import { loadKnowledge } from '../../src/reasoning/knowledge.js';
import { readEquivalentMutants } from './equivalent-mutants.js';
import { lineOf, type Mutant } from './mutant.js';
import { playMutants, type PoolResult } from './mutation-pool.js';
import { mutationReport, type Outcome } from './mutation-report.js';
import { thresholdMutants } from './threshold-mutants.js';

const MINUTE = 60_000;
/** The whole run, the build included, ends within 15 minutes. */
const BEGIN_NO_MUTANT_AFTER = 13 * MINUTE;
const PROGRESS_EVERY = 25;

export interface RunOptions {
  /** Folder of the repository's tests. */
  tests: string;
  /** Only defines whose name contains this text. */
  only?: string;
}

/** Plays all mutants, lists the survivors on stdout, and tells whether the knowledge is held by its cases. */
export async function runMutations({ tests, only }: RunOptions): Promise<boolean> {
  const begun = Date.now();
  const seconds = () => `${Math.round((Date.now() - begun) / 1000)} s`;
  const mutants = thresholdMutants(loadKnowledge(FOLDERS), only).map((mutant) => ({ ...mutant, line: lineOf(mutant) }));
  console.error(`${mutants.length} mutants`);
  const played = await playMutants(mutants, {
    workers: Math.min(availableParallelism(), mutants.length),
    vignettes: join(tests, 'vignettes'),
    until: begun + BEGIN_NO_MUTANT_AFTER,
    onProgress: (done) => {
      if (done % PROGRESS_EVERY === 0) console.error(`${done} of ${mutants.length}, ${seconds()}`);
    },
  });
  warnOfFailingCases(played);
  const outcomes = mutants.map((mutant) => ({ ...mutant, fate: fateIn(played, mutant) }));
  const equivalent = readEquivalentMutants(join(tests, 'mutation/equivalent.json'));
  const { lines, passed } = mutationReport(outcomes, equivalent, only === undefined);
  console.log(lines.join('\n'));
  console.error(seconds());
  return passed;
}

function fateIn({ verdicts }: PoolResult, mutant: Mutant): Outcome['fate'] {
  const verdict = verdicts.get(mutant);
  if (verdict === undefined) return 'not played';
  if (verdict.noticedBy !== undefined) return 'noticed';
  return verdict.readBy === 0 ? 'unread' : 'survived';
}

function warnOfFailingCases({ cases, failing }: PoolResult): void {
  console.error(`${cases} cases, ${failing.length} of them fail already and take no part`);
  failing.forEach((line) => {
    console.error(`  ${line.slice(0, 300).replaceAll('\n', ' ')}`);
  });
}
