import { describe, expect, it } from '@jest/globals';
import { Date as CqlDate, DateTime } from 'cql-execution';
import fc from 'fast-check';
import { parseFhirDate, parseFhirTime, parseFhirTimeOfDay } from '../../../src/reasoning/fhir-time.js';

const OFFSETS = [0, 60, -300, 345, -570, 840];

const anyDay = fc
  .date({ min: new Date('0002-01-01T00:00:00Z'), max: new Date('9998-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString());
const anyOffset = fc
  .tuple(fc.constantFrom('+', '-'), fc.integer({ min: 0, max: 13 }), fc.integer({ min: 0, max: 59 }))
  .map(([sign, hours, minutes]) => sign + twoDigits(hours) + ':' + twoDigits(minutes));
const anyZone = fc.oneof(fc.constantFrom('Z', '+14:00', '-14:00', '-00:00'), anyOffset);
/** Date and time with offset, with or without seconds and fraction. */
const anyFullTime = fc
  .tuple(anyDay, fc.constantFrom(16, 19, 23), anyZone)
  .map(([iso, length, zone]) => iso.slice(0, length) + zone);

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}

/** The instant as a clock in that zone shows it. */
function written(instant: number, zoneMinutes: number): string {
  const clock = new Date(instant + zoneMinutes * 60_000).toISOString().slice(0, 23);
  const minutes = Math.abs(zoneMinutes);
  return `${clock}${zoneMinutes < 0 ? '-' : '+'}${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`;
}

function instantOf(time: DateTime | undefined): number {
  return Date.parse(String(time));
}

function fieldsOf(text: string, offsetMinutes = 0): unknown {
  return Object.fromEntries(Object.entries(parseFhirTime(text, offsetMinutes) ?? {}));
}

describe('parseFhirTime', () => {
  it('reads a full time with its milliseconds', () => {
    const date = { year: 2026, month: 5, day: 12 };
    const clock = { hour: 8, minute: 30, second: 15, millisecond: 250, timezoneOffset: 0 };
    expect(fieldsOf('2026-05-12T08:30:15.250Z')).toEqual({ ...date, ...clock });
  });

  it('gives a value the engine takes for its own DateTime', () => {
    expect(parseFhirTime('2026-05-12T08:30:15Z', 0)).toBeInstanceOf(DateTime);
  });

  it.each([
    ['2026-05-12T23:00:00-05:00', 0, '2026-05-13T04:00:00.000+00:00'],
    ['2026-01-01T00:30:00Z', -300, '2025-12-31T19:30:00.000-05:00'],
    ['2024-02-28T23:45:00Z', 345, '2024-02-29T05:30:00.000+05:45'],
    ['2026-05-12T08:30:00+14:00', 0, '2026-05-11T18:30:00.000+00:00'],
    ['2026-05-12T08:30:00-00:00', 0, '2026-05-12T08:30:00.000+00:00'],
    ['0050-03-01T00:00:00+01:00', 0, '0050-02-28T23:00:00.000+00:00'],
  ])('brings %s to the offset of %d minutes', (text, offset, expected) => {
    expect(String(parseFhirTime(text, offset))).toBe(expected);
  });

  it.each([
    ['2026-05-12T08:30Z', '2026-05-12T08:30:00.000+00:00'],
    ['2026-05-12T08:30:15Z', '2026-05-12T08:30:15.000+00:00'],
    ['2026-05-12T08:30:15.5Z', '2026-05-12T08:30:15.500+00:00'],
    ['2026-05-12T08:30:15.07Z', '2026-05-12T08:30:15.070+00:00'],
    ['2026-05-12T08:30:15.123999999Z', '2026-05-12T08:30:15.123+00:00'],
  ])('completes the time of %s', (text, expected) => {
    expect(String(parseFhirTime(text, 0))).toBe(expected);
  });

  it('reads a time without offset in the given one', () => {
    expect(String(parseFhirTime('2026-05-12T08:30:00', -300))).toBe('2026-05-12T08:30:00.000-05:00');
  });

  it.each([
    ['2026', { year: 2026, month: null, day: null }],
    ['2026-05', { year: 2026, month: 5, day: null }],
    ['2026-05-12', { year: 2026, month: 5, day: 12 }],
  ])('keeps the precision of %s and gives it the offset', (text, date) => {
    const noTime = { hour: null, minute: null, second: null, millisecond: null, timezoneOffset: 5.75 };
    expect(fieldsOf(text, 345)).toEqual({ ...date, ...noTime });
  });

  it.each(['2024-02-29', '2000-02-29', '2026-12-31', '0001-01-01', '9999-12-31'])('knows the day %s', (text) => {
    expect(String(parseFhirTime(text, 0))).toBe(text);
  });

  it.each([
    ['a day that is not in the calendar', '2026-02-30'],
    ['a leap day of a common year', '2025-02-29'],
    ['a leap day of a common century', '1900-02-29'],
    ['day 31 of a short month', '2026-04-31T08:00:00Z'],
    ['month 13', '2026-13'],
    ['month 0', '2026-00-10'],
    ['day 0', '2026-05-00'],
    ['year 0', '0000-01-01'],
    ['a short year', '26-05-12'],
    ['hour 24', '2026-05-12T24:00:00Z'],
    ['minute 60', '2026-05-12T08:60:00Z'],
    ['a leap second', '2016-12-31T23:59:60Z'],
    ['an hour alone', '2026-05-12T08Z'],
    ['an empty fraction', '2026-05-12T08:00:00.Z'],
    ['a comma', '2026-05-12T08:00:00,5Z'],
    ['an offset beyond 14 hours', '2026-05-12T08:00:00+14:01'],
    ['an offset of 60 minutes', '2026-05-12T08:00:00+05:60'],
    ['an offset without colon', '2026-05-12T08:00:00+0500'],
    ['an offset of hours', '2026-05-12T08:00:00+05'],
    ['small letters', '2026-05-12t08:00:00z'],
    ['a space for T', '2026-05-12 08:00:00Z'],
    ['a space behind', '2026-05-12T08:00:00Z '],
    ['text behind', '2026-05-12T08:00:00Z[UTC]'],
    ['a date with offset', '2026-05-12Z'],
    ['a T alone', '2026-05-12T'],
    ['slashes', '2026/05/12'],
    ['digits of another script', '２０２６-05-12'],
    ['a time that leaves the calendar at its end', '9999-12-31T23:59:00-01:00'],
    ['a time that leaves the calendar at its start', '0001-01-01T00:00:00+01:00'],
    ['nothing', ''],
    ['a word', 'yesterday'],
  ])('does not read %s', (_what, text) => {
    expect(parseFhirTime(text, 0)).toBeUndefined();
  });

  it('keeps every instant, whatever the offset', () => {
    fc.assert(
      fc.property(anyFullTime, fc.constantFrom(...OFFSETS), (text, offset) => {
        expect(instantOf(parseFhirTime(text, offset))).toBe(Date.parse(text));
      }),
    );
  });

  it('orders texts as it orders times, equal ones equal', () => {
    const near = fc.integer({ min: Date.UTC(2026, 4, 12), max: Date.UTC(2026, 4, 12) + 3 });
    const zone = fc.integer({ min: -56, max: 56 }).map((quarters) => quarters * 15);
    fc.assert(
      fc.property(near, zone, near, zone, fc.constantFrom(...OFFSETS), (a, zoneA, b, zoneB, offset) => {
        const [textA, textB] = [parseFhirTime(written(a, zoneA), offset), parseFhirTime(written(b, zoneB), offset)].map(
          String,
        );
        expect([textA! < textB!, textA === textB]).toEqual([a < b, a === b]);
      }),
    );
  });

  it('never throws and never reads what JavaScript cannot date', () => {
    const almost = anyFullTime.chain((text) =>
      fc
        .tuple(fc.nat(text.length - 1), fc.string({ maxLength: 2 }))
        .map(([at, part]) => text.slice(0, at) + part + text.slice(at + 1)),
    );
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.string(), almost), (garbage) => {
        const time = parseFhirTime(garbage, 0);
        if (time !== undefined) expect(Number.isNaN(Date.parse(String(garbage)))).toBe(false);
        expect(() => [parseFhirDate(garbage), parseFhirTimeOfDay(garbage)]).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });
});

describe('parseFhirDate', () => {
  it.each(['1958', '1958-03', '1958-03-09'])('reads %s as a date of that precision', (text) => {
    const date = parseFhirDate(text);
    expect(date).toBeInstanceOf(CqlDate);
    expect(String(date)).toBe(text);
  });

  it.each(['1958-02-30', '1958-03-09T10:00:00Z', '09.03.1958', '', 1958, null])('does not read %p', (text) => {
    expect(parseFhirDate(text)).toBeUndefined();
  });
});

describe('parseFhirTimeOfDay', () => {
  it('reads a time of day as the engine writes Time', () => {
    const time = parseFhirTimeOfDay('08:30:15');
    expect(time?.isTime()).toBe(true);
    expect(String(time)).toBe('08:30:15.000');
  });

  it.each(['24:00:00', '08:30:15Z', '8:30', 'T08:30:15', '', 830, null])('does not read %p', (text) => {
    expect(parseFhirTimeOfDay(text)).toBeUndefined();
  });
});
