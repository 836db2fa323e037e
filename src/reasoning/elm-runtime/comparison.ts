import { DateTime, Interval } from 'cql-execution';
import { equals } from 'cql-execution/lib/util/comparison.js';
import { Uncertainty } from 'cql-execution/lib/datatypes/uncertainty.js';
import { before, sameMoment, sameOrAfter, sameOrBefore } from './times.js';
import { and } from './logic.js';
import { NotCompiled } from './not-compiled.js';
import { whole } from './row.js';

/** `=`: null when either side is. */
export function equal(a: unknown, b: unknown): boolean | null {
  if (a == null || b == null) return null;
  return isSame(a, b);
}

/** What a case compares with; the engine's equality, with the plain cases first. */
export function isSame(a: unknown, b: unknown): boolean | null {
  if (a == null || b == null) return null;
  if (typeof a === 'string' && typeof b === 'string') return a === b;
  if (typeof a === 'number' && typeof b === 'number') return a === b;
  if (a instanceof DateTime && b instanceof DateTime) return sameMoment(a, b);
  // Typed by the engine as any.
  return equals(whole(a), whole(b)) as boolean | null;
}

export function less(a: unknown, b: unknown): boolean | null {
  if (typeof a === 'number' && typeof b === 'number') return a < b;
  if (a == null || b == null) return null;
  if (a instanceof DateTime && b instanceof DateTime) return before(a, b);
  return uncertain(a).lessThan(uncertain(b)) as boolean | null;
}

export function greater(a: unknown, b: unknown): boolean | null {
  if (typeof a === 'number' && typeof b === 'number') return b < a;
  if (a == null || b == null) return null;
  if (a instanceof DateTime && b instanceof DateTime) return before(b, a);
  return uncertain(a).greaterThan(uncertain(b)) as boolean | null;
}

function uncertain(value: unknown): Uncertainty {
  return Uncertainty.from(value) as Uncertainty;
}

export function lessOrEqual(a: unknown, b: unknown): boolean | null {
  const isGreater = greater(a, b);
  return isGreater == null ? null : !isGreater;
}

export function greaterOrEqual(a: unknown, b: unknown): boolean | null {
  const isLess = less(a, b);
  return isLess == null ? null : !isLess;
}

/** `x in list`, `x in interval`, `x in day of interval`. */
export function isIn(item: unknown, container: unknown, precision?: string): boolean | null {
  if (container == null) return false;
  if (Array.isArray(container)) return holds(container, item);
  if (item == null) return null;
  if (item instanceof DateTime && isClosedTime(container)) {
    return isBetween(item, container, precision);
  }
  if (container instanceof Interval) return container.contains(item, precision);
  throw new NotCompiled('a search in what holds nothing');
}

function holds(list: readonly unknown[], item: unknown): boolean {
  for (const each of list) if (isSame(each, item) === true || (each == null && item == null)) return true;
  return false;
}

interface ClosedTime {
  low: DateTime;
  high: DateTime;
}

function isClosedTime(value: unknown): value is Interval & ClosedTime {
  if (!(value instanceof Interval) || value.lowClosed !== true || value.highClosed !== true) return false;
  return value.low instanceof DateTime && value.high instanceof DateTime;
}

/** An end that is the very item decides before the precision does. */
function isBetween(item: DateTime, { low, high }: ClosedTime, precision?: string): boolean | null {
  if (sameMoment(low, item) === true || sameMoment(high, item) === true) return true;
  return and(sameOrBefore(low, item, precision), sameOrAfter(high, item, precision));
}
