import { parentPort, workerData } from 'node:worker_threads';
import { FOLDERS } from '../../src/folders.js';
import { loadKnowledge } from '../../src/reasoning/knowledge.js';
import type { Mutant } from './mutant.js';
import { MutantJudge, type Verdict } from './mutant-judge.js';
import { THRESHOLDS } from './threshold-mutants.js';
import { vignetteCases } from './vignette-cases.js';

/** What a worker says: once that it is ready, then a verdict on each mutant it was sent. */
export type WorkerSays = { ready: { cases: number; failing: readonly string[] } } | { verdict: Verdict };

// mutation-pool.ts starts this file, and says so.
const { vignettes } = workerData as { vignettes: string };
// Numbers are replaced in what is interpreted: without compiled libraries.
const { compiledElm: _, ...interpreted } = FOLDERS;
const knowledge = loadKnowledge(interpreted);
const cases = vignetteCases(vignettes, knowledge);
const judge = await MutantJudge.open(knowledge, cases, THRESHOLDS);

function say(message: WorkerSays): void {
  parentPort?.postMessage(message);
}

parentPort?.on('message', (mutant: Mutant) => {
  void judge.judge(mutant).then((verdict) => {
    say({ verdict });
  });
});
say({ ready: { cases: cases.length, failing: judge.failing } });
