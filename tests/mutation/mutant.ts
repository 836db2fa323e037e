import type { ElmNode } from '../../src/reasoning/elm-library.js';
import { type ElmNumber, numbersOf, withNumber } from './elm-number.js';
import { mistakenValues } from './step.js';

/** One number of one define written wrongly. */
export interface Mutant {
  define: string;
  /** Where in the define, and the unit: `moderate, mg/dL`; empty when there is nothing to tell apart. */
  place: string;
  from: string;
  to: string;
  /** Path of the number's literal in the define's expression. */
  path: string;
  /** The define's expression with the wrong number. */
  expression: ElmNode;
}

/**
 * Every number of the defines, one at a time, a step down and a step up.
 *
 * @param defines ELM expressions by name
 * @param only text that the name of the define must contain
 */
export function mutantsOf(defines: ReadonlyMap<string, ElmNode>, only = ''): Mutant[] {
  const chosen = [...defines].filter(([define]) => define.toLowerCase().includes(only.toLowerCase()));
  return chosen.flatMap(([define, expression]) =>
    numbersOf(define, expression).flatMap((number) =>
      mistakenValues(number).map((to) => ({
        define,
        place: placeOf(number),
        from: String(number.value),
        to,
        path: number.path.join('.'),
        expression: withNumber(expression, number, to),
      })),
    ),
  );
}

function placeOf({ row, element, unit }: ElmNumber): string {
  return [row, element === 'limits' || element === 'value' ? undefined : element, unit]
    .filter((part) => part !== undefined)
    .join(', ');
}

/** `Low Potassium, mmol/L: 3.5 → 3.4` */
export function lineOf({ define, place, from, to }: Pick<Mutant, 'define' | 'place' | 'from' | 'to'>): string {
  return `${[define, ...(place === '' ? [] : [place])].join(', ')}: ${from} → ${to}`;
}
