import { createHash } from 'node:crypto';
import type { Database } from './database.js';
import type { RequestCountRow } from './tables.js';
import { withinTime } from './within-time.js';

export interface RequestCountsOptions {
  clock: () => Date;
  onFailure: (error: unknown) => void;
}

/** Requests of a caller in a window of time. */
export interface CountedRequests {
  caller: string;
  windowStart: Date;
  requests: number;
}

const PURGE_EVERY_MS = 60_000;
/** Longer than any window, and than clocks are apart. */
const KEPT_MS = 600_000;
/** How long the database is left alone after it has failed. */
const REST_MS = 10_000;

/** How many requests callers have made at all instances over the same database; of a caller only a hash is kept, for minutes. */
export class RequestCounts {
  readonly #database: Database;
  readonly #options: RequestCountsOptions;
  #purgedAt = -Infinity;
  #restsUntil = -Infinity;

  constructor(database: Database, options: RequestCountsOptions) {
    this.#database = database;
    this.#options = options;
  }

  /** Adds to what is counted already and answers the sums, in the order given; undefined when the database does not in time. */
  async add(counted: readonly CountedRequests[]): Promise<number[] | undefined> {
    const now = this.#options.clock().getTime();
    if (counted.length === 0 || now < this.#restsUntil) return undefined;
    try {
      await this.#purge(now);
      return await withinTime(this.#add(counted.map(rowOf)));
    } catch (error) {
      if (this.#restsUntil === Infinity) return undefined;
      this.#restsUntil = now + REST_MS;
      this.#options.onFailure(error);
      return undefined;
    }
  }

  /** The database is about to be let go of. */
  close(): void {
    this.#restsUntil = Infinity;
  }

  /** One statement, its rows in the order of their keys: two instances that add in another order would wait for each other. */
  async #add(rows: readonly RequestCountRow[]): Promise<number[]> {
    const inOrder = [...rows].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    const sums = await this.#database
      .insertInto('request_count')
      .values(inOrder)
      .onConflict((conflict) =>
        conflict.columns(['caller', 'window_start']).doUpdateSet((row) => ({
          requests: row('request_count.requests', '+', row.ref('excluded.requests')),
        })),
      )
      .returningAll()
      .execute();
    const byKey = new Map(sums.map((row) => [keyOf(row), row.requests]));
    return rows.map((row) => byKey.get(keyOf(row)) ?? row.requests);
  }

  async #purge(now: number): Promise<void> {
    if (now - this.#purgedAt < PURGE_EVERY_MS) return;
    this.#purgedAt = now;
    const before = new Date(now - KEPT_MS).toISOString();
    await withinTime(this.#database.deleteFrom('request_count').where('window_start', '<', before).execute());
  }
}

function rowOf({ caller, windowStart, requests }: CountedRequests): RequestCountRow {
  const hash = createHash('sha256').update(caller).digest('base64url');
  return { caller: hash, window_start: windowStart.toISOString(), requests };
}

function keyOf({ caller, window_start }: RequestCountRow): string {
  return `${caller} ${window_start}`;
}
