import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { lineWriter } from '../../../src/operations/line-writer.js';

const folder = mkdtempSync(join(tmpdir(), 'lines-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('a writer of lines', () => {
  it('has written a line when it returns', () => {
    const path = join(folder, 'lines');
    const file = openSync(path, 'a');
    const writer = lineWriter(file, () => {});
    writer.write('one\n');
    writer.write('zwei – ü\n');
    expect(readFileSync(path, 'utf8')).toBe('one\nzwei – ü\n');
    closeSync(file);
  });

  it('tells of each line that a full disk does not take, and never throws', () => {
    const file = openSync('/dev/full', 'a');
    let lost = 0;
    const writer = lineWriter(file, () => (lost += 1));
    writer.write('one\n');
    writer.write('two\n');
    expect(lost).toBe(2);
    closeSync(file);
  });

  it('tells of lines to a file that is closed', () => {
    const file = openSync(join(folder, 'closed'), 'a');
    closeSync(file);
    let lost = 0;
    lineWriter(file, () => (lost += 1)).write('one\n');
    expect(lost).toBe(1);
  });
});
