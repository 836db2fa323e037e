import { describe, expect, it } from '@jest/globals';
import { capitalised, showDate, showEvidence, showLimit } from '../../../src/cards/show-evidence.js';
import { line } from '../../support/finding.js';

describe('a date', () => {
  it.each([
    ['2026-05-17T08:00:00Z', '17 May 2026, today'],
    ['2026-05-17', '17 May 2026, today'],
    ['2026-05-16T23:59:59Z', '16 May 2026, 1 day ago'],
    ['2026-05-15T00:00:00Z', '15 May 2026, 2 days ago'],
    ['2025-05-17', '17 May 2025, 365 days ago'],
    ['2024-02-29', '29 Feb 2024, 808 days ago'],
    ['2026-03-28T23:30:00+05:30', '28 Mar 2026, 50 days ago'],
    ['2026-05-18', '18 May 2026, in 1 day'],
    ['2026-05-20', '20 May 2026, in 3 days'],
    ['1969-12-31', '31 Dec 1969, 20591 days ago'],
    ['0099-12-31', '31 Dec 0099, 703594 days ago'],
    ['2026-05', 'May 2026'],
    ['2026-12', 'Dec 2026'],
    ['2026', '2026'],
  ])('%s is shown as %s', (date, shown) => {
    expect(showDate(date, '2026-05-17')).toBe(shown);
  });

  it('has an age in calendar days over a change of summer time', () => {
    expect(showDate('2026-03-28T23:00:00+01:00', '2026-03-30')).toBe('28 Mar 2026, 2 days ago');
  });
});

describe('a line of evidence', () => {
  it('is a sentence of what is known', () => {
    const date = '2026-05-12T08:00:00Z';
    expect(showEvidence(line({ text: 'albumin', shown: '4.0 g/dL', date }), '2026-05-17')).toBe(
      'Albumin 4.0 g/dL (12 May 2026, 5 days ago)',
    );
    expect(showEvidence(line({ text: 'albumin', date: '2026-05' }), '2026-05-17')).toBe('Albumin (May 2026)');
    expect(showEvidence(line({ text: 'no mechanism found' }), '2026-05-17')).toBe('No mechanism found');
  });

  it.each([
    ['calcium', 'Calcium'],
    ['eGFR', 'eGFR'],
    ['25-OH vitamin D', '25-OH vitamin D'],
    ['PTH', 'PTH'],
    ['é', 'é'],
    ['', ''],
  ])('begins as a sentence does: %s', (text, shown) => {
    // `eGFR` keeps its small letter: only a word of small letters is made a beginning.
    expect(capitalised(text)).toBe(shown);
  });
});

describe('the limit of a line', () => {
  it.each([
    ['7.8 mg/dL', 'mg/dL', { value: 8.4, unit: 'mg/dL' }, ', limit 8.4'],
    ['7.8 mg/dL', 'mg/dL', { value: 8, unit: 'mg/dL' }, ', limit 8.0'],
    ['1.95 mmol/L', 'mmol/L', { value: 2.1, unit: 'mmol/L' }, ', limit 2.10'],
    ['210 pg/mL', 'pg/mL', { value: 6.95, unit: 'pg/mL' }, ', limit 6.95'],
    ['4.1 mEq/L', 'meq/L', { value: 2.1, unit: 'mmol/L' }, ', limit 2.1 mmol/L'],
    ['25.0', '1', { value: 20, unit: '1' }, ', limit 20.0'],
  ])('of %s', (shown, unit, limit, text) => {
    expect(showLimit(line({ shown, unit, limit }))).toBe(text);
  });

  it('is nothing where there is none', () => {
    expect(showLimit(line({ shown: '7.8 mg/dL', unit: 'mg/dL' }))).toBe('');
  });
});
