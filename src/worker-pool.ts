import { EventEmitter } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import type { MessagePort, Transferable } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { BusyTime } from './busy-time.js';
import { ServiceError } from './errors.js';
import { JobSlip } from './job-slip.js';
import { Turns } from './turns.js';
import type { Calling, FromThread, Ordered, Outcome, ToThread } from './worker-thread.js';

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
  /** Ends the waiting; a job that asks is told, and any ends by itself or when it has been busy for too long. */
  signal: AbortSignal;
  /** Handed over instead of copied. */
  transfer?: readonly Transferable[];
  /** Answers what the job asks; the time it waits for that does not count as busy. */
  answer?: (question: unknown) => Promise<unknown>;
  /** What the job notes is read here, also when it is ended. */
  slip?: JobSlip;
}

/** What is done about one job in its thread. */
interface UnderWay {
  signal: AbortSignal;
  answer: NonNullable<JobOptions['answer']>;
  busy: BusyTime;
  /** There once the job has asked something. */
  port?: MessagePort;
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
  readonly #threads: Piscina<Ordered<Job>, Outcome<Result>>;
  readonly #underWay = new Map<number, UnderWay>();
  #lastId = 0;

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
    this.#threads.on('message', ({ id, port }: Calling) => {
      const job = this.#underWay.get(id);
      if (job === undefined) port.close();
      else listenTo(job, port);
    });
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

  async #inThread(
    job: Job,
    { signal, transfer = [], answer = refuse, slip = new JobSlip() }: JobOptions,
  ): Promise<Outcome<Result>> {
    const id = (this.#lastId += 1);
    let isTooBusy = false;
    // Piscina takes an emitter in place of an AbortSignal, which would cost many times as much.
    const end = new EventEmitter();
    const busy = new BusyTime(this.#options.busyMs, slip, () => {
      isTooBusy = true;
      end.emit('abort');
    });
    const underWay: UnderWay = { signal, answer, busy };
    this.#underWay.set(id, underWay);
    try {
      return await this.#threads.run({ id, job, slip: slip.memory }, { transferList: [...transfer], signal: end });
    } catch (error) {
      throw this.#meaningOf(error, isTooBusy);
    } finally {
      busy.stop();
      this.#underWay.delete(id);
      underWay.port?.close();
    }
  }

  #meaningOf(cause: unknown, isTooBusy: boolean): unknown {
    if (this.#turns.isClosed) return new ServiceError('not-ready', 'The service is stopping.', { cause });
    if (isTooBusy) {
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

/** Answers what a job asks, and tells it when its answer is not waited for any more. */
function listenTo(job: UnderWay, port: MessagePort): void {
  const { signal, answer, busy } = job;
  job.port = port;
  const tell = (message: ToThread) => {
    port.postMessage(message);
  };
  const stop = () => {
    tell({ stop: true });
  };
  port.on('message', (said: FromThread) => void busy.except(replyTo(said, answer)).then(tell));
  port.once('close', () => {
    signal.removeEventListener('abort', stop);
  });
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
}

async function replyTo({ id, question }: FromThread, answer: UnderWay['answer']): Promise<ToThread> {
  try {
    return { id, reply: await answer(question) };
  } catch {
    return { id, failed: true };
  }
}

function refuse(): Promise<never> {
  return Promise.reject(new Error('This job has nobody to ask.'));
}
