import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dayOf, momentsIn } from '../../../src/reasoning/moment.js';

describe('a moment', () => {
  it.each([
    ['UTC', '2026-05-17T23:59:59Z', 0, '2026-05-17'],
    ['Etc/GMT', '2026-05-17T12:00:00Z', 0, '2026-05-17'],
    ['Asia/Kolkata', '2026-05-17T18:29:59Z', 330, '2026-05-17'],
    ['Asia/Kolkata', '2026-05-17T18:30:00Z', 330, '2026-05-18'],
    ['Asia/Kathmandu', '2026-05-17T18:15:00Z', 345, '2026-05-18'],
    ['America/Sao_Paulo', '2026-05-17T02:59:59Z', -180, '2026-05-16'],
    ['America/Sao_Paulo', '2026-05-17T03:00:00Z', -180, '2026-05-17'],
    ['America/St_Johns', '2026-01-17T03:29:59Z', -210, '2026-01-16'],
    ['Pacific/Kiritimati', '2026-12-31T10:00:00Z', 840, '2027-01-01'],
    ['Pacific/Marquesas', '2026-01-01T09:00:00Z', -570, '2025-12-31'],
  ])('in %s at %s', (timeZone, now, offsetMinutes, day) => {
    const moment = momentsIn(timeZone)(new Date(now));
    expect(moment).toEqual({ now: new Date(now), offsetMinutes });
    expect(dayOf(moment)).toBe(day);
  });

  it.each([
    ['Europe/Berlin', '2026-03-29T00:59:59Z', 60],
    ['Europe/Berlin', '2026-03-29T01:00:00Z', 120],
    ['Europe/Berlin', '2026-10-25T00:59:59Z', 120],
    ['Europe/Berlin', '2026-10-25T01:00:00Z', 60],
    ['America/New_York', '2026-03-08T06:59:59Z', -300],
    ['America/New_York', '2026-03-08T07:00:00Z', -240],
    ['Australia/Lord_Howe', '2026-01-15T00:00:00Z', 660],
    ['Australia/Lord_Howe', '2026-07-15T00:00:00Z', 630],
  ])('knows summer time: %s at %s', (timeZone, now, offsetMinutes) => {
    expect(momentsIn(timeZone)(new Date(now)).offsetMinutes).toBe(offsetMinutes);
  });

  it('has the day that the zone itself would write', () => {
    const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kolkata', 'America/St_Johns', 'Pacific/Chatham');
    const times = fc.date({ min: new Date('1975-01-01'), max: new Date('2200-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(zones, times, (timeZone, now) => {
        // Swedes write dates as ISO 8601 does.
        expect(dayOf(momentsIn(timeZone)(now))).toBe(new Intl.DateTimeFormat('sv-SE', { timeZone }).format(now));
      }),
    );
  });
});
