import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '../..');
const text = readFileSync(join(import.meta.dirname, 'RULES.md'), 'utf8');

interface Rule {
  rule: string;
  /** Defines by their library, and files that are no library. */
  standsIn: string;
  shownBy: string;
}

const rules: Rule[] = text
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| Rule |') && !line.startsWith('| ---'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, rule = '', standsIn = '', shownBy = '']) => ({ rule, standsIn, shownBy }));

const libraries = new Map(
  readdirSync(join(root, 'cql'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.cql'))
    .map((path) => [basename(path, '.cql'), readFileSync(join(root, 'cql', path), 'utf8')]),
);

function quoted(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
}

/** Library and define for each name in straight quotes, which belongs to the library before it. */
function definesOf({ standsIn }: Rule): [string, string][] {
  return standsIn.split(';').flatMap((part) => {
    const [library = ''] = quoted(part);
    return [...part.matchAll(/"([^"]+)"/g)].map(([, name = '']): [string, string] => [library, name]);
  });
}

function lacksDefine([library, name]: [string, string]): boolean {
  const source = libraries.get(library) ?? '';
  return !source.includes(`define "${name}":`) && !source.includes(`define function "${name}"(`);
}

function isThere(shown: string): boolean {
  const path = shown.startsWith('tests/') ? join(root, shown) : join(import.meta.dirname, `${shown}.yaml`);
  return existsSync(path);
}

describe('the table of rules', () => {
  it('has rules of every section', () => {
    expect(rules.length).toBeGreaterThan(60);
    const sections = new Set(rules.map(({ rule }) => /^[AB]\d/.exec(rule)?.[0]));
    expect([...sections].sort()).toEqual(['A0', 'A1', 'A2', 'A3', 'A4', 'A5', 'B1', 'B2', 'B3']);
  });

  it.each(rules)('names defines and files that are there: $rule', (rule) => {
    const files = quoted(rule.standsIn).filter((name) => name.includes('/'));
    expect(definesOf(rule).length + files.length).toBeGreaterThan(0);
    expect(definesOf(rule).filter(lacksDefine)).toEqual([]);
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  it.each(rules)('names cases that are there: $rule', ({ shownBy }) => {
    expect(quoted(shownBy)).not.toEqual([]);
    expect(quoted(shownBy).filter((shown) => !isThere(shown))).toEqual([]);
  });

  it('leaves out no cause and no rule on drafts', () => {
    const findings = [...libraries].filter(([, source]) => source.includes('define "Finding":')).map(([name]) => name);
    const named = new Set(rules.flatMap((rule) => definesOf(rule).map(([library]) => library)));
    expect(findings.length).toBeGreaterThan(35);
    expect(findings.filter((library) => !named.has(library))).toEqual([]);
  });
});
