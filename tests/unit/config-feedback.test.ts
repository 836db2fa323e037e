import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { readConfig } from '../../src/config.js';

const MUST_BE = 'DATABASE_URL: must be file:PATH or postgres://...';

describe('the settings of the feedback store', () => {
  it.each([
    'file:data/feedback.db',
    'file:/var/lib/cds/feedback.db',
    'postgres://db/feedback',
    'postgresql://db/f?a=b',
  ])('take %s', (url) => {
    expect(readConfig({ DATABASE_URL: url }).databaseUrl).toBe(url);
  });

  it.each([
    'data/secret.db',
    'file:',
    'file::memory:',
    'file:secret.db?mode=ro',
    'mysql://cds:secret@db.example.org/feedback',
    'postgres://cds:secret@[/feedback',
  ])('refuse %s without repeating it', (url) => {
    const read = () => readConfig({ DATABASE_URL: url });
    expect(read).toThrow(
      expect.objectContaining({ code: 'invalid-config', message: expect.stringContaining(MUST_BE) }),
    );
    expect(read).not.toThrow(/secret|memory/);
  });

  it.each(['0', '-1', '3651', 'ever'])('refuse to keep feedback for %s days', (days) => {
    const message = /FEEDBACK_RETENTION_DAYS: must be a whole number from 1 to 3650$/;
    expect(() => readConfig({ FEEDBACK_RETENTION_DAYS: days })).toThrow(message);
  });

  it.each([
    [{}, true],
    [{ HOST: '::1' }, true],
    [{ HOST: '0.0.0.0', CLIENT_AUTH: 'off' }, false],
    [{ NODE_ENV: 'production', CLIENT_AUTH: 'off' }, false],
  ])('know whether only this machine calls: %o', (env, expected) => {
    expect(readConfig(env).isLocal).toBe(expected);
  });
});

describe('a DATABASE_URL in a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'database-url-'));
  const file = (content: string) => {
    const path = join(folder, 'database-url');
    writeFileSync(path, content);
    return path;
  };
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('is read without what an editor adds at its end', () => {
    const config = readConfig({ DATABASE_URL_FILE: file('postgres://cds:secret@db/feedback\n') });
    expect(config.databaseUrl).toBe('postgres://cds:secret@db/feedback');
  });

  it.each([
    [
      'beside the setting',
      { DATABASE_URL: 'postgres://db/f' },
      'postgres://db/f',
      'cannot be said beside DATABASE_URL',
    ],
    ['that is empty', {}, ' \n', 'the file is empty'],
  ])('is refused %s', (_, more, content, words) => {
    const message = `The configuration is not valid:\n  DATABASE_URL_FILE: ${words}`;
    const read = () => readConfig({ DATABASE_URL_FILE: file(content), ...more });
    expect(read).toThrow(expect.objectContaining({ code: 'invalid-config', message }));
  });

  it('is refused when there is no such file, and when it holds no URL, and is not repeated', () => {
    const missing = () => readConfig({ DATABASE_URL_FILE: join(folder, 'canary') });
    expect(missing).toThrow(/^The configuration is not valid:\n {2}DATABASE_URL_FILE: the file cannot be read$/);
    const wrong = () => readConfig({ DATABASE_URL_FILE: file('mysql://canary') });
    expect(wrong).toThrow(new RegExp(`^The configuration is not valid:\\n {2}${MUST_BE}$`));
  });
});
