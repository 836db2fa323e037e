import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { lineWriter, linesTogether } from '../../../src/operations/line-writer.js';

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

describe('lines that are written together', () => {
  const written: string[] = [];
  const together = () => linesTogether({ write: (lines) => void written.push(lines) });
  beforeEach(() => {
    written.length = 0;
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('wait a tenth of a second and go as one, in order', () => {
    const writer = together();
    writer.write('one\n');
    writer.write('two\n');
    jest.advanceTimersByTime(99);
    expect(written).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(written).toEqual(['one\ntwo\n']);
    writer.write('three\n');
    jest.advanceTimersByTime(100);
    expect(written).toEqual(['one\ntwo\n', 'three\n']);
  });

  it('go at once when they are 4,096 characters', () => {
    const writer = together();
    const line = `${'x'.repeat(2_047)}\n`;
    writer.write(line);
    expect(written).toEqual([]);
    writer.write(line);
    expect(written).toEqual([line + line]);
    jest.advanceTimersByTime(1_000);
    expect(written).toEqual([line + line]);
  });

  it('go when whoever ends the process says so, once and not again', () => {
    const writer = together();
    writer.flush();
    expect(written).toEqual([]);
    writer.write('last\n');
    writer.flush();
    writer.flush();
    expect(written).toEqual(['last\n']);
  });
});
