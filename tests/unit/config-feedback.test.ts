import { describe, expect, it } from '@jest/globals';
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
