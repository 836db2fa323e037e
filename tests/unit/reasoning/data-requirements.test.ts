import { describe, expect, it } from '@jest/globals';
import { ServiceError } from '../../../src/errors.js';
import type { DataRequirement } from '../../../src/patient-record.js';
import { dataRequirements } from '../../../src/reasoning/data-requirements.js';
import type { EnumeratedValueSet } from '../../../src/reasoning/value-sets.js';

const FHIR = '{http://hl7.org/fhir}';
/** Result sets in two groups, and sets of other types. */
const VALUE_SETS = new Map<string, EnumeratedValueSet>(
  [
    { url: 'urn:calcium', group: 'labs', lookBackDays: 90, codes: ['c2', 'c1'] },
    { url: 'urn:potassium', group: 'labs', lookBackDays: 30, codes: ['k1'] },
    { url: 'urn:pth', group: 'slow', lookBackDays: 180, codes: ['p1'] },
    { url: 'urn:endless', group: 'slow', codes: ['e1'] },
    { url: 'urn:ungrouped', lookBackDays: 90, codes: ['u1'] },
    { url: 'urn:dialysis', codes: ['d1'] },
    { url: 'urn:parathyroidectomy', codes: ['x1', 'd1'] },
  ].map(({ codes, ...set }) => [set.url, { ...set, codes: codes.map((code) => ({ system: 'urn:s', code })) }]),
);

/** A retrieve of a type: whole, by the value set of that name, or by the code of that name. */
const retrieve = (type: string, codes?: object) => ({
  type: 'Retrieve',
  dataType: `${FHIR}${type}`,
  ...(codes && { codes }),
});
const inSet = (name: string, libraryName?: string) => ({
  type: 'ValueSetRef',
  name,
  ...(libraryName && { libraryName }),
});
const byCode = (name: string, libraryName?: string) => ({
  type: 'ToList',
  operand: { type: 'CodeRef', name, ...(libraryName && { libraryName }) },
});

const TERMINOLOGY = {
  library: {
    identifier: { id: 'Terminology' },
    valueSets: { def: [...VALUE_SETS.keys(), 'urn:lost'].map((id) => ({ name: id.replace('urn:', ''), id })) },
    codes: {
      def: [
        { name: 'one calcium', id: 'c1', codeSystem: { name: 'LOINC' } },
        { name: 'a stranger', id: 's1' },
      ],
    },
  },
};

/** A library that includes the terminology as `Codes` and retrieves this. */
function library(...retrieves: object[]): object {
  return {
    library: {
      identifier: { id: 'Record' },
      includes: { def: [{ localIdentifier: 'Codes', path: 'Terminology', version: '1' }] },
      statements: { def: retrieves.map((expression, index) => ({ name: `E${index}`, expression })) },
    },
  };
}

function required(...retrieves: object[]): DataRequirement[] {
  const libraries = new Map<string, unknown>([
    ['Record', library(...retrieves)],
    ['Terminology', TERMINOLOGY],
  ]);
  return dataRequirements(libraries, VALUE_SETS);
}

function refusal(...retrieves: object[]): string {
  try {
    required(...retrieves);
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'invalid-knowledge') return error.message;
    throw error;
  }
  throw new Error('The knowledge was accepted.');
}

describe('what the knowledge needs', () => {
  it('is one query per type, whole where no code is named, and no Observation of its own accord', () => {
    expect(required(retrieve('Patient'), retrieve('Condition'), retrieve('Condition'))).toEqual([
      { resourceType: 'Condition', codes: [] },
      { resourceType: 'Patient', codes: [] },
    ]);
  });

  it('has the codes of all sets a type is retrieved by, each once, in order', () => {
    const both = [inSet('parathyroidectomy', 'Codes'), inSet('dialysis', 'Codes')];
    expect(required(...both.map((codes) => retrieve('Procedure', codes)))).toEqual([
      { resourceType: 'Procedure', codes: ['d1', 'x1'] },
    ]);
  });

  it('fetches a type whole that one retrieve wants whole, whatever the others name', () => {
    expect(required(retrieve('Procedure', inSet('dialysis', 'Codes')), retrieve('Procedure'))).toEqual([
      { resourceType: 'Procedure', codes: [] },
    ]);
  });

  it('never asks for ServiceRequest', () => {
    expect(required(retrieve('ServiceRequest'))).toEqual([]);
  });

  it('finds retrieves however deep they stand', () => {
    const query = { type: 'Query', source: [{ expression: { type: 'Union', operand: [retrieve('Encounter')] } }] };
    expect(required(query)).toEqual([{ resourceType: 'Encounter', codes: [] }]);
  });
});

describe('results', () => {
  const results = (...names: string[]) => names.map((name) => retrieve('Observation', inSet(name, 'Codes')));

  it('are one query per group, with the longest look-back of its sets', () => {
    expect(required(...results('potassium', 'calcium', 'pth'))).toEqual([
      { resourceType: 'Observation', group: 'labs', codes: ['c1', 'c2', 'k1'], lookBackDays: 90 },
      { resourceType: 'Observation', group: 'slow', codes: ['p1'], lookBackDays: 180 },
    ]);
  });

  it('have no look-back when one set of the group has none', () => {
    expect(required(...results('pth', 'endless'))).toEqual([
      { resourceType: 'Observation', group: 'slow', codes: ['e1', 'p1'] },
    ]);
  });

  it('may be retrieved by a single code that a group brings', () => {
    expect(required(...results('calcium'), retrieve('Observation', byCode('one calcium', 'Codes')))).toEqual([
      { resourceType: 'Observation', group: 'labs', codes: ['c1', 'c2'], lookBackDays: 90 },
    ]);
  });
});

describe('knowledge that could not be fetched for is refused', () => {
  it.each<[string, object, RegExp]>([
    ['results of a set in no group', retrieve('Observation', inSet('ungrouped', 'Codes')), /urn:ungrouped .*group/],
    ['results by a code that no group brings', retrieve('Observation', byCode('a stranger', 'Codes')), /code s1/],
    ['all results whatsoever', retrieve('Observation'), /code any/],
    ['a value set without a file', retrieve('Procedure', inSet('lost', 'Codes')), /urn:lost has no file/],
    [
      'a value set that is not defined',
      retrieve('Procedure', inSet('unheard of', 'Codes')),
      /unheard of is not defined/,
    ],
    ['a code that is not defined', retrieve('Observation', byCode('unheard of', 'Codes')), /unheard of is not defined/],
    [
      'a value set of a library it does not include',
      retrieve('Procedure', inSet('dialysis', 'Other')),
      /dialysis is not defined/,
    ],
  ])('%s', (_, wrong, message) => {
    expect(refusal(wrong)).toMatch(message);
  });
});
