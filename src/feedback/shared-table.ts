import { withinTime } from './within-time.js';

export interface SharedTableOptions {
  clock: () => Date;
  onFailure: (error: unknown) => void;
}

const PURGE_EVERY_MS = 60_000;
/** How long the database is left alone after it has failed. */
const REST_MS = 10_000;

/** A table that all instances over the same database ask for what must not hold a call up. */
export class SharedTable {
  readonly #options: SharedTableOptions;
  readonly #purge: (now: Date) => Promise<unknown>;
  #purgedAt = -Infinity;
  #restsUntil = -Infinity;

  /** @param purge deletes what is of no use any more; asked for once a minute */
  constructor(options: SharedTableOptions, purge: (now: Date) => Promise<unknown>) {
    this.#options = options;
    this.#purge = purge;
  }

  /** The answer; undefined when the database does not give it in time, and while it is left alone for that. */
  async ask<Answer>(question: (now: Date) => Promise<Answer>): Promise<Answer | undefined> {
    const now = this.#options.clock();
    if (now.getTime() < this.#restsUntil) return undefined;
    try {
      await this.#purgeAt(now);
      return await withinTime(question(now));
    } catch (error) {
      if (this.#restsUntil === Infinity) return undefined;
      this.#restsUntil = now.getTime() + REST_MS;
      this.#options.onFailure(error);
      return undefined;
    }
  }

  /** The database is about to be let go of. */
  close(): void {
    this.#restsUntil = Infinity;
  }

  async #purgeAt(now: Date): Promise<void> {
    if (now.getTime() - this.#purgedAt < PURGE_EVERY_MS) return;
    this.#purgedAt = now.getTime();
    await withinTime(this.#purge(now));
  }
}
