import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { absoluteTime, isTime } from '../../../src/web/relative-time.js';

const NOW = new Date('2026-05-17T12:00:00Z');

describe('absoluteTime', () => {
  it.each([
    ['now', '2026-05-17T12:00:00.000Z'],
    ['today at 08:00', '2026-05-17T08:00:00Z'],
    ['5 days ago', '2026-05-12T12:00:00.000Z'],
    ['2 days ago at 23:00-05:00', '2026-05-15T23:00:00-05:00'],
    ['6 days and 1 hour ago', '2026-05-11T11:00:00.000Z'],
    ['in 61 minutes', '2026-05-17T13:01:00.000Z'],
    ['the day 18 years ago', '2008-05-17'],
    ['the day 17 years and 364 days ago', '2008-05-18'],
    ['the month 40 days ago', '2026-04'],
    ['the year 1 year ago', '2025'],
    ['2026-04', '2026-04'],
  ])('reads %s', (text, expected) => {
    expect(absoluteTime(text, NOW)).toBe(expected);
  });

  it('stays in the month where a day is missing', () => {
    expect(absoluteTime('the day 1 year ago', new Date('2028-02-29T12:00:00Z'))).toBe('2027-02-28');
    expect(absoluteTime('the day 1 month ago', new Date('2026-03-31T12:00:00Z'))).toBe('2026-02-28');
  });

  it.each([
    '',
    'yesterday',
    '5 days',
    '-5 days ago',
    '5 days ago at 8',
    'in 5 days ago',
    '2026-4-1',
    '2026-04-01T08:00',
  ])('does not take "%s" for a time', (text) => {
    expect(isTime(text)).toBe(false);
  });

  it('counts days of 24 hours, whatever the number', () => {
    fc.assert(
      fc.property(fc.nat(20_000), (days) => {
        const earlier = Date.parse(absoluteTime(`${days} days ago`, NOW));
        expect((NOW.getTime() - earlier) / 86_400_000).toBe(days);
      }),
    );
  });
});
