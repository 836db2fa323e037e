/** Jobs of every kind for the tests of the worker pool; a pool runs it as it runs `advise-worker`. */
import { getHeapSpaceStatistics } from 'node:v8';
import { threadId, workerData } from 'node:worker_threads';
import { ServiceError } from '../../dist/errors.js';
import { threadWork } from '../../dist/worker-thread.js';

/** A module that takes its time to load. */
spinFor(workerData.startsForMs ?? 0);

const jobs = {
  echo: ({ value }) => value,
  thread: () => threadId,
  data: () => workerData,
  /** The megabytes of room for young objects, once so many have lasted that it has grown as far as it may. */
  youngRoom() {
    const kept = [];
    for (let index = 0; index < 600_000; index += 1) kept.push({ index });
    const { space_size: size } = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
    return Math.round((kept.length > 0 ? size : 0) / 1024 / 1024);
  },
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
  /** Asks, and whatever the reply goes on until it is told that nobody waits. */
  waitForStop: (_job, { signal, ask }) =>
    new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve(signal.reason.message));
      void ask('anything more?');
    }),
  note({ value }, { note }) {
    note(value);
    return 'noted';
  },
  async noteAndAsk({ value }, { note, ask }) {
    note(value);
    await ask('what now?');
    return new Promise(() => undefined);
  },
  /** Notes, and goes on until its thread is ended. */
  noteAndSpin({ value }, { note }) {
    note(value);
    for (;;);
  },
  /** Asks and does not wait for the reply. */
  askInPassing(_job, { ask }) {
    void ask('by the way?');
    return 'done';
  },
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
