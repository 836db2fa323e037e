import { type CreateTableBuilder, type Kysely, type Migration, Migrator, sql } from 'kysely';
import { ServiceError } from '../errors.js';
import type { Database } from './database.js';
import { startProblem } from './store-problem.js';

const MIGRATION_TABLE = 'feedback_migration';
const KEY = ['card', 'suggestion', 'outcome', 'outcome_timestamp'] as const;

/** In the order of their names, each run once; one that has been released is never changed. */
const MIGRATIONS: Record<string, Migration> = {
  '0001-cards-events-comments': { up: createTables },
  '0002-used-tokens': { up: createUsedTokens },
  '0003-request-counts': { up: createRequestCounts },
};

/** Brings the tables to the newest version; does nothing when they are. Safe when two instances do it at once. */
export async function migrate(database: Database): Promise<void> {
  await refuseNewer(database);
  const provider = { getMigrations: () => Promise.resolve(MIGRATIONS) };
  const migrator = new Migrator({
    db: database,
    provider,
    migrationTableName: MIGRATION_TABLE,
    migrationLockTableName: 'feedback_migration_lock',
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw startProblem(error);
}

/** An older service must not write what a newer one has laid out. */
async function refuseNewer(database: Database): Promise<void> {
  const tables = await database.introspection.getTables();
  if (!tables.some(({ name }) => name === MIGRATION_TABLE)) return;
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(MIGRATION_TABLE)}`.execute(database);
  if (rows.every(({ name }) => name in MIGRATIONS)) return;
  throw new ServiceError('invalid-config', 'DATABASE_URL: the store was written by a newer version of this service');
}

async function createTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('issued_card')
    .addColumn('uuid', 'text', (column) => column.primaryKey())
    .addColumn('service', 'text', (column) => column.notNull())
    .addColumn('hook', 'text', (column) => column.notNull())
    .addColumn('topic', 'text', (column) => column.notNull())
    .addColumn('indicator', 'text', (column) => column.notNull())
    .addColumn('knowledge_version', 'text', (column) => column.notNull())
    .addColumn('issued_at', 'text', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('issued_card_by_time').on('issued_card').column('issued_at').execute();
  await withKey(db.schema.createTable('feedback_event'), 'feedback_event_key')
    .addColumn('service', 'text', (column) => column.notNull())
    .addColumn('reason_system', 'text')
    .addColumn('reason_code', 'text')
    .addColumn('reason_display', 'text')
    .addColumn('received_at', 'text', (column) => column.notNull())
    .execute();
  await withKey(db.schema.createTable('feedback_comment'), 'feedback_comment_key')
    .addColumn('comment', 'text', (column) => column.notNull())
    .addColumn('received_at', 'text', (column) => column.notNull())
    .execute();
}

async function createUsedTokens(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('used_token')
    .addColumn('token', 'text', (column) => column.primaryKey())
    .addColumn('until', 'text', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('used_token_by_time').on('used_token').column('until').execute();
}

async function createRequestCounts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('request_count')
    .addColumn('caller', 'text', (column) => column.notNull())
    .addColumn('window_start', 'text', (column) => column.notNull())
    .addColumn('requests', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('request_count_key', ['caller', 'window_start'])
    .execute();
  await db.schema.createIndex('request_count_by_time').on('request_count').column('window_start').execute();
}

function withKey<Table extends string>(table: CreateTableBuilder<Table>, name: string) {
  return table
    .addColumn('card', 'text', (column) => column.notNull())
    .addColumn('suggestion', 'text', (column) => column.notNull())
    .addColumn('outcome', 'text', (column) => column.notNull())
    .addColumn('outcome_timestamp', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint(name, [...KEY]);
}
