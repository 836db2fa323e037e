import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type ThreadEnd, WorkerPool, type WorkerPoolOptions } from '../../src/worker-pool.js';
import { IS_BUILT } from '../support/service-process.js';

const SCRIPT = join(import.meta.dirname, '../support/pool-jobs.mjs');
const ROOT = join(import.meta.dirname, '../..');
const LONG_MS = 60_000;
const never = () => new AbortController().signal;

interface Job {
  kind: string;
  [detail: string]: unknown;
}

const opened: WorkerPool<Job, unknown>[] = [];
afterEach(() => Promise.all(opened.splice(0).map((pool) => pool.close())));

function open(options: Partial<WorkerPoolOptions> = {}) {
  const ended: ThreadEnd[] = [];
  const onEnded = (reason: ThreadEnd) => void ended.push(reason);
  const usual = { script: SCRIPT, workers: 1, data: { given: 'at start' }, waitMs: LONG_MS, busyMs: LONG_MS, onEnded };
  const pool = new WorkerPool<Job, unknown>({ ...usual, ...options });
  opened.push(pool);
  return { pool, ended, run: (job: Job, signal = never()) => pool.run(job, { signal }) };
}

const echo = (value: unknown): Job => ({ kind: 'echo', value });
const notReady = (message: string) => expect.objectContaining({ code: 'not-ready', message });
const TOO_LONG = notReady('The answer took too long.');
const TOO_MANY = notReady('Too many large requests are waiting; try again later.');
const STOPPING = notReady('The service is stopping.');

/** A job that keeps its thread until its question is answered. */
function held({ pool }: ReturnType<typeof open>) {
  let release: (reply: unknown) => void = () => undefined;
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const answer = () =>
    new Promise<unknown>((resolve) => {
      release = resolve;
      begin();
    });
  const controller = new AbortController();
  const done = pool.run({ kind: 'ask', question: 'when?' }, { signal: controller.signal, answer });
  return {
    begun,
    done,
    controller,
    release: () => {
      release('now');
    },
  };
}

it('the tests of the pool need the build', () => {
  expect(IS_BUILT).toBe(true);
});

describe('a job', () => {
  it('answers from another thread, which was given its data at its start', async () => {
    const { run } = open();
    expect(await run(echo('said'))).toBe('said');
    expect(await run({ kind: 'data' })).toEqual({ given: 'at start' });
    expect(await run({ kind: 'thread' })).not.toBe(0);
  });

  it('is handed memory instead of copying it', async () => {
    const { pool } = open();
    const bytes = new Uint8Array([1, 2, 3]);
    expect(await pool.run(echo(bytes), { signal: never(), transfer: [bytes.buffer] })).toEqual(
      new Uint8Array([1, 2, 3]),
    );
    expect(bytes.byteLength).toBe(0);
  });

  it('refuses with the code and the words it refused with in its thread', async () => {
    await expect(open().run({ kind: 'refuse' })).rejects.toMatchObject({
      name: 'ServiceError',
      code: 'malformed-request',
      message: 'The body is not as it should be.',
    });
  });

  it('fails with what it threw, and the thread goes on', async () => {
    const { run, ended } = open();
    const before = await run({ kind: 'thread' });
    await expect(run({ kind: 'fail' })).rejects.toMatchObject({ name: 'TypeError', message: 'unforeseen' });
    expect(await run({ kind: 'thread' })).toBe(before);
    expect(ended).toEqual([]);
  });

  it('asks the thread that ordered it', async () => {
    const { pool } = open();
    const answer = async (question: unknown) => ({ to: question });
    const asked = pool.run({ kind: 'ask', question: 'who?' }, { signal: never(), answer });
    expect(await asked).toEqual({ to: 'who?' });
  });

  it('may end without waiting for what it asked', async () => {
    const { pool, run } = open();
    const answer = async () => 'too late';
    expect(await pool.run({ kind: 'askInPassing' }, { signal: never(), answer })).toBe('done');
    expect(await run(echo('next'))).toBe('next');
  });

  it('fails when it asks where nobody answers', async () => {
    await expect(open().run({ kind: 'ask', question: 'who?' })).rejects.toThrow('The question could not be answered.');
  });
});

describe('a busy thread', () => {
  it('has its own time from when it begins, however long its start took', async () => {
    const { run, ended } = open({ busyMs: 150, data: { startsForMs: 1_000 } });
    expect(await run(echo('begun late'))).toBe('begun late');
    await expect(run({ kind: 'spin' })).rejects.toEqual(TOO_LONG);
    expect(ended).toEqual(['too-busy']);
  });

  it('is ended when it is busy for too long, and the next job runs in another', async () => {
    const { run, ended } = open({ busyMs: 200 });
    const before = await run({ kind: 'thread' });
    await expect(run({ kind: 'spin' })).rejects.toEqual(TOO_LONG);
    expect(ended).toEqual(['too-busy']);
    expect(await run({ kind: 'thread' })).not.toBe(before);
  });

  it('does not count the time it waits for a reply', async () => {
    const { pool, ended } = open({ busyMs: 1_500 });
    const answer = () => new Promise<unknown>((resolve) => setTimeout(resolve, 3_000, 'late'));
    expect(await pool.run({ kind: 'busyAroundQuestion', before: 50, after: 50 }, { signal: never(), answer })).toBe(
      'late',
    );
    expect(ended).toEqual([]);
  });

  it('counts what comes after the reply', async () => {
    const { pool, ended } = open({ busyMs: 300 });
    const asked: unknown[] = [];
    const answer = async (question: unknown) => asked.push(question);
    const run = pool.run({ kind: 'busyAroundQuestion', before: 0, after: LONG_MS }, { signal: never(), answer });
    await expect(run).rejects.toEqual(TOO_LONG);
    expect([asked, ended]).toEqual([['between'], ['too-busy']]);
  });

  it('is ended alone when it needs too much memory, and the next job runs', async () => {
    const { run, ended } = open({ heapMB: 32 });
    await expect(run({ kind: 'hoard' })).rejects.toMatchObject({ name: 'ServiceError', code: 'too-large' });
    expect(ended).toEqual(['out-of-memory']);
    expect(await run(echo('next'))).toBe('next');
  });
});

describe('the room for young objects', () => {
  it('of a thread is its own, whatever the command line gives to the main thread', () => {
    const code = `
      import { WorkerPool } from './dist/worker-pool.js';
      const pool = new WorkerPool({ script: '${SCRIPT}', workers: 1, data: {}, waitMs: 60000, busyMs: 60000 });
      console.log(await pool.run({ kind: 'youngRoom' }, { signal: new AbortController().signal }));
      await pool.close();`;
    const flags = ['--max-semi-space-size=1', '--input-type=module', '--eval', code];
    const printed = execFileSync(process.execPath, flags, { cwd: ROOT, encoding: 'utf8' });
    // Two halves of 16 MB, of which the second is there once the first was full; of 1 MB each it would be 2.
    expect(Number(printed)).toBeGreaterThanOrEqual(16);
  });
});

describe('the turns', () => {
  it('come in the order in which the jobs came', async () => {
    const order: unknown[] = [];
    const { run } = open();
    await Promise.all([1, 2, 3, 4, 5].map((value) => run(echo(value)).then((said) => order.push(said))));
    expect(order).toEqual([1, 2, 3, 4, 5]);
  });

  it('are refused at once where too many wait, and those who wait are served', async () => {
    const one = open({ mostWaiting: 2 });
    const first = held(one);
    await first.begun;
    const waiting = [one.run(echo('second')), one.run(echo('third'))];
    await expect(one.run(echo('one too many'))).rejects.toEqual(TOO_MANY);
    first.release();
    expect(await Promise.all([first.done, ...waiting])).toEqual(['now', 'second', 'third']);
  });

  it('are 64 unless told otherwise', async () => {
    const one = open();
    const first = held(one);
    await first.begun;
    const waiting = Array.from({ length: 64 }, (_, number) => one.run(echo(number)));
    await expect(one.run(echo('one too many'))).rejects.toEqual(TOO_MANY);
    first.release();
    expect(await Promise.all(waiting)).toHaveLength(64);
  });

  it('are refused when they do not come in time', async () => {
    const one = open({ waitMs: 100 });
    const first = held(one);
    await first.begun;
    await expect(one.run(echo('too late'))).rejects.toEqual(TOO_MANY);
    first.release();
    expect(await first.done).toBe('now');
  });

  it('are given up when nobody waits for the answer, and the next one comes', async () => {
    const one = open();
    const first = held(one);
    await first.begun;
    const gone = new AbortController();
    const second = one.run(echo('never'), gone.signal);
    const third = one.run(echo('third'));
    gone.abort(new Error('the client has gone'));
    await expect(second).rejects.toThrow('the client has gone');
    first.release();
    expect(await third).toBe('third');
  });
});

it('a job under way is told that nobody waits, and its thread is kept', async () => {
  const { pool, run, ended } = open();
  const before = await run({ kind: 'thread' });
  const controller = new AbortController();
  const stopping = pool.run({ kind: 'waitForStop' }, { signal: controller.signal, answer: async () => 'nothing' });
  setTimeout(() => {
    controller.abort();
  }, 50);
  expect(await stopping).toBe('The answer is not waited for any more.');
  expect([await run({ kind: 'thread' }), ended]).toEqual([before, []]);
});

describe('a pool that is closed', () => {
  it('ends what runs, refuses what waits and takes nothing more', async () => {
    const one = open();
    const first = held(one);
    await first.begun;
    const waiting = one.run(echo('waits'));
    const results = Promise.allSettled([first.done, waiting]);
    await one.pool.close();
    const refused = { status: 'rejected', reason: STOPPING };
    expect(await results).toEqual([refused, refused]);
    await expect(one.run(echo('late'))).rejects.toEqual(STOPPING);
    expect(one.ended).toEqual([]);
  });
});
