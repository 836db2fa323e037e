import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';

const MAIN = join(import.meta.dirname, '../../dist/main.js');
const describeWhenBuilt = existsSync(MAIN) ? describe : describe.skip;

interface Started {
  child: ChildProcess;
  output: () => string;
  errors: () => string;
  startedAt: number;
}

const folder = mkdtempSync(join(tmpdir(), 'start-up-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

let started: Started | undefined;
afterEach(() => {
  if (started?.child.exitCode === null) started.child.kill('SIGKILL');
  started = undefined;
});

function start(settings: Record<string, string>): Started {
  const { PATH } = process.env;
  const store = { DATABASE_URL: `file:${join(folder, 'feedback.db')}` };
  const env = { PATH, TZ: 'UTC', PORT: '0', HOST: '127.0.0.1', ...store, ...settings };
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout.on('data', (data) => (output += String(data)));
  child.stderr.on('data', (data) => (errors += String(data)));
  started = { child, output: () => output, errors: () => errors, startedAt: performance.now() };
  return started;
}

async function exitOf({ child }: Started): Promise<unknown> {
  const [code] = await once(child, 'exit', { signal: AbortSignal.timeout(120_000) });
  return code;
}

async function logLine({ child, output }: Started, event: string): Promise<Record<string, unknown>> {
  for (;;) {
    const line = output()
      .split('\n')
      .find((each) => each.includes(`"msg":"${event}"`));
    if (line !== undefined) return JSON.parse(line);
    await once(child.stdout!, 'data', { signal: AbortSignal.timeout(120_000) });
  }
}

describeWhenBuilt('the process (skipped until the build has made dist)', () => {
  it('ends with 78 and one readable message when the configuration is wrong', async () => {
    const service = start({ PORT: 'eighty', CLIENT_AUTH: 'maybe' });
    expect(await exitOf(service)).toBe(78);
    expect(performance.now() - service.startedAt).toBeLessThan(60_000);
    expect(service.errors()).toMatch(/PORT: must be a whole number from 0 to 65535/);
    expect(service.errors()).toMatch(/CLIENT_AUTH: must be off or required/);
    expect(service.errors()).not.toMatch(/ {4}at |eighty|maybe/);
    expect(service.output()).toBe('');
  });

  it('ends with 78 when its address is taken', async () => {
    const first = start({});
    const { url } = await logLine(first, 'started');
    const second = start({ PORT: new URL(String(url)).port });
    expect(await exitOf(second)).toBe(78);
    expect(second.errors()).toMatch(/HOST, PORT: the service cannot listen there/);
    first.child.kill('SIGTERM');
    await exitOf(first);
  });

  it.each([
    ['mysql://cds:secret@db/feedback', 'must be file:PATH or postgres://...'],
    ['file:FOLDER/plain-file/feedback.db', 'the file cannot be opened and written'],
    ['file:FOLDER', 'the file cannot be opened and written'],
    ['file:FOLDER/plain-file', 'the file is no database, or is damaged'],
    ['postgres://cds:secret@127.0.0.1:1/feedback', 'the database server cannot be reached'],
    ['postgres://cds:secret@no-such-host.invalid/feedback', 'the database server cannot be reached'],
  ])('ends with 78 and one line when the store %s cannot be had', async (url, words) => {
    writeFileSync(
      join(folder, 'plain-file'),
      'secret: this is no database, and long enough to look like a page of one. '.repeat(20),
    );
    const service = start({ DATABASE_URL: url.replace('FOLDER', folder) });
    expect(await exitOf(service)).toBe(78);
    expect(service.errors()).toMatch(
      new RegExp(`^(ServiceError: .*\\n  )?(ServiceError: )?DATABASE_URL: ${words.replaceAll('.', '\\.')}\\n$`),
    );
    expect(service.errors() + service.output()).not.toMatch(/secret|start-up-|no-such-host|127/);
  });

  it('is ready soon, and ends with 0 when it is told to', async () => {
    const service = start({});
    const { url, services } = await logLine(service, 'started');
    const ready = await fetch(`${String(url)}/health/ready`);
    process.stderr.write(`start-up: ready after ${Math.round(performance.now() - service.startedAt)} ms\n`);
    expect({ status: ready.status, body: await ready.json() }).toEqual({ status: 200, body: { status: 'ready' } });
    expect(services).toBeGreaterThan(0);
    service.child.kill('SIGTERM');
    expect(await exitOf(service)).toBe(0);
    expect(await logLine(service, 'stopped')).toMatchObject({ reason: 'SIGTERM' });
    expect(service.errors()).toBe('');
  });
});
