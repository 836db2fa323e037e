import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import Database from 'libsql/promise';

/** An acknowledged commit survives the loss of power; a lock of another process is waited for. */
const PRAGMAS = ['busy_timeout = 2000', 'journal_mode = wal', 'synchronous = full'];

/**
 * Kysely over a file of libsql.
 *
 * Kysely's own SQLite driver would run, since the API is that of better-sqlite3, but it holds the event loop for as long
 * as a lock is waited for or a commit is written. Here both happen on a thread of libsql; what runs in between only touches memory.
 */
export class LibsqlDialect implements Dialect {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  createAdapter(): SqliteAdapter {
    return new LibsqlAdapter();
  }

  createDriver(): Driver {
    return new LibsqlDriver(this.#path);
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new SqliteIntrospector(db);
  }

  createQueryCompiler(): SqliteQueryCompiler {
    return new SqliteQueryCompiler();
  }
}

class LibsqlAdapter extends SqliteAdapter {
  /** So all migrations run in one transaction, which takes the write lock first: two instances never migrate at once. */
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class LibsqlDriver implements Driver {
  readonly #path: string;
  #connection: LibsqlConnection | undefined;
  /** Settled once whoever holds the only connection gives it back. */
  #free: Promise<void> = Promise.resolve();
  #release: () => void = () => {};

  constructor(path: string) {
    this.#path = path;
  }

  async init(): Promise<void> {
    this.#connection = await LibsqlConnection.open(this.#path);
  }

  async acquireConnection(): Promise<LibsqlConnection> {
    const free = this.#free;
    let release = () => {};
    this.#free = new Promise((resolve) => {
      release = resolve;
    });
    await free;
    if (this.#connection === undefined) {
      release();
      throw new Error('The database is not open.');
    }
    this.#release = release;
    return this.#connection;
  }

  async beginTransaction(connection: LibsqlConnection): Promise<void> {
    await connection.begin();
  }

  async commitTransaction(connection: LibsqlConnection): Promise<void> {
    await connection.commit();
  }

  async rollbackTransaction(connection: LibsqlConnection): Promise<void> {
    await connection.rollback();
  }

  releaseConnection(): Promise<void> {
    this.#release();
    return Promise.resolve();
  }

  /** Waits for whoever holds the connection: libsql ends the process when it is closed under a statement. */
  async destroy(): Promise<void> {
    await this.#free;
    this.#connection?.close();
    this.#connection = undefined;
  }
}

/** What is used of libsql, whose own types are loose here. */
interface LibsqlDatabase {
  readonly inTransaction: boolean;
  exec(sql: string): Promise<void>;
  prepare(sql: string): Promise<LibsqlStatement>;
  close(): void;
}

interface LibsqlStatement {
  /** Whether it answers rows. */
  readonly reader: boolean;
  all(parameters: readonly unknown[]): Promise<unknown[]>;
  run(parameters: readonly unknown[]): { changes: number };
}

function openFile(path: string): LibsqlDatabase {
  try {
    // It has these methods (the tests use them all), only its types do not say what they answer.
    return new Database(path, {}) as unknown as LibsqlDatabase;
  } catch (cause) {
    // The one error of libsql that comes without a code.
    throw Object.assign(new Error('The file cannot be opened.', { cause }), { code: 'SQLITE_CANTOPEN' });
  }
}

class LibsqlConnection implements DatabaseConnection {
  readonly #database: LibsqlDatabase;
  readonly #path: string;
  readonly #file: string;

  private constructor(database: LibsqlDatabase, path: string, file: string) {
    this.#database = database;
    this.#path = path;
    this.#file = file;
  }

  static async open(path: string): Promise<LibsqlConnection> {
    await mkdir(dirname(path), { recursive: true });
    const database = openFile(path);
    try {
      for (const pragma of PRAGMAS) await database.exec(`pragma ${pragma}`);
      return new LibsqlConnection(database, path, await identityOf(path));
    } catch (error) {
      database.close();
      throw error;
    }
  }

  async begin(): Promise<void> {
    // A file that was deleted can still be written to, and what is written is lost.
    if ((await identityOf(this.#path)) !== this.#file) throw new Error('The database file was replaced.');
    await this.#database.exec('begin immediate');
  }

  async commit(): Promise<void> {
    await this.#database.exec('commit');
  }

  async rollback(): Promise<void> {
    // A full disk may have ended the transaction already.
    if (this.#database.inTransaction) await this.#database.exec('rollback');
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const statement = await this.#database.prepare(sql);
    // The rows are what the query says; Kysely's types vouch for it.
    if (statement.reader) return { rows: (await statement.all(parameters)) as Row[] };
    // On its own it would wait for the lock and the disk here, and hold everything else.
    const isAlone = !this.#database.inTransaction;
    if (isAlone) await this.begin();
    try {
      const { changes } = statement.run(parameters);
      if (isAlone) await this.commit();
      return { rows: [], numAffectedRows: BigInt(changes) };
    } catch (error) {
      if (isAlone) await this.rollback();
      throw error;
    }
  }

  // eslint-disable-next-line require-yield -- The interface wants a generator; nothing here streams.
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    return Promise.reject(new Error('Streaming is not offered.'));
  }

  close(): void {
    this.#database.close();
  }
}

async function identityOf(path: string): Promise<string> {
  const { dev, ino } = await stat(path);
  return `${dev}:${ino}`;
}
