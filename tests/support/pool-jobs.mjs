/** Jobs of every kind for the tests of the worker pool; a pool runs it as it runs `advise-worker`. */
import { threadId, workerData } from 'node:worker_threads';
import { ServiceError } from '../../dist/errors.js';
import { threadWork } from '../../dist/worker-thread.js';

const jobs = {
  echo: ({ value }) => value,
  thread: () => threadId,
  data: () => workerData,
  spin() {
    for (;;);
  },
  hoard() {
    const kept = [];
    for (;;) kept.push(new Array(100_000).fill(kept.length));
  },
  refuse() {
    throw new ServiceError('malformed-request', 'The body is not as it should be.');
  },
  fail() {
    throw new TypeError('unforeseen');
  },
  /** Asks, and answers what it was told. */
  ask: ({ question }, { ask }) => ask(question),
  /** Until it is told that nobody waits. */
  waitForStop: (_job, { signal }) =>
    new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve(signal.reason.message));
    }),
  /** Busy for some milliseconds, then asks, then busy again. */
  async busyAroundQuestion({ before, after }, { ask }) {
    spinFor(before);
    const reply = await ask('between');
    spinFor(after);
    return reply;
  },
};

function spinFor(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

export const work = threadWork(async (job, desk) => jobs[job.kind](job, desk));
