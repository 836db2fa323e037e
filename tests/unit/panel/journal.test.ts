import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openRun, type RunIdentity } from '../../../src/panel/journal.js';

const IDENTITY: RunIdentity = { input: 'x', now: '2026-05-17T12:00:00.000Z', knowledge: '1', report: false };
const GIVEN = { isNowGiven: true, isAnew: false };
const judged = (rows: string) => ({ rows, patients: 1, bad: 0, counts: { seen: 1 } });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the journal of a run', () => {
  it('goes on after its last whole note, however often it is broken off', async () => {
    for (const [round, row] of ['a\n', 'b\n', 'c\n'].entries()) {
      const { journal } = await openRun(folder, IDENTITY, GIVEN);
      expect(journal.done.parts).toBe(round);
      await journal.keep(judged(row));
      await journal.close();
      appendFileSync(join(folder, 'results.ndjson'), 'half a r');
      appendFileSync(join(folder, 'journal.ndjson'), '{"parts":9');
    }
    const { journal } = await openRun(folder, IDENTITY, GIVEN);
    await journal.finish();
    expect(journal.tally.of('seen')).toBe(3);
    expect(readFileSync(join(folder, 'results.ndjson'), 'utf8')).toBe('a\nb\nc\n');
  });

  it('keeps the moment at which it was begun when none is given', async () => {
    const { journal } = await openRun(folder, IDENTITY, { isNowGiven: false, isAnew: false });
    await journal.close();
    const later = { ...IDENTITY, now: '2027-01-01T00:00:00.000Z' };
    const again = await openRun(folder, later, { isNowGiven: false, isAnew: false });
    await again.journal.close();
    expect(again.now).toBe('2026-05-17T12:00:00.000Z');
  });

  it('begins anew after a finished run, and when it is told to', async () => {
    const first = await openRun(folder, IDENTITY, GIVEN);
    await first.journal.keep(judged('a\n'));
    await first.journal.finish();
    const second = await openRun(folder, { ...IDENTITY, input: 'y' }, GIVEN);
    expect([second.journal.isNew, second.journal.done.parts]).toEqual([true, 0]);
    await second.journal.keep(judged('b\n'));
    await second.journal.close();
    const third = await openRun(folder, IDENTITY, { ...GIVEN, isAnew: true });
    await third.journal.close();
    expect(readFileSync(join(folder, 'results.ndjson'), 'utf8')).toBe('');
  });

  it('refuses an unfinished run of something else', async () => {
    const { journal } = await openRun(folder, IDENTITY, GIVEN);
    await journal.close();
    await expect(openRun(folder, { ...IDENTITY, knowledge: '2' }, GIVEN)).rejects.toMatchObject({
      code: 'malformed-request',
    });
  });

  it('takes a run that was broken off before its first word for none', async () => {
    writeFileSync(join(folder, 'journal.ndjson'), '{"input":"x"');
    const { journal } = await openRun(folder, IDENTITY, GIVEN);
    await journal.close();
    expect(journal.isNew).toBe(true);
  });
});
