import { describe, expect, it } from '@jest/globals';
import type { ElmNode } from '../../../src/reasoning/elm-library.js';
import { watchReads } from '../../mutation/number-reads.js';
import { decimal, integer, list, quantity, text, tuple } from './tiny-knowledge.js';

/** What is told while somebody looks at the value of the expression. */
function told<Value>(expression: ElmNode, value: Value, look: (value: Value) => unknown): string[] {
  const paths: string[] = [];
  watchReads(expression, value, (path) => paths.push(path));
  look(value);
  return paths;
}

describe('a number counts as read', () => {
  it('at once when it is the whole define, negated or not', () => {
    expect(told(integer(5), 5, () => 0)).toEqual(['']);
    expect(told({ type: 'Negate', operand: integer(5) }, -5, () => 0)).toEqual(['operand']);
  });

  it('when the value of its limit is looked at, not when its unit is', () => {
    const limits = list(quantity(8.4, 'mg/dL'), quantity(2.1, 'mmol/L'));
    const values = () => [8.4, 2.1].map((value, index) => ({ value, unit: ['mg/dL', 'mmol/L'][index] }));
    expect(told(limits, values(), (all) => all.map(({ unit }) => unit))).toEqual([]);
    expect(told(limits, values(), ([, second]) => second?.value)).toEqual(['element.1']);
  });

  it('when its element of a row is looked at', () => {
    const rows = list(
      tuple({ unit: text('mg/dL'), lowest: decimal('4.0') }),
      tuple({ unit: text('mmol/L'), lowest: decimal('1.0') }),
    );
    const values = [
      { unit: 'mg/dL', lowest: 4 },
      { unit: 'mmol/L', lowest: 1 },
    ];
    expect(told(rows, values, ([first]) => first?.lowest)).toEqual(['element.0.element.1.value']);
  });

  it('when it is inside a quantity made of its parts', () => {
    const made = tuple({ value: { type: 'ToDecimal', operand: integer(10) }, unit: text('m[IU]/L') });
    expect(told(list(made), [{ value: 10, unit: 'm[IU]/L' }], ([first]) => first?.value)).toEqual([
      'element.0.element.0.value.operand',
    ]);
  });

  it('and is what it was', () => {
    expect(
      told(list(quantity(8.4, 'mg/dL')), [{ value: 8.4 }], (all) => {
        expect(all).toEqual([{ value: 8.4 }]);
      }),
    ).not.toEqual([]);
  });
});
