import type { IssuedCardRow } from './tables.js';

const WRITE_AFTER_MS = 250;
const TRY_AGAIN_AFTER_MS = 5_000;
const MOST_PER_WRITE = 500;
const MOST_WAITING = 20_000;

export interface IssuedCardsParts {
  write: (cards: readonly IssuedCardRow[]) => Promise<void>;
  /** Told when cards could not be written; `dropped` counts those given up since the last time. */
  onFailure: (failure: { error: unknown; waiting: number; dropped: number }) => void;
}

/**
 * Cards on their way to the store. Adding one costs a hook nothing and cannot fail: they are written together in the
 * background. While the store is away they wait, the oldest being given up when there are too many.
 */
export class IssuedCards {
  readonly #parts: IssuedCardsParts;
  readonly #waiting: IssuedCardRow[] = [];
  #dropped = 0;
  #timer: NodeJS.Timeout | undefined;
  /** What is being written, and what will be next for whoever cannot wait. */
  #writing: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(parts: IssuedCardsParts) {
    this.#parts = parts;
  }

  add(cards: readonly IssuedCardRow[]): void {
    this.#waiting.push(...cards);
    this.#dropOldest();
    if (this.#waiting.length > 0) this.#schedule(WRITE_AFTER_MS);
  }

  /** Writes what is waiting now; rejects when that fails, and it goes on waiting. */
  flush(): Promise<void> {
    if (this.#writing === undefined) return this.#write();
    if (this.#waiting.length === 0) return this.#writing;
    const write = () => this.#write();
    this.#next ??= this.#writing.then(write, write);
    return this.#next;
  }

  /** Ends the background work after a last attempt, at what came meanwhile too. */
  async close(): Promise<void> {
    while ((await this.#flushQuietly()) && this.#waiting.length > 0);
    clearTimeout(this.#timer);
  }

  #write(): Promise<void> {
    this.#next = undefined;
    this.#writing ??= this.#writeWaiting().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  /** What comes meanwhile waits its time: a commit costs about as much for one card as for all that wait. */
  async #writeWaiting(): Promise<void> {
    let left = this.#waiting.length;
    while (left > 0 && this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, Math.min(left, MOST_PER_WRITE));
      left -= batch.length;
      try {
        await this.#parts.write(batch);
      } catch (error) {
        this.#waiting.unshift(...batch);
        this.#dropOldest();
        throw error;
      }
    }
    // Nobody waits for a store that was away any more.
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.length > 0) this.#schedule(WRITE_AFTER_MS);
  }

  #schedule(ms: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#flushQuietly();
    }, ms).unref();
  }

  /** Whether it could be done. */
  async #flushQuietly(): Promise<boolean> {
    try {
      await this.flush();
      return true;
    } catch (error) {
      this.#parts.onFailure({ error, waiting: this.#waiting.length, dropped: this.#dropped });
      this.#dropped = 0;
      this.#schedule(TRY_AGAIN_AFTER_MS);
      return false;
    }
  }

  #dropOldest(): void {
    const tooMany = Math.max(0, this.#waiting.length - MOST_WAITING);
    this.#waiting.splice(0, tooMany);
    this.#dropped += tooMany;
  }
}
