import { Date as CqlDate, DateTime, Quantity } from 'cql-execution';
import { doAddition, doSubtraction } from 'cql-execution/lib/datatypes/quantity.js';

/**
 * Times of one offset are compared here, field by field; everything else by the engine's own methods, which bring
 * luxon for what has several offsets.
 */
interface Comparable {
  before(other: unknown, precision?: string): boolean | null;
  after(other: unknown, precision?: string): boolean | null;
  sameAs(other: unknown, precision?: string): boolean | null;
  sameOrBefore(other: unknown, precision?: string): boolean | null;
  sameOrAfter(other: unknown, precision?: string): boolean | null;
}

const MOST_PRECISE = 6;
const LAST_FIELD: Readonly<Record<string, number>> = { year: 0, month: 1, day: 2, hour: 3, minute: 4, second: 5 };
const DAY_FIELD = 2;

/** -1, 0 or 1; null where a missing part leaves it open. Undefined: not to be compared here. */
export function order(a: unknown, b: unknown, precision?: string): -1 | 0 | 1 | null | undefined {
  if (!(a instanceof DateTime) || !(b instanceof DateTime)) return undefined;
  const last = precision === undefined ? MOST_PRECISE : LAST_FIELD[precision];
  if (last === undefined) return undefined;
  // Days and longer are compared as they are written, whatever the offset.
  if (a.timezoneOffset !== b.timezoneOffset && !(precision !== undefined && last <= DAY_FIELD)) return undefined;
  let known = compareField(a.year, b.year, precision);
  if (known === 0 && last > 0) known = compareField(a.month, b.month, precision);
  if (known === 0 && last > 1) known = compareField(a.day, b.day, precision);
  if (known === 0 && last > 2) known = compareField(a.hour, b.hour, precision);
  if (known === 0 && last > 3) known = compareField(a.minute, b.minute, precision);
  if (known === 0 && last > 4) known = compareField(a.second, b.second, precision);
  if (known === 0 && last > 5) known = compareField(a.millisecond, b.millisecond, precision);
  return known === ENDED ? 0 : known;
}

/** Both end here, as precise as each other. */
const ENDED = 2;

type Field = number | null;

function compareField(a: Field, b: Field, precision: string | undefined): -1 | 0 | 1 | 2 | null {
  if (a == null || b == null) return a == null && b == null && precision === undefined ? ENDED : null;
  return a === b ? 0 : a < b ? -1 : 1;
}

/** The values are whatever the knowledge compares; the engine calls these methods on them unseen. */
function engine(value: unknown): Comparable {
  return value as Comparable;
}

export function before(a: unknown, b: unknown, precision?: string): boolean | null {
  if (a == null || b == null) return null;
  const known = order(a, b, precision);
  if (known === undefined) return engine(a).before(b, precision);
  return known === null ? null : known < 0;
}

export function after(a: unknown, b: unknown, precision?: string): boolean | null {
  if (a == null || b == null) return null;
  const known = order(a, b, precision);
  if (known === undefined) return engine(a).after(b, precision);
  return known === null ? null : known > 0;
}

export function sameAs(a: unknown, b: unknown, precision?: string): boolean | null {
  if (a == null || b == null) return null;
  const known = order(a, b, precision);
  if (known === undefined) return engine(a).sameAs(b, precision);
  return known === null ? null : known === 0;
}

export function sameOrBefore(a: unknown, b: unknown, precision?: string): boolean | null {
  if (a == null || b == null) return null;
  const known = order(a, b, precision);
  if (known === undefined) return engine(a).sameOrBefore(b, precision);
  return known === null ? null : known <= 0;
}

export function sameOrAfter(a: unknown, b: unknown, precision?: string): boolean | null {
  if (a == null || b == null) return null;
  const known = order(a, b, precision);
  if (known === undefined) return engine(a).sameOrAfter(b, precision);
  return known === null ? null : known >= 0;
}

/** `=` of two times: seconds and milliseconds count as one number, so a missing millisecond is 0. */
export function sameMoment(a: DateTime, b: DateTime): boolean | null {
  const isWhole = (a.millisecond == null) === (b.millisecond == null);
  const known = isWhole ? order(a, b) : undefined;
  if (known === undefined) return a.equals(b) as boolean | null;
  return known === null ? null : known === 0;
}

/** Of the units of time that CQL has, which it writes in both ways. */
const MILLISECONDS = new Map(
  Object.entries({
    week: 604_800_000,
    day: 86_400_000,
    hour: 3_600_000,
    minute: 60_000,
    second: 1_000,
    millisecond: 1,
  }).flatMap(([unit, ms]) => [
    [unit, ms],
    [`${unit}s`, ms],
  ]),
);
const LEAST_YEAR = 1_000;
const MOST_YEAR = 9_998;

/** A whole number of days or less added to a complete time; undefined: not to be computed here. */
function shifted(time: unknown, quantity: unknown, sign: 1 | -1): DateTime | undefined {
  if (!(time instanceof DateTime) || !(quantity instanceof Quantity)) return undefined;
  const step = MILLISECONDS.get(String(quantity.unit));
  const steps = Number(quantity.value) * sign;
  // The engine brings offsets through whole minutes.
  const isExact = step !== undefined && Number.isInteger(steps) && Number.isInteger((time.timezoneOffset ?? NaN) * 4);
  if (!isExact || time.millisecond == null || Math.abs(steps) > 1e6) return undefined;
  const moved = new Date(millisecondsOf(time) + steps * step);
  const year = moved.getUTCFullYear();
  if ((time.year ?? 0) < LEAST_YEAR || !(year >= LEAST_YEAR && year <= MOST_YEAR)) return undefined;
  const [month, day, hour] = [moved.getUTCMonth() + 1, moved.getUTCDate(), moved.getUTCHours()];
  const [minute, second, millisecond] = [moved.getUTCMinutes(), moved.getUTCSeconds(), moved.getUTCMilliseconds()];
  return new DateTime(year, month, day, hour, minute, second, millisecond, time.timezoneOffset);
}

/** As if its offset were UTC. */
function millisecondsOf({ year, month, day, hour, minute, second, millisecond }: DateTime): number {
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day ?? 1, hour ?? 0, minute ?? 0, second ?? 0, millisecond ?? 0);
}

/** Of a time or a quantity. */
export function addTo(a: unknown, b: unknown): unknown {
  return shifted(a, b, 1) ?? (doAddition(a, b) as unknown);
}

export function subtractFrom(a: unknown, b: unknown): unknown {
  return shifted(a, b, -1) ?? (doSubtraction(a, b) as unknown);
}

interface Measurable {
  differenceBetween(other: unknown, unit: string): Uncertain | null;
  durationBetween(other: unknown, unit: string): Uncertain | null;
}

interface Uncertain {
  low: unknown;
  isPoint(): boolean;
}

export function differenceBetween(a: unknown, b: unknown, unit: string): unknown {
  const known = differenceOf(a, b, unit);
  return known ?? measured(a, b, (from) => from.differenceBetween(b, unit), 'differenceBetween');
}

export function durationBetween(a: unknown, b: unknown, unit: string): unknown {
  if (unit === 'year' && isCompleteDay(a) && isCompleteDay(b)) return yearsBetween(a, b);
  return measured(a, b, (from) => from.durationBetween(b, unit), 'durationBetween');
}

/** A day that comes every year: the 29th of February is left to the engine. */
function isCompleteDay(value: unknown): value is CqlDate & { year: number; month: number; day: number } {
  return (
    value instanceof CqlDate && value.year != null && value.day != null && !(value.month === 2 && value.day === 29)
  );
}

function yearsBetween(
  a: { year: number; month: number; day: number },
  b: { year: number; month: number; day: number },
): number {
  const years = b.year - a.year;
  const days = (b.month - a.month) * 31 + b.day - a.day;
  if (years > 0 && days < 0) return years - 1;
  return years < 0 && days > 0 ? years + 1 : years;
}

function measured(
  a: unknown,
  b: unknown,
  measure: (from: Measurable) => Uncertain | null,
  method: keyof Measurable,
): unknown {
  if (!isMeasurable(a, method) || !isMeasurable(b, method)) return null;
  const result = measure(a);
  return result != null && result.isPoint() ? result.low : result;
}

function isMeasurable(value: unknown, method: keyof Measurable): value is Measurable {
  return value != null && typeof (value as Partial<Measurable>)[method] === 'function';
}

/** Days between calendar days; minutes between complete times of one offset. Undefined: not to be computed here. */
function differenceOf(a: unknown, b: unknown, unit: string): number | undefined {
  if (!(a instanceof DateTime) || !(b instanceof DateTime)) return undefined;
  if ((a.year ?? 0) < LEAST_YEAR || (b.year ?? 0) < LEAST_YEAR || a.day == null || b.day == null) return undefined;
  if (unit === 'day') return dayNumber(b) - dayNumber(a);
  const isWhole = a.millisecond != null && b.millisecond != null && a.timezoneOffset === b.timezoneOffset;
  if (unit !== 'minute' || !isWhole || !Number.isInteger((a.timezoneOffset ?? NaN) * 4)) return undefined;
  return minuteNumber(b) - minuteNumber(a);
}

function dayNumber({ year, month, day }: DateTime): number {
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day ?? 1) / 86_400_000;
}

function minuteNumber(time: DateTime): number {
  return Math.floor(millisecondsOf(time) / 60_000);
}

export function date(...parts: unknown[]): CqlDate {
  // The knowledge gives numbers or nulls.
  const [year, month, day] = parts as (number | undefined)[];
  return new CqlDate(year, month, day);
}

/** `hour from time`. */
export function component(value: unknown, name: string): unknown {
  // Dates and times hold their components under these names.
  return value == null ? null : (value as Record<string, unknown>)[name];
}
