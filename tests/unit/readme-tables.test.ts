import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { FIELDS } from '../../src/log.js';

const src = join(import.meta.dirname, '../../src');
const read = (file: string) => readFileSync(join(src, file), 'utf8');
const namesIn = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

/** The cells of the rows of a table, without its head. */
function rowsOf(text: string, head: RegExp): string[][] {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => head.test(line));
  const rows = lines.slice(first + 2);
  const end = rows.findIndex((line) => !line.startsWith('|'));
  return rows.slice(0, end).map((line) => line.split('|').slice(1, -1));
}

describe('the map in src/README.md', () => {
  const named = rowsOf(read('README.md'), /^\| file +\| does/).flatMap(([files = '']) => namesIn(files));

  it('names every file and every folder that stands there', () => {
    const standing = readdirSync(src, { withFileTypes: true }).map((entry) =>
      entry.isDirectory() ? `${entry.name}/` : entry.name,
    );
    expect(standing.filter((name) => name !== 'README.md' && !named.includes(name))).toEqual([]);
  });

  it('names nothing else', () => {
    expect(named.length).toBeGreaterThan(30);
    expect(named.filter((name) => !existsSync(join(src, name)))).toEqual([]);
  });
});

describe('the table of log lines in src/operations/README.md', () => {
  it('names every event with its fields, and no other', () => {
    const rows = rowsOf(read('operations/README.md'), /^\| event +\| fields/);
    const told = rows.flatMap(([events = '', fields = '']) => {
      const ofEach = fields.replace(/\([^)]*\)/g, '').split(';');
      return namesIn(events).map((event, place) => {
        const names = (ofEach[place] ?? '').split(/,| and /).map((name) => name.trim());
        return [event, names.filter((name) => name !== '').sort()];
      });
    });
    const logged = Object.entries(FIELDS).map(([event, fields]) => [event, [...fields].sort()]);
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(logged));
    expect(told).toHaveLength(logged.length);
  });
});
