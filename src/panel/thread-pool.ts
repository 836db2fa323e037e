import { Worker } from 'node:worker_threads';
import { ServiceError, type ServiceErrorCode } from '../errors.js';

/** What a thread says: that it is ready, or the answer to the one job it has. */
export type FromThread<Result> =
  { ready: true } | { result: Result } | { failed: { code: ServiceErrorCode; message: string } };

interface Waiting {
  go: (worker: Worker) => void;
  refuse: (error: Error) => void;
}

/** A few threads of one script, each with one job at a time. */
export class ThreadPool<Job, Result> {
  readonly #workers: readonly Worker[];
  readonly #idle: Worker[] = [];
  readonly #waiting: Waiting[] = [];
  readonly #failing = new Map<Worker, (error: Error) => void>();
  #broken: Error | undefined;

  constructor(script: URL, { count, data }: { count: number; data: unknown }) {
    this.#workers = Array.from({ length: count }, () => this.#started(script, data));
  }

  /** @throws ServiceError what the thread could not start for; `data-not-available` when it ended without an answer */
  async run(job: Job, transfer: readonly ArrayBuffer[] = []): Promise<Result> {
    const worker = await this.#free();
    return new Promise((resolve, reject) => {
      this.#failing.set(worker, reject);
      worker.once('message', (said: FromThread<Result>) => {
        this.#failing.delete(worker);
        this.#release(worker);
        if ('result' in said) resolve(said.result);
        else reject(unexpected());
      });
      worker.postMessage(job, transfer);
    });
  }

  async close(): Promise<void> {
    this.#broken ??= new Error('The threads are closed.');
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #started(script: URL, data: unknown): Worker {
    const worker = new Worker(script, { workerData: data });
    worker.once('message', (said: FromThread<Result>) => {
      if ('ready' in said) this.#release(worker);
      else this.#break('failed' in said ? new ServiceError(said.failed.code, said.failed.message) : unexpected());
    });
    worker.on('error', (cause) => {
      this.#break(new ServiceError('data-not-available', 'A thread ended without an answer.', { cause }));
    });
    return worker;
  }

  #free(): Promise<Worker> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    const worker = this.#idle.pop();
    if (worker !== undefined) return Promise.resolve(worker);
    return new Promise((go, refuse) => {
      this.#waiting.push({ go, refuse });
    });
  }

  #release(worker: Worker): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(worker);
    else next.go(worker);
  }

  #break(error: Error): void {
    this.#broken ??= error;
    for (const refuse of this.#failing.values()) refuse(error);
    for (const { refuse } of this.#waiting) refuse(error);
  }
}

/**
 * Runs every job and answers in the order of the jobs; no more of them are taken than `atOnce`, however slow the reader.
 */
export async function* inOrder<Job, Result>(
  jobs: AsyncIterable<Job>,
  run: (job: Job) => Promise<Result>,
  atOnce: number,
): AsyncGenerator<Result> {
  const running: Promise<Result>[] = [];
  for await (const job of jobs) {
    const answer = run(job);
    // It is awaited in its turn; until then its failure is nobody's.
    answer.catch(() => undefined);
    running.push(answer);
    if (running.length < atOnce) continue;
    const [first] = running.splice(0, 1);
    if (first !== undefined) yield await first;
  }
  for (const answer of running) yield await answer;
}

function unexpected(): Error {
  return new Error('A thread said what it should not.');
}
