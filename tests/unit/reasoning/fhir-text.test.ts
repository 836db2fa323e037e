import { describe, expect, it } from '@jest/globals';
import { DateTime } from 'cql-execution';
import fc from 'fast-check';
import { fhirText } from '../../../src/reasoning/fhir-time.js';

describe('a time of the engine', () => {
  it.each([
    [new DateTime(2026, 5, 12, 8, 0, 0, 0, 0), '2026-05-12T08:00:00Z'],
    [new DateTime(2026, 11, 2, 23, 59, 59, 7, 0), '2026-11-02T23:59:59.007Z'],
    [new DateTime(2026, 5, 12, 8, 0, 0, 0, 5.75), '2026-05-12T08:00:00+05:45'],
    [new DateTime(2026, 5, 12, 8, 0, 0, 120, -3.5), '2026-05-12T08:00:00.120-03:30'],
    [new DateTime(2026, 5, 12, 8, 0, null, null, 0), '2026-05-12T08:00Z'],
    [new DateTime(2026, 5, 12, null, null, null, null, 0), '2026-05-12'],
    [new DateTime(2026, 5, null, null, null, null, null, 0), '2026-05'],
    [new DateTime(999, 1, 2, 3, 4, 5, 6, 0), '0999-01-02T03:04:05.006Z'],
    [new DateTime(1000, 1, 2, 3, 4, 5, 6, 0), '1000-01-02T03:04:05.006Z'],
  ])('is written as FHIR writes it: %s', (time, text) => {
    expect(fhirText(time)).toBe(text);
  });

  it('is the one that the engine prints, whatever it is', () => {
    const within = (min: number, max: number) => fc.integer({ min, max });
    const parts = fc.tuple(within(1, 9999), within(1, 12), within(1, 28), within(0, 23), within(0, 59), within(0, 59));
    fc.assert(
      fc.property(parts, within(0, 999), fc.constantFrom(0, 2, -9.5), (fields, millisecond, offset) => {
        const time = new DateTime(...fields, millisecond, offset);
        const printed = time.toString().replace(/\.000(?=[+-])/, '');
        expect(fhirText(time)).toBe(printed.replace(/\+00:00$/, 'Z'));
      }),
    );
  });
});
