import { Kysely, PostgresDialect } from 'kysely';
import type { ClientBase, Pool } from 'pg';
import { LibsqlDialect } from './libsql-dialect.js';
import type { Tables } from './tables.js';

export type Database = Kysely<Tables>;

const FILE_SCHEME = 'file:';
const MOST_CONNECTIONS = 10;
const CONNECT_WITHIN_MS = 2_000;
const QUERY_WITHIN_MS = 3_000;

/** For servers that are set to acknowledge a commit before it is written. */
const WRITE_BEFORE_ANSWERING =
  "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'";

/** The path of `file:PATH`; undefined for any other URL. */
export function pathOf(databaseUrl: string): string | undefined {
  return databaseUrl.startsWith(FILE_SCHEME) ? databaseUrl.slice(FILE_SCHEME.length) : undefined;
}

/** The database at `file:PATH` (libsql) or `postgres://...`; it is connected to when it is first used. */
export function openDatabase(databaseUrl: string): Database {
  // V8 compiles in the belief that no list with holes is ever frozen. Once Kysely's own code is compiled it freezes some,
  // and 400 functions of ours would be thrown away in the midst of the work: so one is frozen before there are any.
  Object.freeze(new Array(1));
  const path = pathOf(databaseUrl);
  const dialect =
    path === undefined ? new PostgresDialect({ pool: () => postgres(databaseUrl) }) : new LibsqlDialect(path);
  return new Kysely<Tables>({ dialect });
}

/** `pg` is loaded only where PostgreSQL is used. */
async function postgres(connectionString: string): Promise<Pool> {
  // eslint-disable-next-line no-restricted-syntax -- A package, and not one that arrows are about.
  const { Pool } = await import('pg');
  const pool = new Pool({
    connectionString,
    application_name: 'renal-cramp-cds',
    max: MOST_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    query_timeout: QUERY_WITHIN_MS,
    keepAlive: true,
    // eslint-disable-next-line @typescript-eslint/no-misused-promises -- The types have not heard that it waits.
    onConnect: prepare,
    // The process may end while connections are idle.
    allowExitOnIdle: true,
  });
  // A connection that breaks while idle would end the process; the next query says what is wrong.
  pool.on('error', () => {});
  return pool;
}

/** The pool waits for it, and lets go of a connection that breaks here; Kysely's own hook would keep it for ever. */
async function prepare(client: ClientBase): Promise<void> {
  // In use, too, a connection that breaks would end the process; its query says what is wrong.
  client.on('error', () => {});
  await client.query(WRITE_BEFORE_ANSWERING);
}
