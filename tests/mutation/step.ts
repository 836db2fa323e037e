import type { ElmNumber } from './elm-number.js';

/** The smallest amount by which a number of that kind is reported or chosen; the first line that fits counts. */
interface Step {
  define?: RegExp;
  element?: RegExp;
  unit?: string;
  by: number;
}

const STEPS: readonly Step[] = [
  { element: /^points$/, by: 5 },
  { define: /^(Points|Cap) /, by: 5 },
  { define: /^High Urea Nitrogen To Creatinine$/, by: 0.1 },
  { define: /Ultrafiltration Rate$|^Weight Below Dry Weight$/, by: 0.1 },
  { define: /Potassium/, unit: 'mmol/L', by: 0.1 },
  { define: /Sodium|Bicarbonate/, unit: 'mmol/L', by: 1 },
  { define: /Urea/, unit: 'mg/dL', by: 1 },
  { define: /Urea/, unit: 'mmol/L', by: 0.1 },
  { unit: 'mg/dL', by: 0.1 },
  { unit: 'mmol/L', by: 0.01 },
  { unit: 'g/dL', by: 0.1 },
  { unit: 'pmol/L', by: 0.1 },
  { unit: 'm[IU]/L', by: 0.1 },
];
/** Days, hours, years, milligrams, multiples, mmHg, and the units whose results have no decimals. */
const ONE = 1;

/** Factors of a formula have no reported step. */
const FACTOR = /^Correction Per |^Umol\/L Of Creatinine |^Cockcroft-Gault (Divisor|Factor)/;
const TENTH = 0.1;

/** What the number might have been by mistake: a step less and a step more, as it is written in ELM. */
export function mistakenValues(number: ElmNumber): string[] {
  const { value, element, type } = number;
  if (element === 'decimals') return [value - 1, value + 1].filter((decimals) => decimals >= 0).map(String);
  if (element === 'times' || FACTOR.test(number.define)) {
    return [value * (1 - TENTH), value * (1 + TENTH)].map((factor) =>
      written(type === 'integer' ? Math.round(factor) : factor),
    );
  }
  const step = stepOf(number);
  return [written(value - step), written(value + step)];
}

function stepOf(number: ElmNumber): number {
  const { define, element = '', unit, decimals } = number;
  if (decimals !== undefined && /^(lowest|highest)$/.test(element)) return 10 ** -decimals;
  const fitting = STEPS.find(
    (step) =>
      (step.define?.test(define) ?? true) &&
      (step.element?.test(element) ?? true) &&
      (step.unit === undefined || step.unit === unit),
  );
  return fitting?.by ?? ONE;
}

/** Without the crumbs of binary fractions. */
function written(value: number): string {
  return String(Number(value.toFixed(6)));
}
