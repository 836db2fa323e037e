import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { CodeableConcept } from 'fhir/r4.js';
import { withIngredientNames, withNamedIngredients } from '../../../src/patient-data/medication-name.js';

const names = new Set(['furosemide', 'sodium bicarbonate', 'żelazo']);
const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm';
const ATC = 'http://www.whocc.no/atc';

const codesOf = (concept: CodeableConcept) =>
  (withIngredientNames(concept, names).coding ?? [])
    .filter(({ system }) => system === 'urn:renal-cramp-cds:ingredient-name')
    .map(({ code }) => code);

describe('a drug without a code of ours', () => {
  it.each([
    ['furosemide', ['furosemide']],
    ['FUROSEMIDE 40 MG TAB', ['furosemide']],
    ['Lasix (furosemide), oral', ['furosemide']],
    ['furosemide/sodium  bicarbonate', ['furosemide', 'sodium bicarbonate']],
    ['Sodium\u00a0 \n Bicarbonate 650mg', ['sodium bicarbonate']],
    ['Ż\u0065lazo 80 mg', ['żelazo']],
    ['Z\u0307elazo', ['żelazo']],
    ['furosemideX then furosemide', ['furosemide']],
  ])('is recognised in %j', (text, expected) => {
    expect(codesOf({ text })).toEqual(expected);
  });

  it.each([
    'furosemides',
    'hydrofurosemide',
    'furosemide2',
    'furosemide\u0301',
    'éfurosemide',
    'furosemid',
    'sodium and bicarbonate',
    'sodium',
    '',
  ])('is not recognised in %j', (text) => {
    expect(codesOf({ text })).toEqual([]);
  });

  it('is recognised by a display, beside its local codes, without changing what was sent', () => {
    const concept = { coding: [{ system: 'http://hl7.org/fhir/sid/ndc', code: '1', display: 'Furosemide Inj' }] };
    const before = structuredClone(concept);
    expect(withIngredientNames(concept, names)).toEqual({
      coding: [
        { system: 'http://hl7.org/fhir/sid/ndc', code: '1', display: 'Furosemide Inj' },
        { system: 'urn:renal-cramp-cds:ingredient-name', code: 'furosemide' },
      ],
    });
    expect(concept).toEqual(before);
  });

  it('survives shapes that are not FHIR', () => {
    const broken = { text: 7, coding: [null, 'x', { display: ['furosemide'] }] } as unknown as CodeableConcept;
    expect(withIngredientNames(broken, names)).toBe(broken);
    expect(codesOf({ text: 'furosemide', coding: {} } as unknown as CodeableConcept)).toEqual(['furosemide']);
  });

  it('is recognised as a whole word wherever the word stands', () => {
    const edge = fc.constantFrom('', ' ', '-', '(', ',', '/', '; ');
    fc.assert(
      fc.property(edge, edge, fc.constantFrom(...names), (before, after, name) => {
        expect(codesOf({ text: `${before}${name.toUpperCase()}${after}` })).toEqual([name]);
      }),
    );
  });

  it('is never recognised inside a longer word', () => {
    fc.assert(
      fc.property(fc.constantFrom('a', 'y', 'é', 'ß', 'д', '9'), fc.boolean(), (letter, isBefore) => {
        expect(codesOf({ text: isBefore ? `${letter}furosemide` : `furosemide${letter}` })).toEqual([]);
      }),
    );
  });
});

describe('a drug with a code of ours', () => {
  it.each([RXNORM, ATC])('is never named by its text: %s decides', (system) => {
    const concept = { text: 'furosemide', coding: [{ display: 'furosemide' }, { system, code: '161' }] };
    expect(withIngredientNames(concept, names)).toBe(concept);
  });

  it('counts as without one when the coding has a system but no code', () => {
    expect(codesOf({ text: 'furosemide', coding: [{ system: RXNORM }, { system: ATC, code: ' ' }] })).toEqual([
      'furosemide',
    ]);
  });
});

describe('a resource', () => {
  it('of the three drug types gets the names in a copy', () => {
    const request = {
      resourceType: 'MedicationRequest',
      status: 'active',
      intent: 'order',
      subject: {},
      medicationCodeableConcept: { text: 'Furosemide' },
    } as const;
    expect(withNamedIngredients(request, names)).toEqual({
      ...request,
      medicationCodeableConcept: {
        text: 'Furosemide',
        coding: [{ system: 'urn:renal-cramp-cds:ingredient-name', code: 'furosemide' }],
      },
    });
    expect(request.medicationCodeableConcept).toEqual({ text: 'Furosemide' });
  });

  it('of another type, or without a drug, stays the same object', () => {
    const condition = { resourceType: 'Condition', subject: {}, code: { text: 'furosemide' } } as const;
    const unnamed = { resourceType: 'MedicationStatement', status: 'active', subject: {} } as const;
    expect(withNamedIngredients(condition, names)).toBe(condition);
    expect(withNamedIngredients(unnamed, names)).toBe(unnamed);
  });
});
