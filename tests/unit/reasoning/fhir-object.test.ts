import { describe, expect, it } from '@jest/globals';
import { Code, type RecordObject } from 'cql-execution';
import type { FhirObject } from '../../../src/reasoning/fhir-object.js';
import { ourRecord } from './both-sources.js';
import type { Json } from './fhir-records.js';
import { show, theObservation, valueAt } from './record-walk.js';

function observation(members: Json): RecordObject {
  return theObservation(
    ourRecord([
      { resourceType: 'Patient', id: 'p' },
      { resourceType: 'Observation', ...members },
    ]),
  );
}

describe('an element', () => {
  it.each([
    ['a primitive', { status: 'final' }, 'status.value', 'final'],
    ['an id of a resource', { id: 'o1' }, 'id.value', 'o1'],
    ['an id of an element', { code: { id: 'e1' } }, 'code.id', 'e1'],
    ['a decimal', { valueQuantity: { value: 7.8 } }, 'value.value.value', 7.8],
    ['a choice of another type', { valueBoolean: false }, 'value.value', false],
    ['a simple quantity', { referenceRange: [{ low: { value: 0 } }] }, 'referenceRange.0.low.value.value', 0],
    ['a list', { code: { coding: [{ code: 'a' }, { code: 'b' }] } }, 'code.coding.1.code.value', 'b'],
    ['an extension of a primitive', { _status: { extension: [{ url: 'u' }] } }, 'status.extension.0.url.value', 'u'],
    ['the value of a primitive without one', { _status: { id: 's' } }, 'status.value', null],
    ['a contained resource', { contained: [{ resourceType: 'Medication', id: 'm' }] }, 'contained.0.id.value', 'm'],
    ['what is absent', {}, 'effective', null],
    ['a time that cannot be read', { effectiveDateTime: 'yesterday' }, 'effective.value', null],
    ['a period', { effectivePeriod: { start: '2026-05' } }, 'effective.start.value.month', 5],
  ])('reads %s', (_what, members, path, expected) => {
    expect(valueAt(observation(members), path)).toBe(expected);
  });

  it('is read by path as well as by property', () => {
    const record = observation({ code: { text: 'Sodium' } });
    expect(record.get('code.text.value')).toBe('Sodium');
    expect([record.get('code.nonsense'), record.get('nonsense'), record.get('nonsense.value')]).toEqual([
      null,
      null,
      null,
    ]);
  });

  it('of another type is not there, nor a bare value of what is no primitive', () => {
    const record = observation({ gender: 'female', code: { text: 'Sodium' } });
    const read = ['gender', 'gender$value', 'code$value', 'status$value'].map((name) => valueAt(record, name));
    expect(read).toEqual([undefined, undefined, undefined, null]);
  });

  it('has the type it is declared with when what is contained names none that is a resource of the model', () => {
    const contained = ['Quantity', 'Claim', '__proto__', 5].map((resourceType) => ({ resourceType, id: 'c' }));
    expect(show(observation({ contained }).get('contained'))).toBe('[Resource, Resource, Resource, Resource]');
  });

  it('is made once, however often it is read', () => {
    const record = observation({ code: { text: 'Sodium' } });
    expect(valueAt(record, 'code')).toBe(valueAt(record, 'code'));
    expect(record.get('code')).toBe(valueAt(record, 'code'));
  });

  it('tells its FHIR type and the bases of it', () => {
    const quantity = observation({ valueQuantity: {} }).get('value') as FhirObject; // just given one
    expect(quantity._typeHierarchy().map(({ name }) => name)).toEqual([
      '{http://hl7.org/fhir}Quantity',
      '{http://hl7.org/fhir}Element',
      '{urn:hl7-org:elm-types:r1}Any',
    ]);
    expect(quantity._is({ type: 'NamedTypeSpecifier', name: '{http://hl7.org/fhir}Element' })).toBe(true);
    expect(quantity._is({ type: 'NamedTypeSpecifier', name: '{http://hl7.org/fhir}string' })).toBe(false);
  });

  it('gives the date of a primitive to who asks for one', () => {
    const record = observation({ issued: '2026-05-12T08:00:00Z', effectivePeriod: {} });
    expect(String(record.getDate('issued'))).toBe('2026-05-12T08:00:00.000+00:00');
    expect(show(record.getDateOrInterval('effective'))).toBe('Period');
  });
});

describe('a code', () => {
  const sodium = { system: 'http://loinc.org', code: '2951-2', version: '2.80', display: 'Sodium' };
  const local = { system: 'urn:lab', code: 'NA' };

  it.each([
    ['one coding', { coding: [sodium] }, new Code('2951-2', 'http://loinc.org', '2.80', 'Sodium')],
    ['two codings', { coding: [local, local] }, [new Code('NA', 'urn:lab'), new Code('NA', 'urn:lab')]],
    ['text alone', { text: 'Sodium' }, null],
    ['codings without code', { coding: [{ system: 'urn:lab' }, { code: 5 }] }, []],
  ])('of %s', (_what, code, expected) => {
    expect(observation({ code }).getCode('code')).toEqual(expected);
  });

  it('of repeating concepts is a list, of a code element its text', () => {
    const record = observation({ category: [{ coding: [local] }], language: 'de' });
    expect([record.getCode('category'), record.getCode('language')]).toEqual([[new Code('NA', 'urn:lab')], 'de']);
  });
});

describe('two FHIR values', () => {
  const quantity = (members: Json) => observation({ valueQuantity: members }).get('value') as FhirObject; // just given one

  it.each([
    ['the same elements', { value: 4, unit: 'mg' }, { unit: 'mg', value: 4 }, true, true],
    ['another value', { value: 4, unit: 'mg' }, { value: 5, unit: 'mg' }, false, false],
    ['an element on one side only', { value: 4, unit: 'mg' }, { value: 4 }, null, false],
    ['another value and an element on one side only', { value: 4, unit: 'mg' }, { value: 5 }, false, false],
    ['texts of another case', { value: 4, unit: 'mg dL' }, { value: 4, unit: 'MG DL' }, false, true],
    ['lists of another length', { extension: [{ url: 'u' }] }, { extension: [] }, false, false],
  ])('with %s', (_what, a, b, equal, equivalent) => {
    expect(quantity(a).equals(quantity(b))).toBe(equal);
    expect(quantity(a).equivalent(quantity(b))).toBe(equivalent);
  });

  it('of two types are not equal', () => {
    const text = observation({ valueString: 'a' }).get('value');
    expect([quantity({}).equals(text), quantity({}).equivalent(text), quantity({}).equals('a')]).toEqual([
      false,
      false,
      false,
    ]);
  });
});
