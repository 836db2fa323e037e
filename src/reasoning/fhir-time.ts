import { Date as CqlDate, DateTime } from 'cql-execution';

/** A time as the engine has it: what is not said is null. */
export type FhirTime = DateTime;

interface Day {
  year: number;
  month?: number;
  day?: number;
}

interface Clock {
  hour: number;
  minute: number;
  second: number;
  millisecond: number;
  /** Where the text goes on. */
  end: number;
}

const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
// The calendar repeats after 400 years; moved that far, no year falls into the range JavaScript reads as 19xx.
const CALENDAR_CYCLE = 400;

/**
 * Reads a FHIR dateTime or instant into one offset: the engine sorts dateTimes as text, so only then newest is newest.
 *
 * Year, month and day precision stay; a time of day is always complete (seconds and milliseconds missing are 0, which
 * CQL compares alike; finer fractions are cut). A time without offset is read in the given one, as CQL does.
 * Source: FHIR R4 datatypes, dateTime; stricter in one point: a leap second is not read.
 *
 * @param offsetMinutes the one offset, minutes east of UTC
 * @returns undefined for anything that is not such a text
 */
export function parseFhirTime(text: unknown, offsetMinutes: number): DateTime | undefined {
  if (typeof text !== 'string') return undefined;
  if (text.length <= 10) return dayInOffset(readDay(text), offsetMinutes);
  const day = readDay(text.slice(0, 10));
  const clock = text[10] === 'T' ? readClock(text, 11) : undefined;
  if (day === undefined || clock === undefined) return undefined;
  const offset = clock.end === text.length ? offsetMinutes : readOffset(text, clock.end);
  return offset === undefined ? undefined : timeInOffset(day, clock, offsetMinutes - offset, offsetMinutes);
}

/**
 * The last millisecond (since 1970) that a FHIR dateTime or instant may mean; without offset it is read in UTC.
 *
 * @returns undefined for anything that is not such a text
 */
export function lastMomentOf(text: unknown): number | undefined {
  if (typeof text !== 'string') return undefined;
  const date = readDay(text.length <= 10 ? text : text.slice(0, 10));
  if (date === undefined) return undefined;
  const { year, month, day } = date;
  if (text.length > 10) return momentOf(text, date);
  // Day 0 of a month is the last of the one before.
  const [monthIndex, lastDay] = day === undefined ? [month ?? 12, 0] : [(month ?? 1) - 1, day];
  return Date.UTC(year, monthIndex, lastDay, 23, 59, 59, 999);
}

function momentOf(text: string, { year, month = 1, day = 1 }: Day): number | undefined {
  const clock = text[10] === 'T' ? readClock(text, 11) : undefined;
  if (clock === undefined) return undefined;
  const { hour, minute, second, millisecond, end } = clock;
  const offset = end === text.length ? 0 : readOffset(text, end);
  // The offset could lead out of the years there are.
  if (offset === undefined || year === 1 || year === 9999) return undefined;
  return Date.UTC(year, month - 1, day, hour, minute - offset, second, millisecond);
}

/** Reads a FHIR date: `2026`, `2026-05` or `2026-05-12`, never with a time; undefined for anything else. */
export function parseFhirDate(text: unknown): CqlDate | undefined {
  const day = typeof text === 'string' ? readDay(text) : undefined;
  return day && new CqlDate(day.year, day.month, day.day);
}

/** Reads a FHIR time (of day, without offset) as the engine's Time: a DateTime of year 0; undefined for anything else. */
export function parseFhirTimeOfDay(text: unknown): DateTime | undefined {
  if (typeof text !== 'string') return undefined;
  const clock = readClock(text, 0);
  if (clock === undefined || clock.end !== text.length) return undefined;
  return new DateTime(0, 1, 1, clock.hour, clock.minute, clock.second, clock.millisecond, null);
}

/** A time of the engine, or what else prints itself as one, as FHIR writes it: `2026-05-12T08:00:00Z`. */
export function fhirText(value: { toString(): string }): string {
  if (value instanceof DateTime && isPlainUtc(value)) return completeText(value);
  return value
    .toString()
    .replace(/\.000(?=[+-]|$)/, '')
    .replace(/\+00:00$/, 'Z');
}

type Complete = Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'millisecond', number>;

function isPlainUtc(time: DateTime): time is DateTime & Complete {
  return time.millisecond !== null && time.timezoneOffset === 0 && (time.year ?? 0) >= 1_000;
}

/** The engine's own way to print it takes six times as long. */
function completeText({ year, month, day, hour, minute, second, millisecond }: Complete): string {
  const fraction = millisecond === 0 ? '' : `.${String(millisecond).padStart(3, '0')}`;
  return `${String(year)}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}${fraction}Z`;
}

function two(number: number): string {
  return number < 10 ? `0${String(number)}` : String(number);
}

function dayInOffset(day: Day | undefined, offsetMinutes: number): DateTime | undefined {
  return day && new DateTime(day.year, day.month, day.day, null, null, null, null, offsetMinutes / 60);
}

function timeInOffset(day: Day, clock: Clock, shiftMinutes: number, offsetMinutes: number): DateTime | undefined {
  const { year, month = 1, day: date = 1 } = day;
  const { hour, minute, second, millisecond } = clock;
  const offsetHours = offsetMinutes / 60;
  if (shiftMinutes === 0) return new DateTime(year, month, date, hour, minute, second, millisecond, offsetHours);
  const moved = new Date(Date.UTC(year + CALENDAR_CYCLE, month - 1, date, hour, minute + shiftMinutes));
  const movedYear = moved.getUTCFullYear() - CALENDAR_CYCLE;
  if (movedYear < 1 || movedYear > 9999) return undefined;
  const [movedMonth, movedDate] = [moved.getUTCMonth() + 1, moved.getUTCDate()];
  const [movedHour, movedMinute] = [moved.getUTCHours(), moved.getUTCMinutes()];
  return new DateTime(movedYear, movedMonth, movedDate, movedHour, movedMinute, second, millisecond, offsetHours);
}

function readDay(text: string): Day | undefined {
  const year = digits(text, 0, 4);
  if (!(year >= 1)) return undefined;
  if (text.length === 4) return { year };
  const month = digits(text, 5, 2);
  if (text[4] !== '-' || !(month >= 1 && month <= 12)) return undefined;
  if (text.length === 7) return { year, month };
  const day = digits(text, 8, 2);
  if (text[7] !== '-' || text.length !== 10 || !(day >= 1 && day <= daysIn(year, month))) return undefined;
  return { year, month, day };
}

function daysIn(year: number, month: number): number {
  const leapYear = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 2 && leapYear ? 29 : (DAYS_IN_MONTH[month - 1] ?? 0);
}

function readClock(text: string, at: number): Clock | undefined {
  const hour = digits(text, at, 2);
  const minute = digits(text, at + 3, 2);
  if (text[at + 2] !== ':' || !(hour <= 23) || !(minute <= 59)) return undefined;
  if (text[at + 5] !== ':') return { hour, minute, second: 0, millisecond: 0, end: at + 5 };
  const second = digits(text, at + 6, 2);
  if (!(second <= 59)) return undefined;
  if (text[at + 8] !== '.') return { hour, minute, second, millisecond: 0, end: at + 8 };
  const end = endOfDigits(text, at + 9);
  if (end === at + 9) return undefined;
  return {
    hour,
    minute,
    second,
    millisecond: Number(
      text
        .slice(at + 9, end)
        .padEnd(3, '0')
        .slice(0, 3),
    ),
    end,
  };
}

/** Minutes east of UTC, at most 14 hours either way. */
function readOffset(text: string, at: number): number | undefined {
  const sign = text[at];
  if (sign === 'Z') return text.length === at + 1 ? 0 : undefined;
  if ((sign !== '+' && sign !== '-') || text[at + 3] !== ':' || text.length !== at + 6) return undefined;
  const minute = digits(text, at + 4, 2);
  const minutes = digits(text, at + 1, 2) * 60 + minute;
  if (!(minutes <= 14 * 60) || minute > 59) return undefined;
  return sign === '-' ? -minutes : minutes;
}

/** The number written in `count` digits, NaN when one of them is not a digit: false in every comparison. */
function digits(text: string, at: number, count: number): number {
  let number = 0;
  for (let index = at; index < at + count; index++) {
    const digit = text.charCodeAt(index) - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    number = number * 10 + digit;
  }
  return number;
}

function endOfDigits(text: string, at: number): number {
  let end = at;
  while (!Number.isNaN(digits(text, end, 1))) end++;
  return end;
}
