import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalUnit } from '../../../src/patient-data/units.js';
import { spellings, unreadable } from '../../support/unit-spellings.js';

const ucum = 'http://unitsofmeasure.org';

describe('canonicalUnit', () => {
  it.each(spellings)('reads "%s" as %s, in the text and in the code', (text, unit) => {
    expect(canonicalUnit({ unit: text })).toBe(unit);
    expect(canonicalUnit({ code: text })).toBe(unit);
    expect(canonicalUnit({ code: text, system: ucum })).toBe(unit);
    expect(canonicalUnit({ unit: text, code: unit, system: ucum })).toBe(unit);
  });

  it.each(unreadable.map((text) => [text.slice(0, 60), text]))('does not read "%s"', (_, text) => {
    expect(canonicalUnit({ unit: text })).toBeUndefined();
    expect(canonicalUnit({ code: text, system: ucum })).toBeUndefined();
  });

  it('ignores case and spaces of every spelling', () => {
    const writings = [
      (text: string): string => text.toLowerCase(),
      (text: string): string => text.toUpperCase(),
      (text: string): string => Array.from(text).join(' '),
    ];
    const spelling = fc.constantFrom(...spellings.filter(([, unit]) => unit !== 'ms'));
    fc.assert(
      fc.property(
        spelling,
        fc.integer({ min: 0, max: 40 }),
        fc.nat(2),
        fc.nat(2),
        ([text, unit], at, first, second) => {
          const written = `${writings[first]?.(text.slice(0, at))}${writings[second]?.(text.slice(at))}`;
          expect(canonicalUnit({ unit: written })).toBe(unit);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['the code, when the text is no unit', { unit: 'per lab', code: 'mg/dL', system: ucum }, 'mg/dL'],
    ['the code, when the text is no string', { unit: 5, code: 'mg/dL', system: ucum }, 'mg/dL'],
    ['the text, when the code is empty', { unit: 'mg/dL', code: ' ', system: ucum }, 'mg/dL'],
    ['the text, when the code is null', { unit: 'mg/dL', code: null, system: null }, 'mg/dL'],
    [
      'the text, when the code is of another system',
      { unit: 'mg/dL', code: '258797006', system: 'http://snomed.info/sct' },
      'mg/dL',
    ],
    ['both, when a local system spells it too', { unit: 'mEq/L', code: 'mEq/L', system: 'urn:local:units' }, 'meq/L'],
    ['UCUM under its other names', { code: 'mg/dL', system: 'http://unitsofmeasure.org/' }, 'mg/dL'],
    ['UCUM by its OID', { code: 'mg/dL', system: 'urn:oid:2.16.840.1.113883.6.8' }, 'mg/dL'],
  ])('reads %s', (_, quantity, unit) => {
    expect(canonicalUnit(quantity)).toBe(unit);
  });

  it.each([
    ['a code that is not on the list, although the text is', { unit: 'mg/dL', code: 'mg/dL_calc', system: ucum }],
    ['code and text that contradict each other', { unit: 'mmol/L', code: 'mg/dL', system: ucum }],
    ['meq/L beside mmol/L', { unit: 'mEq/L', code: 'mmol/L', system: ucum }],
    ['g/dL beside mg/dL', { unit: 'g/dL', code: 'mg/dL' }],
    [
      'a code of another system that contradicts the text',
      { unit: 'mg/dL', code: 'mmol/L', system: 'urn:local:units' },
    ],
    ['a code of another system without a text', { code: 'mg/dL', system: 'urn:local:units' }],
    ['a code that is no string', { unit: 'mg/dL', code: 5, system: ucum }],
    ['nothing', {}],
    ['what is no string', { unit: ['mg/dL'], code: { value: 'mg/dL' } }],
  ])('does not read %s', (_, quantity) => {
    expect(canonicalUnit(quantity)).toBeUndefined();
  });

  it('never reads two units of the list as one', () => {
    const entry = fc.constantFrom(...spellings);
    fc.assert(
      fc.property(
        entry,
        entry,
        fc.constantFrom(ucum, undefined, 'urn:local:units'),
        ([text, unit], [code, coded], system) => {
          expect(canonicalUnit({ unit: text, code, system })).toBe(unit === coded ? unit : undefined);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
