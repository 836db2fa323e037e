import type { MessagePort } from 'node:worker_threads';
import { ServiceError, type ServiceErrorCode } from './errors.js';

/** What a job and the thread that ordered it say to each other. */
export type ToThread = { stop: true } | { id: number; reply: unknown } | { id: number; failed: true };
export type FromThread = { begun: true } | { told: unknown } | { id: number; question: unknown };

/** An error loses its class between threads, so one of ours goes as a value. */
export type Outcome<Result> = { result: Result } | { refused: { code: ServiceErrorCode; message: string } };

/** What a job knows of whoever ordered it. */
export interface Desk {
  /** Aborted when the answer is of no use any more. */
  signal: AbortSignal;
  /** Asks the ordering thread; the time until its reply is not the job's. */
  ask: (question: unknown) => Promise<unknown>;
  /** Tells it something at once, whatever becomes of the job. */
  tell: (told: unknown) => void;
}

interface Ordered<Job> {
  job: Job;
  port: MessagePort;
}

/** The `work` of a module that a `WorkerPool` runs. */
export function threadWork<Job, Result>(
  work: (job: Job, desk: Desk) => Promise<Result>,
): (ordered: Ordered<Job>) => Promise<Outcome<Result>> {
  return async ({ job, port }) => {
    say(port, { begun: true });
    try {
      return { result: await work(job, deskAt(port)) };
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      return { refused: { code: error.code, message: error.message } };
    } finally {
      port.close();
    }
  };
}

function deskAt(port: MessagePort): Desk {
  const stopping = new AbortController();
  const asked = new Map<number, { resolve: (reply: unknown) => void; reject: (error: Error) => void }>();
  port.on('message', (said: ToThread) => {
    if ('stop' in said) {
      stopping.abort(new ServiceError('not-ready', 'The answer is not waited for any more.'));
      return;
    }
    if ('reply' in said) asked.get(said.id)?.resolve(said.reply);
    else asked.get(said.id)?.reject(new Error('The question could not be answered.'));
    asked.delete(said.id);
  });
  let questions = 0;
  const ask = (question: unknown) =>
    new Promise<unknown>((resolve, reject) => {
      questions += 1;
      asked.set(questions, { resolve, reject });
      say(port, { id: questions, question });
    });
  const tell = (told: unknown) => {
    say(port, { told });
  };
  return { signal: stopping.signal, ask, tell };
}

function say(port: MessagePort, message: FromThread): void {
  port.postMessage(message);
}
