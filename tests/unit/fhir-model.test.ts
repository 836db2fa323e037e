import { describe, expect, it } from '@jest/globals';
import { fhirModelFrom } from '../../src/fhir-model.js';

/** A model info of a few types, in the form of the real one. */
const MODEL_INFO = `<?xml version="1.0" encoding="UTF-8"?>
<modelInfo xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" name="FHIR" version="4.0.1" url="http://hl7.org/fhir">
  <typeInfo name="Resource" xsi:type="ClassInfo" baseType="System.Any">
    <element name="id" elementType="FHIR.id"/>
  </typeInfo>
  <typeInfo baseType="FHIR.Resource" name="Patient" xsi:type="ClassInfo"/>
  <typeInfo baseType="FHIR.Resource" name="Observation" xsi:type="ClassInfo">
    <element name="value">
      <elementTypeSpecifier xsi:type="ChoiceTypeSpecifier">
        <choice namespace="FHIR" name="string" xsi:type="NamedTypeSpecifier"/>
        <choice namespace="FHIR" name="id" xsi:type="NamedTypeSpecifier"/>
      </elementTypeSpecifier>
    </element>
    <element name="note">
      <elementTypeSpecifier elementType="FHIR.string" xsi:type="ListTypeSpecifier"/>
    </element>
    <element name="alias">
      <elementTypeSpecifier xsi:type="ListTypeSpecifier">
        <elementTypeSpecifier namespace="FHIR" name="string" xsi:type="NamedTypeSpecifier"/>
      </elementTypeSpecifier>
    </element>
  </typeInfo>
  <typeInfo name="string" xsi:type="ClassInfo" baseType="System.Any">
    <element name="value" elementType="System.String"/>
  </typeInfo>
  <typeInfo baseType="FHIR.string" name="id" xsi:type="ClassInfo"/>
  <typeInfo baseType="FHIR.Resource" name="Claim" xsi:type="ClassInfo"/>
  <conversionInfo fromType="FHIR.Period" toType="Interval&lt;System.DateTime>"/>
</modelInfo>`;

describe('fhirModelFrom', () => {
  it('takes the retrieved types, Patient and all they can contain, and leaves the rest', () => {
    expect(fhirModelFrom(MODEL_INFO, ['Observation'])).toEqual({
      version: '4.0.1',
      types: {
        Observation: {
          base: 'Resource',
          elements: {
            value: { types: ['string', 'id'], choice: true },
            note: { types: ['string'], list: true },
            alias: { types: ['string'], list: true },
          },
        },
        Patient: { base: 'Resource', elements: {} },
        Resource: { elements: { id: { types: ['id'] } } },
        id: { base: 'string', elements: {} },
        string: { elements: { value: { types: ['System.String'] } } },
      },
    });
  });

  it('is the same for the same types in any order', () => {
    const [one, other] = [
      ['Observation', 'Claim'],
      ['Claim', 'Observation', 'Claim'],
    ].map((types) => JSON.stringify(fhirModelFrom(MODEL_INFO, types)));
    expect(one).toBe(other);
  });

  it.each([
    ['a type it does not have', MODEL_INFO, 'no type Basic'],
    ['no model info', '<other/>', 'document without modelInfo'],
    ['an element left open', '<modelInfo><typeInfo>', 'unclosed'],
    ['elements that cross', '<modelInfo><typeInfo></modelInfo></typeInfo>', 'modelInfo closes typeInfo'],
    ['a type without name', '<modelInfo><typeInfo/></modelInfo>', 'typeInfo without name'],
  ])('fails on %s', (_what, xml, message) => {
    const error = { code: 'invalid-knowledge', message: expect.stringContaining(message) };
    expect(() => fhirModelFrom(xml, ['Basic'])).toThrow(expect.objectContaining(error));
  });
});
