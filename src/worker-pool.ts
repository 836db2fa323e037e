import { setFlagsFromString } from 'node:v8';
import { MessageChannel, type MessagePort, type Transferable } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { BusyTime } from './busy-time.js';
import { ServiceError } from './errors.js';
import { Turns } from './turns.js';
import type { FromThread, Outcome, ToThread } from './worker-thread.js';

export interface WorkerPoolOptions {
  /** Path of a module that exports `work`, made with `threadWork`. */
  script: string;
  /** Threads at most; they start when they are needed. */
  workers: number;
  /** The `workerData` of each thread. */
  data: unknown;
  /** How long a job may wait for its turn, and how long it may keep its thread busy. */
  waitMs: number;
  busyMs: number;
  /** Jobs that may wait at once: 64 when absent. */
  mostWaiting?: number;
  /** Of one thread, which is ended when it needs more: 128 when absent. */
  heapMB?: number;
  /** Told of a thread that was ended, or that could not start. */
  onEnded?: (reason: ThreadEnd) => void;
}

export type ThreadEnd = 'too-busy' | 'out-of-memory' | 'failed';

export interface JobOptions {
  /** Ends the waiting; a job under way is told, and ends by itself or when it has been busy for too long. */
  signal: AbortSignal;
  /** Handed over instead of copied. */
  transfer?: readonly Transferable[];
  /** Answers what the job asks; the time it waits for that does not count as busy. */
  answer?: (question: unknown) => Promise<unknown>;
  /** Told what the job says while it is under way. */
  onTold?: (told: unknown) => void;
}

const MOST_WAITING = 64;
const HEAP_MB = 128;
/** Beside it, of young objects: Node's own measure. In less room a long chart is copied again and again while it is read. */
const YOUNG_MB = 48;
/** A thread that had nothing to do for so long gives its memory back. */
const IDLE_MS = 300_000;

/**
 * Runs jobs in threads, one at a time in each: what takes too long or too much memory costs its own thread alone.
 *
 * `run` throws `not-ready` when too many jobs wait, when a job waits or is busy for too long, and when the pool is closed;
 * `too-large` when it needs too much memory; else what the job threw.
 */
export class WorkerPool<Job, Result> {
  readonly #options: WorkerPoolOptions;
  readonly #turns: Turns;
  readonly #threads: Piscina<{ job: Job; port: MessagePort }, Outcome<Result>>;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    const { workers, waitMs, mostWaiting = MOST_WAITING, heapMB = HEAP_MB } = options;
    // Piscina sets no limit to the waiting of jobs that can be aborted, and starts no thread for them when it has ended
    // one, so a job reaches it when a thread is free.
    this.#turns = new Turns({ atOnce: workers, mostWaiting, waitMs });
    // What the command line says of the main thread would hold in every thread, whatever its limits are.
    setFlagsFromString('--max-semi-space-size=0');
    this.#threads = new Piscina({
      filename: options.script,
      name: 'work',
      minThreads: 0,
      maxThreads: workers,
      idleTimeout: IDLE_MS,
      recordTiming: false,
      workerData: options.data,
      resourceLimits: { maxOldGenerationSizeMb: heapMB, maxYoungGenerationSizeMb: YOUNG_MB },
    });
    this.#threads.on('error', () => options.onEnded?.('failed'));
  }

  async run(job: Job, options: JobOptions): Promise<Result> {
    await this.#turns.wait(options.signal);
    try {
      return resultOf(await this.#inThread(job, options));
    } finally {
      this.#turns.pass();
    }
  }

  /** Refuses who waits and ends what runs: to be called when nobody waits for an answer any more. */
  async close(): Promise<void> {
    this.#turns.close();
    await this.#threads.destroy();
  }

  async #inThread(job: Job, { signal, transfer = [], answer = refuse, onTold }: JobOptions): Promise<Outcome<Result>> {
    const { port1: ours, port2: theirs } = new MessageChannel();
    const end = new AbortController();
    const busy = new BusyTime(this.#options.busyMs, () => {
      end.abort();
    });
    const tell = (message: ToThread) => {
      ours.postMessage(message);
    };
    const stop = () => {
      tell({ stop: true });
    };
    ours.on('message', (said: FromThread) => {
      if ('begun' in said) busy.begin();
      else if ('told' in said) onTold?.(said.told);
      else void busy.except(replyTo(said, answer)).then(tell);
    });
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await this.#threads.run(
        { job, port: theirs },
        { transferList: [theirs, ...transfer], signal: end.signal },
      );
    } catch (error) {
      throw this.#meaningOf(error, end.signal);
    } finally {
      busy.stop();
      signal.removeEventListener('abort', stop);
      ours.close();
    }
  }

  #meaningOf(cause: unknown, { aborted }: AbortSignal): unknown {
    if (this.#turns.isClosed) return new ServiceError('not-ready', 'The service is stopping.', { cause });
    if (aborted) {
      this.#options.onEnded?.('too-busy');
      return new ServiceError('not-ready', 'The answer took too long.', { cause });
    }
    if (!isOutOfMemory(cause)) return cause;
    this.#options.onEnded?.('out-of-memory');
    return new ServiceError('too-large', 'The request needs more memory than it may have.', { cause });
  }
}

function resultOf<Result>(outcome: Outcome<Result>): Result {
  if ('result' in outcome) return outcome.result;
  throw new ServiceError(outcome.refused.code, outcome.refused.message);
}

function isOutOfMemory(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}

async function replyTo(
  { id, question }: { id: number; question: unknown },
  answer: NonNullable<JobOptions['answer']>,
): Promise<ToThread> {
  try {
    return { id, reply: await answer(question) };
  } catch {
    return { id, failed: true };
  }
}

function refuse(): Promise<never> {
  return Promise.reject(new Error('This job has nobody to ask.'));
}
