import { parentPort, workerData } from 'node:worker_threads';
import { FOLDERS } from '../../src/compose.js';
import { loadKnowledge } from '../../src/reasoning/knowledge.js';
import type { Mutant } from './mutant.js';
import { MutantJudge } from './mutant-judge.js';
import { THRESHOLDS } from './threshold-mutants.js';
import { vignetteCases } from './vignette-cases.js';

/** What a worker says: once that it is ready, then one verdict for each mutant it was sent. */
export type WorkerSays =
  | { ready: { cases: number; failing: readonly string[] } }
  | { verdict: { line: string; noticedBy: string | undefined } };

/** What a worker is told. */
export interface WorkerTold {
  line: string;
  mutant: Mutant;
}

// mutation-pool.ts starts this file, and says so.
const { vignettes } = workerData as { vignettes: string };
const knowledge = loadKnowledge(FOLDERS);
const cases = vignetteCases(vignettes, knowledge);
const judge = await MutantJudge.open(knowledge, cases, THRESHOLDS);

function say(message: WorkerSays): void {
  parentPort?.postMessage(message);
}

parentPort?.on('message', ({ line, mutant }: WorkerTold) => {
  void judge.noticedBy(mutant).then((noticedBy) => {
    say({ verdict: { line, noticedBy } });
  });
});
say({ ready: { cases: cases.length, failing: judge.failing } });
