import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { FOLDERS } from '../../../src/folders.js';
import type { ElmNode } from '../../../src/reasoning/elm-library.js';
import { loadKnowledge } from '../../../src/reasoning/knowledge.js';
import { readEquivalentMutants } from '../../mutation/equivalent-mutants.js';
import { lineOf, mutantsOf } from '../../mutation/mutant.js';
import { thresholdMutants } from '../../mutation/threshold-mutants.js';
import { decimal, integer, list, quantity, text, tuple } from './tiny-knowledge.js';

function lines(define: string, expression: ElmNode): string[] {
  return mutantsOf(new Map([[define, expression]])).map(lineOf);
}

type Case = [define: string, expression: ElmNode, lines: string[]];

describe('a number is mistaken by the smallest step of its kind', () => {
  const cases: Case[] = [
    ['Points For Tin', integer(35), ['Points For Tin: 35 → 30', 'Points For Tin: 35 → 40']],
    ['Tin Look-Back', integer(90), ['Tin Look-Back: 90 → 89', 'Tin Look-Back: 90 → 91']],
    [
      'Low Tin',
      list(quantity(8.4, 'mg/dL'), quantity(2.1, 'mmol/L')),
      [
        'Low Tin, mg/dL: 8.4 → 8.3',
        'Low Tin, mg/dL: 8.4 → 8.5',
        'Low Tin, mmol/L: 2.1 → 2.09',
        'Low Tin, mmol/L: 2.1 → 2.11',
      ],
    ],
    [
      'Low Potassium',
      list(quantity(3.5, 'mmol/L')),
      ['Low Potassium, mmol/L: 3.5 → 3.4', 'Low Potassium, mmol/L: 3.5 → 3.6'],
    ],
    ['Low Sodium', list(quantity(135, 'mmol/L')), ['Low Sodium, mmol/L: 135 → 134', 'Low Sodium, mmol/L: 135 → 136']],
    ['High Urea', list(quantity(214, 'mg/dL')), ['High Urea, mg/dL: 214 → 213', 'High Urea, mg/dL: 214 → 215']],
    ['Low Nadir', decimal('90.0'), ['Low Nadir: 90 → 89', 'Low Nadir: 90 → 91']],
    [
      'Raised Ultrafiltration Rate',
      decimal('10.0'),
      ['Raised Ultrafiltration Rate: 10 → 9.9', 'Raised Ultrafiltration Rate: 10 → 10.1'],
    ],
    [
      'Cockcroft-Gault Factor For Women',
      decimal('0.85'),
      ['Cockcroft-Gault Factor For Women: 0.85 → 0.765', 'Cockcroft-Gault Factor For Women: 0.85 → 0.935'],
    ],
    [
      'Tin Grades',
      list(tuple({ name: text('mild'), points: integer(35), limits: list(quantity(8.4, 'mg/dL')) })),
      [
        'Tin Grades, mild, points: 35 → 30',
        'Tin Grades, mild, points: 35 → 40',
        'Tin Grades, mild, mg/dL: 8.4 → 8.3',
        'Tin Grades, mild, mg/dL: 8.4 → 8.5',
      ],
    ],
    [
      'Tin Units',
      list(tuple({ unit: text('meq/L'), lowest: decimal('0.0'), decimals: integer(0), times: decimal('0.5') })),
      [
        'Tin Units, lowest, meq/L: 0 → -1',
        'Tin Units, lowest, meq/L: 0 → 1',
        'Tin Units, decimals, meq/L: 0 → 1',
        'Tin Units, times, meq/L: 0.5 → 0.45',
        'Tin Units, times, meq/L: 0.5 → 0.55',
      ],
    ],
  ];
  it.each(cases)('%s', (define, expression, expected) => {
    expect(lines(define, expression)).toEqual(expected);
  });

  it('below zero too', () => {
    const below = { type: 'Negate', operand: integer(10) };
    expect(lines('Points Without Tin', below)).toEqual([
      'Points Without Tin: -10 → -15',
      'Points Without Tin: -10 → -5',
    ]);
    const [lower, higher] = mutantsOf(new Map([['Points Without Tin', below]]));
    expect(lower!.expression).toEqual({ type: 'Negate', operand: integer(15) });
    expect(higher!.expression).toEqual({ type: 'Negate', operand: integer(5) });
  });
});

describe('the thresholds of the knowledge', () => {
  const mutants = thresholdMutants(loadKnowledge(FOLDERS));

  it('have two mutants for each number written, but one where a result has no decimals to lose', () => {
    const cql = readFileSync(join(import.meta.dirname, '../../../cql/CrampThresholds.cql'), 'utf8');
    const numbers = cql.replace(/\/\/.*|"[^"]*"|'[^']*'/g, '').match(/\d+(\.\d+)?/g)!;
    const noDecimals = mutants.filter(({ place, from }) => place.startsWith('decimals') && from === '0');
    expect(mutants).toHaveLength(2 * numbers.length - noDecimals.length);
  });

  it('have a line of its own for each mutant', () => {
    expect(new Set(mutants.map(lineOf)).size).toBe(mutants.length);
  });

  it('are called equivalent only where they are', () => {
    const named = readEquivalentMutants(join(import.meta.dirname, '../../mutation/equivalent.json'));
    const all = mutants.map(lineOf);
    expect([...named.keys()].filter((line) => !all.includes(line))).toEqual([]);
  });
});
