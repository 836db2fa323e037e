import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { FhirResource } from 'fhir/r4.js';
import { canonicalUnit, hasUnreadableUnit, withReadableUnits } from '../../../src/patient-data/units.js';
import { spellings, unreadable } from '../../support/unit-spellings.js';

const ucum = 'http://unitsofmeasure.org';

/** as: hostile and incomplete resources are the point of these tests. */
const resource = (content: unknown): FhirResource => content as FhirResource;
const observation = (valueQuantity: unknown): FhirResource => resource({ resourceType: 'Observation', valueQuantity });
const deepFreeze = <Content>(content: Content): Content => {
  if (typeof content === 'object' && content !== null) Object.values(Object.freeze(content)).forEach(deepFreeze);
  return content;
};

describe('withReadableUnits', () => {
  it('returns the very resource when there is nothing to change', () => {
    const tidy = observation({ value: 7.8, unit: 'mg/dl', system: ucum, code: 'mg/dL' });
    const patient = resource({ resourceType: 'Patient', valueQuantity: { value: 'x' } });
    expect(withReadableUnits(tidy)).toBe(tidy);
    expect(withReadableUnits(patient)).toBe(patient);
  });

  it('gives a readable unit its canonical code and leaves the text as reported', () => {
    expect(withReadableUnits(observation({ value: 4.1, comparator: '<', unit: 'MEQ/L' }))).toEqual(
      observation({ value: 4.1, comparator: '<', unit: 'MEQ/L', system: ucum, code: 'meq/L' }),
    );
    expect(withReadableUnits(observation({ value: 4.1, code: 'mEq/L', system: 'http://unitsofmeasure.org/' }))).toEqual(
      observation({ value: 4.1, system: ucum, code: 'meq/L' }),
    );
  });

  it.each([
    [
      { value: 8, unit: 'K/uL', code: '10*3/uL', system: ucum },
      { value: 8, unit: 'K/uL' },
    ],
    [
      { value: 8, unit: 'units' },
      { value: 8, unit: 'units' },
    ],
    [
      { value: 8, code: 'mg%', system: ucum },
      { value: 8, unit: 'mg%' },
    ],
    [
      { value: 8, unit: 'mmol/L', code: 'mg/dL', system: ucum },
      { value: 8, unit: 'mmol/L (coded mg/dL)' },
    ],
    [
      { value: 8, unit: 'mg/dL', code: 'mg/dL_calc', system: ucum },
      { value: 8, unit: 'mg/dL (coded mg/dL_calc)' },
    ],
    [
      { value: 8, unit: 'mg/dL', code: 5, system: ucum },
      { value: 8, unit: 'mg/dL (coded otherwise)' },
    ],
    [
      { value: 8, code: 'mg/dL', system: 'urn:local:units' },
      { value: 8, unit: 'mg/dL (not coded in UCUM)' },
    ],
    [{ value: 8, unit: 5 }, { value: 8 }],
    [{ value: 8 }, { value: 8 }],
  ])('takes code and system from %j, and keeps what can be named', (reported, kept) => {
    expect(withReadableUnits(observation(reported))).toEqual(observation(kept));
  });

  it.each([['8.4'], [null], [Infinity], [NaN], [2 ** 53], [-1e21], [1e308], [[8.4]], [{ value: 8.4 }], [true]])(
    'takes out the value %p',
    (value) => {
      const { valueQuantity } = withReadableUnits(observation({ value, unit: 'mg/dL' })) as { valueQuantity?: unknown };
      expect(valueQuantity).toStrictEqual({ unit: 'mg/dL', system: ucum, code: 'mg/dL' });
    },
  );

  it('keeps zero and negative values', () => {
    const tidy = observation({ value: 0, unit: 'kg', system: ucum, code: 'kg' });
    expect(withReadableUnits(tidy)).toBe(tidy);
    expect(withReadableUnits(observation({ value: -1, unit: 'KG' }))).toEqual(
      observation({ value: -1, unit: 'KG', system: ucum, code: 'kg' }),
    );
  });

  it('reads components, and reference ranges on both levels; a range without a unit stays without', () => {
    const read = { value: 1, unit: 'MMHG', system: ucum, code: 'mm[Hg]' };
    const reported = { value: 1, unit: 'MMHG' };
    expect(
      withReadableUnits(
        resource({
          resourceType: 'Observation',
          status: 'final',
          valueQuantity: reported,
          referenceRange: [{ low: reported, high: reported, text: 'x' }, { low: { value: 2 } }],
          component: [
            { code: { text: 'a' }, valueQuantity: reported, referenceRange: [{ low: reported }, { high: reported }] },
          ],
        }),
      ),
    ).toStrictEqual({
      resourceType: 'Observation',
      status: 'final',
      valueQuantity: read,
      referenceRange: [{ low: read, high: read, text: 'x' }, { low: { value: 2 } }],
      component: [{ code: { text: 'a' }, valueQuantity: read, referenceRange: [{ low: read }, { high: read }] }],
    });
  });

  it('reads the doses of a MedicationRequest', () => {
    const order = (doseQuantity: unknown): FhirResource =>
      resource({
        resourceType: 'MedicationRequest',
        dosageInstruction: [{ text: 'x', doseAndRate: [{ doseQuantity }] }],
      });
    expect(withReadableUnits(order({ value: 40, unit: 'MG' }))).toEqual(
      order({ value: 40, unit: 'MG', system: ucum, code: 'mg' }),
    );
    expect(withReadableUnits(order({ value: 1, unit: 'tablet', system: ucum, code: '{tbl}' }))).toEqual(
      order({ value: 1, unit: 'tablet' }),
    );
  });

  it('shares with the original all that did not change', () => {
    const component = [{ valueQuantity: { value: 1, unit: 'kg', system: ucum, code: 'kg' } }];
    const copy = withReadableUnits(
      resource({ resourceType: 'Observation', valueQuantity: { value: 1, unit: 'KG' }, component }),
    );
    expect((copy as { component?: unknown }).component).toBe(component);
  });

  it.each([
    null,
    undefined,
    'Observation',
    [],
    {},
    { resourceType: 'constructor' },
    { resourceType: 'Observation', referenceRange: { low: 5 }, component: 'x' },
    {
      resourceType: 'Observation',
      component: [null, 5, [], { referenceRange: null }, { referenceRange: [null, 'x'] }],
    },
    { resourceType: 'MedicationRequest', dosageInstruction: [{ doseAndRate: 'x' }, { doseAndRate: [null, {}] }, null] },
  ])('does not throw on %j', (content) => {
    expect(() => withReadableUnits(resource(content))).not.toThrow();
  });

  it.each([null, 'mg/dL', 5, [], [{ value: 8, unit: 'mg/dL' }]])(
    'takes out the quantity %j, which is no object',
    (valueQuantity) => {
      expect(withReadableUnits(observation(valueQuantity))).toStrictEqual({ resourceType: 'Observation' });
    },
  );

  it('never mutates, never throws, and gives the same when done twice', () => {
    const text = fc.oneof(
      fc.constantFrom(...spellings.map(([spelling]) => spelling), ...unreadable),
      fc.jsonValue({ maxDepth: 1 }),
    );
    const system = fc.oneof(fc.constantFrom(ucum, 'urn:local:units', ''), fc.jsonValue({ maxDepth: 1 }));
    const value = fc.oneof(fc.double(), fc.jsonValue({ maxDepth: 1 }));
    const quantity = fc.oneof(
      fc.record({ value, unit: text, code: text, system }, { requiredKeys: [] }),
      fc.jsonValue({ maxDepth: 2 }),
    );
    const range = fc.oneof(
      fc.array(fc.record({ low: quantity, high: quantity }, { requiredKeys: [] }), { maxLength: 2 }),
      fc.jsonValue({ maxDepth: 2 }),
    );
    const content = fc.record(
      {
        resourceType: fc.constant('Observation'),
        valueQuantity: quantity,
        referenceRange: range,
        component: fc.array(fc.record({ valueQuantity: quantity, referenceRange: range }, { requiredKeys: [] }), {
          maxLength: 2,
        }),
      },
      { requiredKeys: ['resourceType'] },
    );
    fc.assert(
      fc.property(content, (reported) => {
        const once = withReadableUnits(resource(deepFreeze(reported)));
        expect(withReadableUnits(once)).toBe(once);
      }),
      { numRuns: 1000 },
    );
  });

  it('reads a unit before exactly when it reads it after', () => {
    const text = fc.option(fc.constantFrom(...spellings.map(([spelling]) => spelling), ...unreadable), {
      nil: undefined,
    });
    const system = fc.constantFrom(ucum, undefined, 'urn:local:units');
    fc.assert(
      fc.property(text, text, system, (unit, code, codedIn) => {
        const quantity = { value: 1, unit, code, system: codedIn };
        const { valueQuantity } = withReadableUnits(observation(quantity)) as { valueQuantity: { code?: string } };
        expect(valueQuantity.code).toBe(canonicalUnit(quantity));
        expect(canonicalUnit(valueQuantity)).toBe(canonicalUnit(quantity));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('hasUnreadableUnit', () => {
  it.each([
    ['a value without a code', observation({ value: 4.1, unit: 'blops' }), true],
    ['a value of zero without a code', observation({ value: 0 }), true],
    ['a value with a code', observation({ value: 4.1, system: ucum, code: 'mmol/L' }), false],
    ['no value', observation({ unit: 'blops' }), false],
    ['no quantity', observation(undefined), false],
    ['a quantity that is none', observation('4.1 blops'), false],
    ['null', observation(null), false],
    ['no result', resource({ resourceType: 'MedicationRequest', valueQuantity: { value: 4.1 } }), false],
  ])('says of %s: %#', (_what, one, isUnreadable) => {
    expect(hasUnreadableUnit(one)).toBe(isUnreadable);
  });
});
