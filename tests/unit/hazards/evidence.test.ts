import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const TESTS = join(import.meta.dirname, '../..');
const rowsOf = (file: string): string[] => readFileSync(join(TESTS, file), 'utf8').match(/^\| .*$/gm) ?? [];
const idsOf = (file: string, pattern: RegExp): string[] =>
  rowsOf(file).flatMap((row) => pattern.exec(row.slice(2))?.[0] ?? []);

describe('the evidence', () => {
  it('has each threat once', () => {
    const threats = Array.from({ length: 20 }, (_each, index) => `T${String(index + 1)}`);
    expect(idsOf('THREATS.md', /^T\d+/)).toEqual(threats);
  });

  it('has each figure once', () => {
    const all = { R: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], S: [1, 2, 3, 4, 5, 7], C: [1, 2, 3, 4], Q: [1, 2, 3] };
    const figures = Object.entries(all).flatMap(([letter, numbers]) =>
      numbers.map((each) => `${letter}${String(each)}`),
    );
    expect(idsOf('FIGURES.md', /^[RSCQ]\d+/)).toEqual(figures);
  });

  it('names no test that is not there', () => {
    const named = rowsOf('THREATS.md').flatMap((row) => [...row.matchAll(/`([\w/-]+\.test\.ts)`/g)]);
    expect(named.length).toBeGreaterThan(50);
    expect(named.map(([, file = '']) => file).filter((file) => !existsSync(join(TESTS, file)))).toEqual([]);
    const run = rowsOf('FIGURES.md').flatMap((row) => [...row.matchAll(/`tests\/([\w/-]+)`/g)]);
    expect(
      run
        .map(([, start = '']) => start)
        .filter(
          (start) => !existsSync(join(TESTS, `${start}.test.ts`)) && !existsSync(join(TESTS, `${start}-data.test.ts`)),
        ),
    ).toEqual([]);
  });
});
