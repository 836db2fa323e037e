import { DateTime, Interval, Quantity } from 'cql-execution';
import { NotCompiled } from './not-compiled.js';
import { after, before, sameOrAfter } from './times.js';

export function interval(low: unknown, high: unknown, lowClosed: boolean, highClosed: boolean): Interval {
  return new Interval(low, high, lowClosed, highClosed);
}

/**
 * Joins intervals of time that overlap or, at the precision of the first one's start, touch. Source: the engine's
 * Collapse, which copies what it is given and leaves nulls out.
 */
export function collapse(intervals: unknown, per: unknown): unknown {
  if (intervals == null) return null;
  if (!Array.isArray(intervals) || per != null) throw new NotCompiled('a collapse by a width');
  const waiting = intervals
    .filter((each) => each != null)
    .map(timesIn)
    .sort(byStart);
  const [firstOne, ...others] = waiting;
  if (firstOne === undefined || others.length === 0) return waiting;
  const unit = firstOfAll(intervals).low.getPrecision();
  const joined: Times[] = [];
  let last = firstOne;
  for (const next of others) {
    if (sameOrAfter(last.high, next.low)) {
      if (after(next.high, last.high)) last.high = next.high;
    } else if (isNextTo(last.high, next.low, unit)) {
      last.high = next.high;
    } else {
      joined.push(last);
      last = next;
    }
  }
  return [...joined, last];
}

interface Times extends Interval {
  low: DateTime;
  high: DateTime;
}

function firstOfAll(intervals: readonly unknown[]): Times {
  return timesIn(intervals.find((each) => each != null));
}

/** A copy: what the list holds may be seen by others. */
function timesIn(value: unknown): Times {
  if (!isOfTimes(value)) throw new NotCompiled('a collapse of other intervals');
  const { low, high, lowClosed, highClosed } = value;
  return new Interval(low, high, lowClosed, highClosed);
}

function isOfTimes(value: unknown): value is Times {
  return value instanceof Interval && value.low instanceof DateTime && value.high instanceof DateTime;
}

function byStart(a: Times, b: Times): number {
  if (before(a.low, b.low)) return -1;
  if (after(a.low, b.low)) return 1;
  if (before(a.high, b.high)) return -1;
  return after(a.high, b.high) ? 1 : 0;
}

function isNextTo(end: DateTime, start: DateTime, unit: string | null): boolean {
  const size = new Quantity(1, unit);
  return Number(end.durationBetween(start, size.unit)?.high) <= Number(size.value);
}
