import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { freePort } from './free-port.js';

/** A throw-away PostgreSQL on a free loopback port. */
export interface PostgresServer {
  /** A new, empty database on it. */
  createDatabase: () => Promise<string>;
  start: () => Promise<void>;
  /** Ends it as a crash would. */
  kill: () => Promise<void>;
  close: () => Promise<void>;
}

/** Who runs it when the tests run as root, which PostgreSQL refuses. */
const NOBODY = 65_534;
const READY_WITHIN_MS = 60_000;

/** The folder of PostgreSQL's programs; undefined where it is not installed, which only a machine that is not CI may be. */
export function postgresPrograms(): string | undefined {
  const onPath = (process.env['PATH'] ?? '').split(':').map((folder) => join(folder, 'postgres'));
  const debian = '/usr/lib/postgresql';
  const packaged = existsSync(debian)
    ? readdirSync(debian).map((version) => join(debian, version, 'bin/postgres'))
    : [];
  const found = [...onPath, ...packaged].find((path) => existsSync(path));
  if (found !== undefined) return dirname(realpathSync(found));
  if (process.env['CI'] === 'true') throw new Error('PostgreSQL is not installed, and CI must run its tests.');
  process.stderr.write('PostgreSQL is not installed: THE TESTS ON POSTGRESQL ARE LEFT OUT.\n');
  return undefined;
}

export async function openPostgresServer(programs: string): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
  const data = join(folder, 'data');
  const port = await freePort();
  const identity = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  mkdirSync(data, { mode: 0o700 });
  if (identity.uid !== undefined) for (const path of [folder, data]) chownSync(path, NOBODY, NOBODY);
  const options = ['-D', data, '-U', 'cds', '-A', 'trust', '-E', 'UTF8', '--no-sync'];
  const made = spawnSync(join(programs, 'initdb'), options, { ...identity, cwd: folder, encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  let child: ChildProcess | undefined;
  const urlOf = (database: string) => `postgres://cds@127.0.0.1:${port}/${database}`;
  const isRunning = () => child !== undefined && child.exitCode === null && child.signalCode === null;
  /** Tried again while those that served connections of the killed one still end: PostgreSQL refuses to start beside them. */
  const start = async () => {
    const settings = ['-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${folder}`, '-c', 'fsync=on'];
    const args = ['-D', data, '-p', String(port), ...settings];
    await answering(urlOf('postgres'), () => {
      if (!isRunning()) child = spawn(join(programs, 'postgres'), args, { ...identity, cwd: folder, stdio: 'ignore' });
    });
  };
  const end = async (signal: NodeJS.Signals) => {
    if (child === undefined || !isRunning()) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  };
  let databases = 0;
  const createDatabase = async () => {
    databases += 1;
    await query(urlOf('postgres'), `create database feedback_${databases}`);
    return urlOf(`feedback_${databases}`);
  };
  await start();
  const close = async () => {
    await end('SIGINT');
    rmSync(folder, { recursive: true, force: true });
  };
  return { createDatabase, start, kill: () => end('SIGKILL'), close };
}

/** The rows of one statement on a connection of its own. */
export async function query(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(statement);
    return rows;
  } finally {
    await client.end();
  }
}

async function answering(url: string, ensureStarted: () => void): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  for (;;) {
    ensureStarted();
    try {
      await query(url, 'select 1');
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
