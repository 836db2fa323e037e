import { createHash } from 'node:crypto';
import type { Database } from './database.js';
import { SharedTable, type SharedTableOptions } from './shared-table.js';

/** The tokens that clients have used at any instance over the same database; only their hashes are kept, until they expire. */
export class UsedTokens {
  readonly #database: Database;
  readonly #table: SharedTable;

  constructor(database: Database, options: SharedTableOptions) {
    this.#database = database;
    this.#table = new SharedTable(options, (now) =>
      database.deleteFrom('used_token').where('until', '<=', now.toISOString()).execute(),
    );
  }

  /** Whether the token is used for the first time; undefined when the database does not say so in time. */
  async use(issuer: string, jti: string, until: Date): Promise<boolean | undefined> {
    return this.#table.ask((now) => this.#insert(hashOf(issuer, jti), until, now));
  }

  /** One statement, so that of two instances only one succeeds. */
  async #insert(token: string, until: Date, now: Date): Promise<boolean> {
    const row = { token, until: until.toISOString() };
    const { numInsertedOrUpdatedRows } = await this.#database
      .insertInto('used_token')
      .values(row)
      .onConflict((conflict) =>
        conflict.column('token').doUpdateSet(row).where('used_token.until', '<=', now.toISOString()),
      )
      .executeTakeFirstOrThrow();
    return Number(numInsertedOrUpdatedRows) === 1;
  }
}

function hashOf(issuer: string, jti: string): string {
  return createHash('sha256')
    .update(JSON.stringify([issuer, jti]))
    .digest('base64url');
}
