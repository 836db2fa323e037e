import { join } from 'node:path';
import type { AskedFor } from '../../src/http/call-record.js';
import type { LargeBodies, LargeCall } from '../../src/http/large-body.js';
import { JobSlip } from '../../src/job-slip.js';
import { type ThreadEnd, WorkerPool, type WorkerPoolOptions } from '../../src/worker-pool.js';

const SCRIPT = join(import.meta.dirname, 'pool-jobs.mjs');
const LONG_MS = 60_000;

/** The job a body of these tests asks its thread for, see `pool-jobs.mjs`. */
export interface Job {
  kind: string;
  [detail: string]: unknown;
}

export interface LargeHooks {
  large: LargeBodies;
  /** Why threads were ended. */
  threadsEnded: ThreadEnd[];
  /** The kinds of the jobs taken, in order: under way or in line. */
  taken: string[];
  /** Questions that the jobs asked; what they are answered with is decided by `reply`. */
  asked: unknown[];
  close: () => Promise<void>;
}

/** Every body is large, and is the description of a job for a thread: to try what no chart does. */
export function largeHooks(
  options: Partial<WorkerPoolOptions> = {},
  reply: (question: unknown) => Promise<unknown> = async () => 'a reply',
): LargeHooks {
  const ended: ThreadEnd[] = [];
  const taken: string[] = [];
  const asked: unknown[] = [];
  const usual = { script: SCRIPT, workers: 1, data: {}, waitMs: LONG_MS, busyMs: LONG_MS };
  const onEnded = (reason: ThreadEnd) => void ended.push(reason);
  const pool = new WorkerPool<Job, unknown>({ ...usual, onEnded, ...options });
  const run = async (body: Buffer, { signal, noteAsked }: LargeCall) => {
    const slip = new JobSlip<AskedFor>();
    noteAsked?.(() => slip.noted);
    const answer = (question: unknown) => {
      asked.push(question);
      return reply(question);
    };
    const job: Job = JSON.parse(body.toString());
    taken.push(job.kind);
    const text = JSON.stringify(await pool.run(job, { signal, answer, slip }));
    return { text, asked: { instance: 'none', patientId: 'none' } };
  };
  const large: LargeBodies = {
    from: { advise: 0, explain: 0 },
    advise: async (body, _hook, call) => ({ ...(await run(body, call)), cards: [] }),
    explain: run,
  };
  return { large, threadsEnded: ended, taken, asked, close: () => pool.close() };
}
