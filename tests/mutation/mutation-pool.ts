import { Worker } from 'node:worker_threads';
import type { Mutant } from './mutant.js';
import type { WorkerSays, WorkerTold } from './mutation-worker.js';

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
  /** Names of the cases that noticed, by mutant; undefined: none did. A mutant without an entry was not played. */
  verdicts: ReadonlyMap<Mutant, string | undefined>;
}

/** Plays the mutants on several threads, each with knowledge and cases of its own. */
export async function playMutants(
  mutants: readonly (Mutant & { line: string })[],
  options: PoolOptions,
): Promise<PoolResult> {
  const result = { cases: 0, failing: [] as readonly string[], verdicts: new Map<Mutant, string | undefined>() };
  const waiting = mutants.values();
  const next = () => (Date.now() < options.until ? waiting.next().value : undefined);
  const work = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(new URL('./mutation-worker.js', import.meta.url), {
        workerData: { vignettes: options.vignettes },
      });
      let current: (Mutant & { line: string }) | undefined;
      const goOn = () => {
        current = next();
        if (current === undefined) void worker.terminate();
        else worker.postMessage({ line: current.line, mutant: current } satisfies WorkerTold);
      };
      worker.on('message', (said: WorkerSays) => {
        if ('ready' in said) Object.assign(result, said.ready);
        else if (current !== undefined) {
          result.verdicts.set(current, said.verdict.noticedBy);
          options.onProgress(result.verdicts.size);
        }
        goOn();
      });
      worker.on('error', reject);
      worker.on('exit', () => {
        resolve();
      });
    });
  await Promise.all(Array.from({ length: options.workers }, work));
  return result;
}
