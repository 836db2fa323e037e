import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type SharedCounts, SharedLimit } from '../../../src/http/shared-limit.js';
import { gate } from '../../support/gate.js';

const WINDOW = new Date('2026-11-22T08:00:00Z');
const NEXT_WINDOW = new Date('2026-11-22T08:01:00Z');

/** The counts of all instances, kept in memory; they can be away. */
class Counts implements SharedCounts {
  readonly sums = new Map<string, number>();
  readonly asked: { caller: string; windowStart: Date; requests: number }[][] = [];
  isAway = false;

  async add(counted: Parameters<SharedCounts['add']>[0]): Promise<number[] | undefined> {
    this.asked.push([...counted]);
    if (this.isAway) return undefined;
    return counted.map(({ caller, windowStart, requests }) => {
      const key = `${caller} ${windowStart.toISOString()}`;
      this.sums.set(key, (this.sums.get(key) ?? 0) + requests);
      return this.sums.get(key)!;
    });
  }
}

describe('a limit that instances share', () => {
  let counts: Counts;
  beforeEach(() => {
    jest.useFakeTimers({ now: WINDOW });
    counts = new Counts();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const instance = (name = 'requests', shared: SharedCounts = counts) =>
    new SharedLimit({ name, windowMs: 60_000, counts: shared, clock: () => new Date() });
  const hits = (limit: SharedLimit, times: number, caller = 'a') =>
    Array.from({ length: times }, () => limit.increment(caller).totalHits);
  const exchanged = () => jest.advanceTimersByTimeAsync(1_000);

  it('counts what came to itself at once, and what came to others within a second', async () => {
    const [one, other] = [instance(), instance()];
    expect(hits(one, 3)).toEqual([1, 2, 3]);
    expect(hits(other, 2)).toEqual([1, 2]);
    await exchanged();
    expect(hits(other, 1)).toEqual([6]);
    await exchanged();
    expect(hits(one, 2)).toEqual([4, 5]);
    await exchanged();
    expect(hits(one, 1)).toEqual([9]);
  });

  it('asks for nothing while nobody calls', async () => {
    const limit = instance();
    hits(limit, 2);
    await jest.advanceTimersByTimeAsync(30_000);
    expect(counts.asked).toEqual([[{ caller: 'requests a', windowStart: WINDOW, requests: 2 }]]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('keeps callers, and limits of another name, apart', async () => {
    const [requests, refusals] = [instance('requests'), instance('refusals')];
    hits(requests, 2, 'a');
    hits(requests, 3, 'b');
    hits(refusals, 4, 'a');
    await exchanged();
    expect([hits(instance('requests'), 1, 'a'), hits(requests, 1, 'b'), hits(refusals, 1, 'a')]).toEqual([
      [1],
      [4],
      [5],
    ]);
    expect(Object.fromEntries(counts.sums)).toEqual({
      'requests a 2026-11-22T08:00:00.000Z': 2,
      'requests b 2026-11-22T08:00:00.000Z': 3,
      'refusals a 2026-11-22T08:00:00.000Z': 4,
    });
  });

  it('begins anew with each minute of the clock, and says when', () => {
    jest.setSystemTime(new Date('2026-11-22T08:00:59.999Z'));
    const limit = instance();
    expect(limit.increment('a')).toEqual({ totalHits: 1, resetTime: NEXT_WINDOW });
    expect(limit.increment('a')).toEqual({ totalHits: 2, resetTime: NEXT_WINDOW });
    jest.setSystemTime(NEXT_WINDOW);
    expect(limit.increment('a')).toEqual({ totalHits: 1, resetTime: new Date('2026-11-22T08:02:00Z') });
  });

  it('takes back what was counted too early', async () => {
    const limit = instance();
    hits(limit, 3);
    limit.decrement('a');
    await exchanged();
    expect(counts.sums.get('requests a 2026-11-22T08:00:00.000Z')).toBe(2);
    limit.decrement('a');
    expect(hits(limit, 1)).toEqual([2]);
    limit.resetKey('a');
    limit.decrement('a');
    expect(hits(limit, 1)).toEqual([1]);
  });

  it('holds by its own counts while the others cannot be asked, and tells them all of it afterwards', async () => {
    const limit = instance();
    counts.isAway = true;
    hits(limit, 3);
    await exchanged();
    expect(hits(limit, 1)).toEqual([4]);
    counts.isAway = false;
    await exchanged();
    expect(counts.sums.get('requests a 2026-11-22T08:00:00.000Z')).toBe(4);
    expect(hits(limit, 1)).toEqual([5]);
  });

  it('waits for no answer, and counts nothing twice that comes meanwhile', async () => {
    const answered = gate();
    const slow: SharedCounts = {
      add: async (counted) => {
        await answered.opened;
        return counts.add(counted);
      },
    };
    const limit = instance('requests', slow);
    hits(limit, 2);
    await exchanged();
    expect(hits(limit, 3)).toEqual([3, 4, 5]);
    answered.pass();
    await exchanged();
    expect(hits(limit, 1)).toEqual([6]);
    await exchanged();
    expect(counts.asked.map(([first]) => first?.requests)).toEqual([2, 4]);
  });

  it('tells of a thousand callers at a time', async () => {
    const limit = instance();
    for (let caller = 0; caller < 1_500; caller += 1) limit.increment(String(caller));
    await exchanged();
    hits(limit, 1, '1499');
    await exchanged();
    expect(counts.asked.map((asked) => asked.length)).toEqual([1_000, 500]);
    expect(counts.sums.size).toBe(1_500);
  });
});
