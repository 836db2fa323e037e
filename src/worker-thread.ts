import { MessageChannel, type MessagePort, parentPort } from 'node:worker_threads';
import { ServiceError, type ServiceErrorCode } from './errors.js';
import { JobSlip } from './job-slip.js';

/** What a thread is given. */
export interface Ordered<Job> {
  id: number;
  job: Job;
  slip: SharedArrayBuffer;
}

/** Says that a job has something to ask, and where it hears the replies. */
export interface Calling {
  id: number;
  port: MessagePort;
}

/** What a job that asks and the thread that ordered it say to each other. */
export type ToThread = { stop: true } | { id: number; reply: unknown } | { id: number; failed: true };
export interface FromThread {
  id: number;
  question: unknown;
}

/** An error loses its class between threads, so one of ours goes as a value. */
export type Outcome<Result> = { result: Result } | { refused: { code: ServiceErrorCode; message: string } };

/** What a job knows of whoever ordered it. */
export interface Desk {
  /** Aborted when the answer is of no use any more; heard while a job waits for a reply. */
  signal: AbortSignal;
  /** Asks the ordering thread; the time until its reply is not the job's. */
  ask: (question: unknown) => Promise<unknown>;
  /** Leaves what can be read at once, whatever becomes of the job: one thing, of less than a kilobyte of JSON. */
  note: (noted: unknown) => void;
}

interface Line {
  ask: Desk['ask'];
  close: () => void;
}

/** The `work` of a module that a `WorkerPool` runs. */
export function threadWork<Job, Result>(
  work: (job: Job, desk: Desk) => Promise<Result>,
): (ordered: Ordered<Job>) => Promise<Outcome<Result>> {
  return async ({ id, job, slip: memory }) => {
    const slip = new JobSlip(memory);
    slip.begin();
    const stopping = new AbortController();
    // Most jobs ask nothing, and a channel costs as much as a small job.
    let line: Line | undefined;
    const ask = (question: unknown) => (line ??= openLine(id, stopping)).ask(question);
    const note = (noted: unknown) => {
      slip.note(noted);
    };
    try {
      return { result: await work(job, { signal: stopping.signal, ask, note }) };
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      return { refused: { code: error.code, message: error.message } };
    } finally {
      line?.close();
    }
  };
}

function openLine(job: number, stopping: AbortController): Line {
  const { port1: ours, port2: theirs } = new MessageChannel();
  const asked = new Map<number, { resolve: (reply: unknown) => void; reject: (error: Error) => void }>();
  ours.on('message', (said: ToThread) => {
    if ('stop' in said) {
      stopping.abort(new ServiceError('not-ready', 'The answer is not waited for any more.'));
      return;
    }
    if ('reply' in said) asked.get(said.id)?.resolve(said.reply);
    else asked.get(said.id)?.reject(new Error('The question could not be answered.'));
    asked.delete(said.id);
  });
  const calling: Calling = { id: job, port: theirs };
  parentPort?.postMessage(calling, [theirs]);
  let questions = 0;
  const ask = (question: unknown) =>
    new Promise<unknown>((resolve, reject) => {
      questions += 1;
      asked.set(questions, { resolve, reject });
      const said: FromThread = { id: questions, question };
      ours.postMessage(said);
    });
  return {
    ask,
    close: () => {
      ours.close();
    },
  };
}
