import { describe, expect, it } from '@jest/globals';
import type { Observation } from 'fhir/r4.js';
import { labRows } from '../../../../src/web/browser/trends/lab-series.js';
import { charted } from '../../../support/charted-patient.js';

const SETS = [
  { name: 'potassium', codes: ['2823-3'] },
  { name: 'phosphate', codes: ['2777-1'] },
  { name: 'blood-pressure', codes: ['85354-9'] },
  { name: 'systolic-blood-pressure', codes: ['8480-6'] },
];
const POTASSIUM = { code: '2823-3', unit: 'mmol/L', value: 4, at: '2026-05-12T08:00:00Z' };
const rows = (...results: Observation[]) => labRows(results, SETS);

describe('the rows of a record', () => {
  it('hold one row for each analyte and unit, oldest result first', () => {
    const { series } = rows(
      charted('p', { ...POTASSIUM, value: 5, at: '2026-05-13' }),
      charted('p', { ...POTASSIUM, code: '2777-1', unit: 'mg/dL' }),
      charted('p', { ...POTASSIUM, code: '2777-1', unit: 'mmol/L' }),
      charted('p', POTASSIUM),
    );
    expect(series.map(({ analyte, unit, points }) => [analyte, unit, points.map(({ value }) => value)])).toEqual([
      ['Phosphate', 'mg/dL', [4]],
      ['Phosphate', 'mmol/L', [4]],
      ['Potassium', 'mmol/L', [4, 5]],
    ]);
  });

  it('join mEq/L and mmol/L where they are the same, and say so; elsewhere they stay apart', () => {
    const { series } = rows(
      charted('p', POTASSIUM),
      charted('p', { ...POTASSIUM, unit: 'mEq/L' }),
      charted('p', { ...POTASSIUM, code: '2777-1', unit: 'mEq/L' }),
      charted('p', { ...POTASSIUM, code: '2777-1', unit: 'mmol/L' }),
    );
    expect(series.map(({ analyte, unit, alsoSpelled }) => [analyte, unit, alsoSpelled])).toEqual([
      ['Phosphate', 'mEq/L', undefined],
      ['Phosphate', 'mmol/L', undefined],
      ['Potassium', 'mmol/L', 'mEq/L'],
    ]);
  });

  it.each([
    [3.4, undefined, 3.5, 5.1, 'low'],
    [3.5, undefined, 3.5, 5.1, 'in range'],
    [5.2, undefined, 3.5, 5.1, 'high'],
    [3.5, '<', 3.5, 5.1, 'low'],
    [5.1, '>', 3.5, 5.1, 'high'],
    [9, undefined, undefined, undefined, 'no range given'],
    [9, undefined, undefined, 5, 'high'],
  ] as const)(
    'flag %s%s by the range that came with the result (%s to %s): %s',
    (value, comparator, low, high, flag) => {
      const given = {
        ...(comparator ? { comparator } : {}),
        ...(low === undefined ? {} : { low }),
        ...(high === undefined ? {} : { high }),
      };
      expect(rows(charted('p', { ...POTASSIUM, value, ...given })).series[0]?.points[0]?.flag).toBe(flag);
    },
  );

  it('take no range in another unit', () => {
    const result = charted('p', { ...POTASSIUM, low: 3.5, high: 5.1 });
    result.referenceRange = [{ low: { value: 13.6, unit: 'mg/dL' } }];
    expect(rows(result).series[0]?.points[0]).toMatchObject({ flag: 'no range given' });
  });

  it('read a pressure out of its panel', () => {
    const panel = charted('p', { ...POTASSIUM, code: '85354-9' });
    delete panel.valueQuantity;
    panel.component = ['8480-6', '8462-4'].map((code, index) => ({
      code: { coding: [{ code }] },
      valueQuantity: { value: 120 - 40 * index, unit: 'mm[Hg]' },
    }));
    expect(rows(panel).series).toMatchObject([
      { analyte: 'Systolic blood pressure', unit: 'mmHg', points: [{ value: 120 }] },
    ]);
  });

  it.each([
    ['its status is entered-in-error', { ...charted('p', POTASSIUM), status: 'entered-in-error' as const }],
    ['it holds no number', { ...charted('p', POTASSIUM), valueQuantity: {} }],
    ['it has no unit', { ...charted('p', POTASSIUM), valueQuantity: { value: 4 } }],
    ['it has no date', { ...charted('p', POTASSIUM), effectiveDateTime: 'today' }],
  ])('say of a result that is not drawn: %s', (why, result) => {
    expect(rows(result)).toMatchObject({ series: [], undrawn: [{ analyte: 'Potassium', why }] });
  });
});
