import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const REASONS = ['binds the client', 'optional, not offered'];
/** How many lines each section of the specification has in the table; they are numbered through all sections of A. */
const LAST_OF_SECTION = [2, 7, 16, 26, 37, 43, 52, 63, 70, 73, 78, 86, 87, 88, 89, 91, 92, 96, 98];
const LINES_OF_KIT = 16;
const NUMBER = /\b(?:A\d+|B3)\.\d+/g;

interface Row {
  line: string;
  shownBy: string;
  tests: { file: string; title: string }[];
}

const rows = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8')
  .split('\n')
  .flatMap((text) => {
    const [, line = '', , , shownBy = ''] = text.split(/(?<!\\)\|/).map((cell) => cell.trim());
    return /^(?:A\d+|B3)\.\d+$/.test(line) ? [{ line, shownBy, tests: testsIn(shownBy) }] : [];
  });
const references = rows.flatMap(({ line, tests }) => tests.map((test) => ({ line, ...test })));

/** `` `file`: “title”, “title”; `file`: … `` */
function testsIn(cell: string): Row['tests'] {
  return [...cell.matchAll(/`([^`]+\.test\.ts)`: ((?:“[^”]+”(?:, )?)+)/g)].flatMap(([, file = '', titles = '']) =>
    [...titles.matchAll(/“([^”]+)”/g)].map(([, title = '']) => ({ file, title: title.replaceAll('\\|', '|') })),
  );
}

/** A test with the table of its cases, if that stands in a file of its own. */
function sourceOf(file: string): string | undefined {
  const path = join(import.meta.dirname, file);
  if (!existsSync(path)) return undefined;
  const sources = [path, path.replace(/\.test\.ts$/, '-cases.ts')].filter((each) => existsSync(each));
  return sources.map((each) => readFileSync(each, 'utf8')).join('\n');
}

/** `A7.53, A8.69 and B3.6`, and `A2.10 to A2.12`, at the start of a title. */
function linesNamedIn(source: string): string[] {
  const titles = [...source.matchAll(/['`]((?:A\d+|B3)\.\d+(?:(?:, | and | to )(?:A\d+|B3)\.\d+)*) /g)];
  return titles.flatMap(([, numbers = '']) => {
    const named = numbers.match(NUMBER) ?? [];
    const [first = '', last = ''] = numbers.split(' to ');
    const [section = '', from = ''] = first.split('.');
    if (last === '') return named;
    const count = Number(last.split('.')[1]) - Number(from) + 1;
    return Array.from({ length: count }, (_each, index) => `${section}.${Number(from) + index}`);
  });
}

describe('the table of the contract', () => {
  it('has every line of the specification and of the test kit once, in their order', () => {
    const sections = LAST_OF_SECTION.flatMap((last, section) => {
      const first = (LAST_OF_SECTION[section - 1] ?? 0) + 1;
      return Array.from({ length: last - first + 1 }, (_each, index) => `A${section}.${first + index}`);
    });
    const kit = Array.from({ length: LINES_OF_KIT }, (_each, index) => `B3.${index + 1}`);
    expect(rows.map(({ line }) => line)).toEqual([...sections, ...kit]);
  });

  it('has for each line a test, or one of the two reasons', () => {
    const without = rows.filter(({ shownBy, tests }) => tests.length === 0 && !REASONS.includes(shownBy));
    expect(without).toEqual([]);
    expect(rows.filter(({ tests }) => tests.length > 0).length).toBeGreaterThan(90);
  });

  it('names no test that is not there', () => {
    const missing = references.filter(({ file, title }) => {
      const source = sourceOf(file);
      return !source?.includes(`${title}'`) && !source?.includes(`${title}\``);
    });
    expect(missing).toEqual([]);
  });

  it('knows every test that names a line', () => {
    const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' });
    const named = files
      .filter((file) => file.endsWith('.test.ts') && file !== 'contract-table.test.ts')
      .flatMap((file) => linesNamedIn(sourceOf(file) ?? '').map((line) => ({ file: normalize(file), line })));
    expect(named.length).toBeGreaterThan(100);
    const unknown = named.filter(
      ({ file, line }) => !references.some((known) => known.file === file && known.line === line),
    );
    expect(unknown).toEqual([]);
  });
});
