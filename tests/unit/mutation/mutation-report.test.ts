import { describe, expect, it } from '@jest/globals';
import { mutationReport, type Outcome } from '../../mutation/mutation-report.js';

const noticed: Outcome = { line: 'Low Tin, mg/dL: 8 → 7', usedIn: 'Tin', fate: 'noticed' };
const survived: Outcome = { line: 'Low Tin, mg/dL: 8 → 9', usedIn: 'Tin', fate: 'survived' };
const other: Outcome = { line: 'Old Age: 70 → 71', usedIn: 'Age, Tin', fate: 'unread' };
const none = new Map<string, string>();

describe('the report', () => {
  it('lists survivors under the libraries that use them, and sums up', () => {
    expect(mutationReport([other, noticed, survived], none, true)).toEqual({
      lines: [
        'Age, Tin:',
        '  Old Age: 70 → 71 (no case reads it)',
        'Tin:',
        '  Low Tin, mg/dL: 8 → 9',
        '3 mutants: 1 noticed, 2 survived (1 read by no case), 0 equivalent, 0 not played',
      ],
      passed: false,
    });
  });

  it('passes when every mutant is noticed or equivalent', () => {
    const equivalent = new Map([[survived.line, 'tin is counted in pairs']]);
    expect(mutationReport([noticed, survived], equivalent, true)).toEqual({
      lines: ['2 mutants: 1 noticed, 0 survived (0 read by no case), 1 equivalent, 0 not played'],
      passed: true,
    });
  });

  it('does not pass when time ran out', () => {
    expect(mutationReport([noticed, { ...survived, fate: 'not played' }], none, true)).toEqual({
      lines: ['2 mutants: 1 noticed, 0 survived (0 read by no case), 0 equivalent, 1 not played'],
      passed: false,
    });
  });

  it('does not let an entry stand that some case notices, or that is no mutant', () => {
    const equivalent = new Map([noticed.line, 'Low Lead: 1 → 2'].map((line) => [line, 'nobody looks at it']));
    expect(mutationReport([noticed], equivalent, true)).toEqual({
      lines: [
        `not equivalent after all: ${noticed.line}`,
        'not equivalent after all: Low Lead: 1 → 2',
        '1 mutants: 1 noticed, 0 survived (0 read by no case), 0 equivalent, 0 not played',
      ],
      passed: false,
    });
  });

  it('does not pass without mutants', () => {
    expect(mutationReport([], none, false).passed).toBe(false);
  });

  it('knows nothing of entries whose mutants were not made', () => {
    expect(mutationReport([noticed], new Map([['Low Lead: 1 → 2', 'nobody looks at it']]), false).passed).toBe(true);
  });
});
