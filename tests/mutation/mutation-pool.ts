import { Worker } from 'node:worker_threads';
import type { Mutant } from './mutant.js';
import type { Verdict } from './mutant-judge.js';
import type { WorkerSays } from './mutation-worker.js';

export interface PoolOptions {
  workers: number;
  /** Folder of the cases. */
  vignettes: string;
  /** Milliseconds since the epoch: after this no mutant is begun. */
  until: number;
  /** Told after each mutant how many are done. */
  onProgress: (done: number) => void;
}

export interface PoolResult {
  cases: number;
  /** Cases that fail on the right numbers. */
  failing: readonly string[];
  /** A mutant without an entry was not played. */
  verdicts: ReadonlyMap<Mutant, Verdict>;
}

/** Plays the mutants on several threads, each with knowledge and cases of its own. */
export async function playMutants(mutants: readonly Mutant[], options: PoolOptions): Promise<PoolResult> {
  const found = { cases: 0, failing: [] as readonly string[], verdicts: new Map<Mutant, Verdict>() };
  const waiting = mutants.values();
  const next = () => (Date.now() < options.until ? waiting.next().value : undefined);
  const work = async () => {
    const worker = new Worker(new URL('./mutation-worker.js', import.meta.url), {
      workerData: { vignettes: options.vignettes },
    });
    let current: Mutant | undefined;
    worker.on('message', (said: WorkerSays) => {
      if ('ready' in said) Object.assign(found, said.ready);
      else if (current !== undefined) found.verdicts.set(current, said.verdict);
      if (current !== undefined) options.onProgress(found.verdicts.size);
      current = next();
      if (current === undefined) void worker.terminate();
      else worker.postMessage(current);
    });
    await new Promise<void>((resolve, reject) => {
      worker.on('error', reject);
      worker.on('exit', () => {
        resolve();
      });
    });
  };
  await Promise.all(Array.from({ length: options.workers }, work));
  return found;
}
