import { describe, expect, it } from '@jest/globals';
import { ageText, dateText, dayText, instantOf, yearsBetween } from '../../../../src/web/browser/fhir-date.js';

describe('a date of the record', () => {
  it.each([
    ['2026-05-12T08:00:00Z', '12 May 2026, 08:00'],
    ['2023-12-31T23:30:00-05:00', '31 Dec 2023, 23:30'],
    ['2024-02-29', '29 Feb 2024'],
    ['2181-10', 'Oct 2181'],
    ['2181', '2181'],
    ['yesterday', 'date not readable'],
  ])('%s is shown as it was written: %s', (date, text) => {
    expect(dateText(date)).toBe(text);
  });

  it('without an offset is in UTC, and is no instant when it cannot be read', () => {
    expect(instantOf('2026-05-12T08:00:00')).toBe(Date.parse('2026-05-12T08:00:00Z'));
    expect(instantOf('2026-05-12')).toBe(Date.parse('2026-05-12T00:00:00Z'));
    expect(instantOf('soon')).toBeNaN();
    expect(dayText('')).toBe('date not readable');
  });

  it('has an age in calendar days', () => {
    expect(ageText('2026-05-12T23:00:00Z', '2026-05-17T01:00:00Z')).toBe('5 days before');
    expect(ageText('2026-05-16', '2026-05-17T12:00:00Z')).toBe('1 day before');
    expect(ageText('2026-05-17', '2026-05-17T12:00:00Z')).toBe('the same day');
    expect(ageText('2026-05-19', '2026-05-17T12:00:00Z')).toBe('2 days after');
  });

  it('of birth gives whole years', () => {
    expect(yearsBetween('1962-05-18', '2026-05-17T12:00:00Z')).toBe(63);
    expect(yearsBetween('1962-05-17', '2026-05-17T12:00:00Z')).toBe(64);
    expect(yearsBetween('1962', '2026-05-17')).toBe(64);
  });
});
