import { Date as CqlDate, DateTime, Quantity } from 'cql-execution';
import { doDivision, doMultiplication } from 'cql-execution/lib/datatypes/quantity.js';
import { isValidDecimal, limitDecimalPrecision, overflowsOrUnderflows } from 'cql-execution/lib/util/math.js';
import { NotCompiled } from './not-compiled.js';
import { addTo, subtractFrom } from './times.js';

type Numbers = (a: number, b: number) => number;

const SMALL = 2 ** 31 - 1;

/** Of two numbers; what is beyond the range of the language is null. */
function inRange(value: number): number | null {
  if (value >= -SMALL && value <= SMALL) return value;
  return overflowsOrUnderflows(value) ? null : value;
}

function withinRange(value: unknown): unknown {
  return overflowsOrUnderflows(value) ? null : value;
}

/** Uncertain numbers (days between dates that are not complete) are left to the interpreter. */
function refuseUnmeasured(value: unknown): void {
  if (!(value instanceof Quantity || value instanceof DateTime || value instanceof CqlDate)) refuseOther();
}

function computed(a: unknown, b: unknown, numbers: Numbers, others: (a: unknown, b: unknown) => unknown): unknown {
  if (typeof a === 'number' && typeof b === 'number') return inRange(numbers(a, b));
  if (a == null || b == null) return null;
  refuseUnmeasured(a);
  return withinRange(others(a, b));
}

export function add(a: unknown, b: unknown): unknown {
  return computed(a, b, (x, y) => x + y, addTo);
}

export function subtract(a: unknown, b: unknown): unknown {
  return computed(a, b, (x, y) => x - y, subtractFrom);
}

export function multiply(a: unknown, b: unknown): unknown {
  // Either may be the quantity.
  return a instanceof Quantity || typeof b === 'number'
    ? computed(a, b, (x, y) => x * y, doMultiplication)
    : computed(
        b,
        a,
        (x, y) => y * x,
        (x, y) => doMultiplication(y, x),
      );
}

export function divide(a: unknown, b: unknown): unknown {
  return computed(a, b, (x, y) => x / y, doDivision);
}

export function power(a: unknown, b: unknown): unknown {
  return computed(a, b, Math.pow, () => refuseOther());
}

export function negate(value: unknown): unknown {
  if (value == null) return null;
  if (value instanceof Quantity) return new Quantity(value.value * -1, value.unit);
  return typeof value === 'number' ? value * -1 : refuseOther();
}

export function truncate(value: unknown): unknown {
  if (value == null) return null;
  if (typeof value !== 'number') return refuseOther();
  return value >= 0 ? Math.floor(value) : Math.ceil(value);
}

/** Half up, in binary: `Round(1.005, 2)` is 1. */
export function round(value: unknown, decimals: unknown = 0): unknown {
  if (value == null) return null;
  if (typeof value !== 'number' || (typeof decimals !== 'number' && decimals !== null)) return refuseOther();
  const factor = 10 ** Number(decimals);
  return Math.round(value * factor) / factor;
}

export function toDecimal(value: unknown): unknown {
  if (value == null) return null;
  if (Number.isSafeInteger(value)) return Number(value) + 0;
  if (typeof value !== 'number') return refuseOther();
  const decimal: unknown = limitDecimalPrecision(value);
  return isValidDecimal(decimal) ? decimal : null;
}

function refuseOther(): never {
  throw new NotCompiled('a computation with what is no number');
}

export function sum(list: unknown): unknown {
  const items = numbersIn(list);
  return items === null || items.length === 0 ? null : items.reduce((total, item) => total + item);
}

function numbersIn(list: unknown): number[] | null {
  if (!Array.isArray(list)) return null;
  return list.filter((item) => item != null).map((item) => (typeof item === 'number' ? item : refuseOther()));
}
