import type { ClientRateLimitInfo, Store } from 'express-rate-limit';

/** What instances share. */
export interface SharedCounts {
  /** Adds requests to what all instances have counted and answers the sums; undefined while that cannot be done. */
  add(counted: readonly { caller: string; windowStart: Date; requests: number }[]): Promise<number[] | undefined>;
}

export interface SharedLimitOptions {
  /** Which limit it is: counts of one are not those of another. */
  name: string;
  windowMs: number;
  counts: SharedCounts;
  clock: () => Date;
}

interface Count {
  /** What all instances had counted when they were last asked. */
  shared: number;
  /** What came here since. */
  unshared: number;
}

/** What others admit meanwhile is the most by which a limit can be passed. */
const SHARE_EVERY_MS = 1_000;
/** Of callers in one statement; the others come with the next. */
const MOST_SHARED = 1_000;

/**
 * Counts requests for a limit that all instances hold together, in windows of the clock.
 *
 * No request waits for the database: counts are exchanged in the background. While it is away, each instance holds the
 * limit by what it has counted itself: neither open to a flood nor closed to clinicians.
 */
export class SharedLimit implements Store {
  readonly localKeys = false;
  readonly #options: SharedLimitOptions;
  #windowStart = 0;
  #callers = new Map<string, Count>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SharedLimitOptions) {
    this.#options = options;
  }

  increment(caller: string): ClientRateLimitInfo & { resetTime: Date } {
    const count = this.#countOf(caller);
    count.unshared += 1;
    if (this.#timer === undefined) this.#timer = setTimeout(() => void this.#share(), SHARE_EVERY_MS).unref();
    const totalHits = Math.max(1, count.shared + count.unshared);
    return { totalHits, resetTime: new Date(this.#windowStart + this.#options.windowMs) };
  }

  decrement(caller: string): void {
    this.#countOf(caller).unshared -= 1;
  }

  resetKey(caller: string): void {
    this.#callers.delete(caller);
  }

  #countOf(caller: string): Count {
    const { clock, windowMs } = this.#options;
    const windowStart = Math.floor(clock().getTime() / windowMs) * windowMs;
    if (windowStart !== this.#windowStart) this.#callers = new Map();
    this.#windowStart = windowStart;
    const count = this.#callers.get(caller) ?? { shared: 0, unshared: 0 };
    this.#callers.set(caller, count);
    return count;
  }

  async #share(): Promise<void> {
    const { name, counts } = this.#options;
    const windowStart = new Date(this.#windowStart);
    const sent = [...this.#callers]
      .filter(([, { unshared }]) => unshared !== 0)
      .slice(0, MOST_SHARED)
      .map(([caller, count]) => ({ caller, count, requests: count.unshared }));
    const sums = await counts.add(
      sent.map(({ caller, requests }) => ({ caller: `${name} ${caller}`, windowStart, requests })),
    );
    this.#timer = undefined;
    for (const [index, { count, requests }] of sent.entries()) {
      const sum = sums?.[index];
      if (sum === undefined) continue;
      count.shared = sum;
      count.unshared -= requests;
    }
  }
}
