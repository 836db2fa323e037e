import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { type FeedbackStore, openFeedbackStore, type StoreFailure } from '../../src/feedback/feedback-store.js';
import { openPostgresServer, type PostgresServer, postgresPrograms, query } from './postgres-server.js';

/** One kind of database the store runs on. */
export interface DatabaseKind {
  name: 'libsql' | 'PostgreSQL';
  open: () => Promise<OpenedKind>;
}

export interface OpenedKind {
  /** The URL of a new, empty database. */
  create: () => Promise<string>;
  /** Runs a statement past the store, on a connection of its own. */
  rows: (url: string, statement: string) => Promise<Record<string, unknown>[]>;
  close: () => Promise<void>;
  /** PostgreSQL's server. */
  server?: PostgresServer;
}

/** Whoever only wants to know whether the tests notice something is served by one kind. */
const programs = process.env['ONLY_LIBSQL'] === 'true' ? undefined : postgresPrograms();

const libsql: DatabaseKind = {
  name: 'libsql',
  open: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'feedback-'));
    let count = 0;
    return {
      create: async () => `file:${join(folder, String((count += 1)), 'feedback.db')}`,
      rows: async (url, statement) => libsqlRows(url, statement),
      close: async () => {
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
};

/** What the stores of a test take for now. */
const NOW = new Date('2026-05-20T12:00:00Z');

/** Stores over one database at a time, closed together. */
export class TestStores {
  /** What the stores said of failures. */
  readonly failures: StoreFailure[] = [];
  url = '';
  readonly kind: OpenedKind;
  readonly #opened: FeedbackStore[] = [];

  constructor(kind: OpenedKind) {
    this.kind = kind;
  }

  /** Turns to a new, empty database. */
  async renew(): Promise<void> {
    this.url = await this.kind.create();
    this.failures.splice(0);
  }

  async open(now = NOW): Promise<FeedbackStore> {
    const onFailure = (failure: StoreFailure) => void this.failures.push(failure);
    const store = await openFeedbackStore(this.url, { retentionDays: 90, clock: () => now, onFailure });
    this.#opened.push(store);
    return store;
  }

  rows(statement: string): Promise<Record<string, unknown>[]> {
    return this.kind.rows(this.url, statement);
  }

  async count(table: string): Promise<number> {
    const [row] = await this.rows(`select count(*) as n from ${table}`);
    return Number(row?.['n']);
  }

  async close(): Promise<void> {
    await Promise.all(this.#opened.splice(0).map((store) => store.close()));
  }

  async end(): Promise<void> {
    await this.close();
    await this.kind.close();
  }
}

/** Both, or libsql alone where PostgreSQL is not installed. */
export const DATABASE_KINDS: readonly DatabaseKind[] = [
  libsql,
  ...(programs === undefined ? [] : [postgres(programs)]),
];

function postgres(folder: string): DatabaseKind {
  return {
    name: 'PostgreSQL',
    open: async () => {
      const server = await openPostgresServer(folder);
      return { create: server.createDatabase, rows: query, close: server.close, server };
    },
  };
}

export function libsqlRows(url: string, statement: string): Record<string, unknown>[] {
  const database = new Database(url.slice('file:'.length));
  try {
    database.pragma('busy_timeout = 5000');
    const prepared = database.prepare(statement);
    // Rows are objects unless raw is asked for.
    if (prepared.reader) return prepared.all() as Record<string, unknown>[];
    prepared.run();
    return [];
  } finally {
    database.close();
  }
}
