import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { BusyTime } from '../../src/busy-time.js';

/** Milliseconds of the clock that all threads have. */
let now = 0;

beforeEach(() => {
  now = 1_000_000;
  jest.useFakeTimers();
  jest.spyOn(process.hrtime, 'bigint').mockImplementation(() => BigInt(now) * 1_000_000n);
});
afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});

async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 10) {
    now += 10;
    await jest.advanceTimersByTimeAsync(10);
  }
}

/** A job that is given `ms`, begun at a moment or not yet; when its time was over, counted from its order. */
function ordered(ms: number) {
  const at = now;
  const over: number[] = [];
  const job: { begunAt: number | undefined } = { begunAt: undefined };
  const busy = new BusyTime(ms, job, () => over.push(now - at));
  return {
    busy,
    over,
    begin: () => {
      job.begunAt = now;
    },
  };
}

describe('a thread that does not begin', () => {
  it.each([50, 4_000, 45_000])('has ten seconds, where it may be busy for %i ms', async (ms) => {
    const { over } = ordered(ms);
    await pass(9_990);
    expect(over).toEqual([]);
    await pass(ms);
    expect(over[0]).toBeGreaterThanOrEqual(10_000);
    expect(over[0]).toBeLessThanOrEqual(10_010);
  });

  it('has its own time once it has begun, however late', async () => {
    const { over, begin } = ordered(300);
    await pass(5_000);
    begin();
    await pass(290);
    expect(over).toEqual([]);
    await pass(310);
    expect(over).toHaveLength(1);
  });
});

describe('a busy thread', () => {
  it('has its time to the end', async () => {
    const { over, begin } = ordered(300);
    begin();
    await pass(290);
    expect(over).toEqual([]);
    await pass(20);
    expect(over).toEqual([300]);
  });

  it('is not counted from the first question to the last reply', async () => {
    const { busy, over, begin } = ordered(300);
    begin();
    await pass(100);
    const replies: (() => void)[] = [];
    const reply = () => busy.except(new Promise<void>((resolve) => void replies.push(resolve)));
    const both = Promise.all([reply(), reply()]);
    await pass(1_000);
    replies[0]?.();
    await pass(1_000);
    replies[1]?.();
    await both;
    await pass(190);
    expect(over).toEqual([]);
    await pass(20);
    expect(over).toEqual([2_300]);
  });

  it('is left alone once the job has ended, with a reply still to come', async () => {
    const { busy, over, begin } = ordered(300);
    begin();
    let reply: () => void = () => undefined;
    const waited = busy.except(new Promise<void>((resolve) => void (reply = resolve)));
    busy.stop();
    reply();
    await waited;
    await pass(20_000);
    expect(over).toEqual([]);
  });
});
