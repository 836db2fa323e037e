import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BAD_STARTS, type BadStart, SECRET } from '../support/bad-starts.js';
import { copyPackage, type PackageCopy } from '../support/package-copy.js';
import { IS_BUILT } from '../support/service-process.js';

const describeWhenBuilt = IS_BUILT ? describe : describe.skip;
let copy: PackageCopy;
let taken: Server;
let valueSet = '';
let longest = 0;

beforeAll(async () => {
  copy = copyPackage();
  valueSet = readdirSync(join(copy.folder, 'cql/valuesets')).find((name) => name.endsWith('.json')) ?? '';
  taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  copy.remove();
  await new Promise((resolve) => taken.close(resolve));
  process.stderr.write(`bad start-ups: ${BAD_STARTS.length}, the longest took ${Math.round(longest)} ms\n`);
});

const filledIn = (text: string) =>
  text
    .replaceAll('FOLDER', copy.folder)
    .replaceAll('VALUESET', valueSet)
    // It listens on TCP, where the address is no text.
    .replaceAll('TAKEN', String((taken.address() as AddressInfo).port));

async function run(settings: Record<string, string>, ...args: string[]) {
  const filled = Object.entries(settings).map(([name, value]) => [name, filledIn(value)]);
  const env = {
    PATH: process.env['PATH'],
    PORT: '0',
    DATABASE_URL: `file:${join(copy.folder, 'data/feedback.db')}`,
    ...Object.fromEntries(filled),
  };
  const startedAt = performance.now();
  const child = spawn(process.execPath, [copy.main, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [output, errors] = ['', ''];
  child.stdout.on('data', (data) => (output += String(data)));
  child.stderr.on('data', (data) => (errors += String(data)));
  try {
    const [code] = await once(child, 'close', { signal: AbortSignal.timeout(120_000) });
    return { code, output, lines: errors.split('\n').slice(0, -1), ms: performance.now() - startedAt };
  } finally {
    child.kill('SIGKILL');
  }
}

/** Prepares the damage; answers what repairs it. */
function damaged({ files = {}, edit }: BadStart): () => void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(copy.folder, name), text);
  const repair = edit && copy.edit(filledIn(edit[0]), (text) => text.replace(edit[1], edit[2]));
  return () => {
    for (const name of Object.keys(files)) rmSync(join(copy.folder, name));
    repair?.();
  };
}

describeWhenBuilt('the service does not start with', () => {
  it.each(BAD_STARTS)('$name, and says so in a line', async (bad) => {
    const repair = damaged(bad);
    try {
      const both = [run(bad.settings ?? {}), run(bad.settings ?? {}, '--check-config')] as const;
      const [started, checked] = await Promise.all(both);
      longest = Math.max(longest, started.ms);
      const lines = bad.lines.map(filledIn);
      expect({ code: started.code, lines: started.lines }).toEqual({ code: 78, lines });
      const expected = bad.isSeenAtStartOnly === true ? { code: 0, lines: [] } : { code: 78, lines };
      expect({ code: checked.code, lines: checked.lines }).toEqual(expected);
      expect([...started.lines, started.output, ...checked.lines, checked.output].join('\n')).not.toContain(SECRET);
    } finally {
      repair();
    }
  });
});

describeWhenBuilt('--check-config', () => {
  it('finds nothing wrong where the service would start, and leaves nothing behind', async () => {
    const checked = await run({}, '--check-config');
    expect({ code: checked.code, lines: checked.lines }).toEqual({ code: 0, lines: [] });
    expect(checked.output.split('\n')).toEqual([
      'ok: configuration',
      'ok: knowledge and cards, 3 services',
      expect.stringMatching(/^ok: not checked: whether the database, .* can be had$/),
      '',
    ]);
    mkdirSync(join(copy.folder, 'empty'));
    await run({ DATABASE_URL: 'file:FOLDER/empty/feedback.db', AUDIT_LOG: 'FOLDER/empty/audit.log' }, '--check-config');
    expect(readdirSync(join(copy.folder, 'empty'))).toEqual([]);
  });

  it('names everything that is wrong in one go', async () => {
    const repairs = [
      copy.edit('cards/policy.yaml', (text) => text.replace(/^version: .*$/m, 'version: newest')),
      copy.edit('dist/elm/CrampRecord.json', (text) => text.slice(0, -1)),
    ];
    const settings = { AUDIT_KEY: 'FOLDER/no-key', AUDIT_LOG: 'FOLDER/none/audit.log' };
    const checked = await run(settings, '--check-config');
    repairs.forEach((repair) => {
      repair();
    });
    expect(checked.code).toBe(78);
    expect(checked.lines).toEqual([
      'CrampRecord.json cannot be read as JSON.',
      expect.stringMatching(/^cards\/policy\.yaml is wrong at "version": /),
      'AUDIT_KEY: the file cannot be read',
      'AUDIT_LOG: the file cannot be opened and written',
    ]);
    expect(existsSync(join(copy.folder, 'none'))).toBe(false);
  });
});
