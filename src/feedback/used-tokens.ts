import { createHash } from 'node:crypto';
import type { Database } from './database.js';
import { withinTime } from './within-time.js';

export interface UsedTokensOptions {
  clock: () => Date;
  onFailure: (error: unknown) => void;
}

const PURGE_EVERY_MS = 60_000;
/** How long the database is left alone after it has failed. */
const REST_MS = 10_000;

/** The tokens that clients have used at any instance over the same database; only their hashes are kept, until they expire. */
export class UsedTokens {
  readonly #database: Database;
  readonly #options: UsedTokensOptions;
  #purgedAt = -Infinity;
  #restsUntil = -Infinity;

  constructor(database: Database, options: UsedTokensOptions) {
    this.#database = database;
    this.#options = options;
  }

  /** Whether the token is used for the first time; undefined when the database does not say so in time. */
  async use(issuer: string, jti: string, until: Date): Promise<boolean | undefined> {
    const now = this.#options.clock();
    if (now.getTime() < this.#restsUntil) return undefined;
    try {
      await this.#purge(now);
      return await withinTime(this.#insert(hashOf(issuer, jti), until, now));
    } catch (error) {
      this.#restsUntil = now.getTime() + REST_MS;
      this.#options.onFailure(error);
      return undefined;
    }
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

  async #purge(now: Date): Promise<void> {
    if (now.getTime() - this.#purgedAt < PURGE_EVERY_MS) return;
    this.#purgedAt = now.getTime();
    await withinTime(this.#database.deleteFrom('used_token').where('until', '<=', now.toISOString()).execute());
  }
}

function hashOf(issuer: string, jti: string): string {
  return createHash('sha256')
    .update(JSON.stringify([issuer, jti]))
    .digest('base64url');
}
