import { createHash } from 'node:crypto';
import type { Database } from './database.js';
import { SharedTable, type SharedTableOptions } from './shared-table.js';
import type { RequestCountRow } from './tables.js';

/** Requests of a caller in a window of time. */
export interface CountedRequests {
  caller: string;
  windowStart: Date;
  requests: number;
}

/** Longer than any window, and than clocks are apart. */
const KEPT_MS = 600_000;

/** How many requests callers have made at all instances over the same database; of a caller only a hash is kept, for minutes. */
export class RequestCounts {
  readonly #database: Database;
  readonly #table: SharedTable;

  constructor(database: Database, options: SharedTableOptions) {
    this.#database = database;
    this.#table = new SharedTable(options, (now) => this.#purge(now));
  }

  /** Adds to what is counted already and answers the sums, in the order given; undefined when the database does not in time. */
  async add(counted: readonly CountedRequests[]): Promise<number[] | undefined> {
    return counted.length === 0 ? undefined : this.#table.ask(() => this.#add(counted.map(rowOf)));
  }

  /** The database is about to be let go of. */
  close(): void {
    this.#table.close();
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

  #purge(now: Date): Promise<unknown> {
    const before = new Date(now.getTime() - KEPT_MS).toISOString();
    return this.#database.deleteFrom('request_count').where('window_start', '<', before).execute();
  }
}

function rowOf({ caller, windowStart, requests }: CountedRequests): RequestCountRow {
  const hash = createHash('sha256').update(caller).digest('base64url');
  return { caller: hash, window_start: windowStart.toISOString(), requests };
}

function keyOf({ caller, window_start }: RequestCountRow): string {
  return `${caller} ${window_start}`;
}
