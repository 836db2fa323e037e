import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { judged } from '../../hazards/judge.mjs';

const TESTS = join(import.meta.dirname, '../..');
const words = z.string().min(10);
const table = z
  .array(
    z.strictObject({
      id: z.string().regex(/^H\d+$/),
      hazard: words,
      cause: words,
      severity: z.enum(['serious', 'moderate', 'minor']),
      control: words,
      tests: z.array(z.strictObject({ file: z.string(), title: z.string() })).min(1),
    }),
  )
  .parse(parse(readFileSync(join(TESTS, 'hazards/hazards.yaml'), 'utf8')));

describe('the table of hazards', () => {
  it('numbers each hazard, in order', () => {
    expect(table.map(({ id }) => id)).toEqual(table.map((_each, index) => `H${String(index + 1)}`));
    expect(table.length).toBeGreaterThan(14);
  });

  it('names no test that is not there by its very title', () => {
    const missing = table
      .flatMap(({ tests }) => tests)
      .filter(({ file, title }) => {
        const path = join(TESTS, file);
        const source = existsSync(path) ? readFileSync(path, 'utf8') : '';
        return !["'", '`'].some((quote) => source.includes(`${quote}${title}${quote}`));
      });
    expect(missing).toEqual([]);
  });
});

describe('a hazard is shown to be controlled', () => {
  const hazard = { id: 'H1', hazard: 'Something', tests: [{ file: 'unit/one.test.ts', title: 'holds for %s (%i)' }] };
  const results = (...statuses: string[]) => [
    {
      name: '/clone/tests/unit/one.test.ts',
      assertionResults: statuses.map((status, index) => ({ title: `holds for a row (${String(index)})`, status })),
    },
  ];

  it('when every row of the tests named has passed', () => {
    expect(judged([hazard], results('passed', 'passed'))).toMatchObject([{ passed: 2, complaints: [] }]);
  });

  it.each<[string, string[], string]>([
    ['a row has failed', ['passed', 'failed'], 'unit/one.test.ts: "holds for a row (1)" is failed'],
    ['a row was left out', ['pending'], 'unit/one.test.ts: "holds for a row (0)" is pending'],
    ['no row was run', [], 'unit/one.test.ts: "holds for %s (%i)" was not run'],
  ])('and not when %s', (_what, statuses, complaint) => {
    expect(judged([hazard], results(...statuses))[0]?.complaints).toEqual([complaint]);
  });

  it('and not by a test of the same title in another file', () => {
    const [file] = results('passed');
    const elsewhere = [{ ...file!, name: '/clone/tests/unit/another-one.test.ts' }];
    expect(judged([hazard], elsewhere)[0]?.complaints).toHaveLength(1);
  });
});
