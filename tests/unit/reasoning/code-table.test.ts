import { describe, expect, it } from '@jest/globals';
import { Code } from 'cql-execution';
import fc from 'fast-check';
import type { FhirResource } from 'fhir/r4.js';
import { CodeMatcher } from '../../../src/reasoning/code-matcher.js';
import { CodeTable } from '../../../src/reasoning/code-table.js';
import { openRecord } from '../../../src/reasoning/record-source.js';
import { RECORD_MODEL } from './both-sources.js';
import type { Json } from './fhir-records.js';

const PATIENT = { resourceType: 'Patient', id: 'p' };

function recordOf(...resources: Json[]) {
  const all = [PATIENT, ...resources] as unknown as FhirResource[]; // some are wrong on purpose
  return openRecord(RECORD_MODEL, all, { patientId: 'p', offsetMinutes: 0 });
}

function matcher(...codes: string[]): CodeMatcher {
  return CodeMatcher.ofCodes(codes.map((code) => new Code(code, 's')));
}

function tableOf(...asked: CodeMatcher[]): CodeTable {
  const table = new CodeTable('Observation', 'code');
  for (const [number, codes] of asked.entries()) table.add(number, () => codes);
  return table;
}

function coded(id: string, ...codings: Json[]): Json {
  return { resourceType: 'Observation', id, code: { coding: codings } };
}

const of = (code: string, system = 's') => ({ code, system });

describe('a retrieve of a table', () => {
  const [first, second, none] = [matcher('a', 'b'), matcher('b'), matcher('z')];
  const record = recordOf(
    coded('1', of('a'), of('b')),
    coded('2', of('b', 'another system')),
    coded('3', of('b')),
    coded('4', of('c')),
  );

  it.each([
    ['of several codes finds each record once', 0, ['1', '3']],
    ['finds what another asks for too, of its system', 1, ['1', '3']],
    ['of codes that nothing bears finds nothing', 2, []],
  ])('%s', (_, number, ids) => {
    const found = record.recordsFor(tableOf(first, second, none), number);
    expect(found.map((each) => each.getId())).toEqual(ids);
  });

  it('that is added later is found as well', () => {
    const table = tableOf(first);
    expect(record.recordsFor(table, 0)).toHaveLength(2);
    table.add(1, () => matcher('c'));
    const again = recordOf(coded('4', of('c')));
    expect(again.recordsFor(table, 1).map((each) => each.getId())).toEqual(['4']);
  });

  it('is answered by its own table, whatever another asked of the same element before', () => {
    const [one, other] = [tableOf(none, none, first), tableOf(first, second)];
    const record = recordOf(coded('1', of('a')), coded('2', of('b')));
    const found = (table: CodeTable, number: number) => record.recordsFor(table, number).map((each) => each.getId());
    expect(found(one, 2)).toEqual(['1', '2']);
    expect(found(other, 1)).toEqual(['2']);
    expect(found(one, 0)).toEqual([]);
    expect(found(other, 0)).toEqual(['1', '2']);
  });

  it('whose value set does not exist takes nothing from the others', () => {
    const table = new CodeTable('Observation', 'code');
    table.add(0, () => {
      throw new Error('the value set does not exist');
    });
    table.add(1, () => second);
    expect(record.recordsFor(table, 1)).toHaveLength(2);
    expect(() => record.recordsFor(table, 0)).toThrow('the value set does not exist');
    expect(() => record.recordsFor(table, 2)).toThrow('the retrieve 2 asks for no codes');
  });

  it('of a type the model lacks fails', () => {
    const table = new CodeTable('Claim', 'code');
    table.add(0, () => first);
    expect(() => record.recordsFor(table, 0)).toThrow(expect.objectContaining({ code: 'invalid-knowledge' }));
  });

  it('finds what one retrieve alone finds, whatever the record holds', () => {
    const code = fc.constantFrom('a', 'b', 'c', 'd', '__proto__');
    const coding = fc.record({ code, system: fc.constantFrom('s', 't') }, { requiredKeys: [] });
    const concept = fc.oneof(
      { weight: 5, arbitrary: fc.record({ coding: fc.array(coding, { maxLength: 3 }) }) },
      fc.constantFrom<unknown>('a', null, [], [{ coding: [{ code: 'a', system: 's' }] }]),
    );
    const codes = fc.array(code, { maxLength: 4 }).map((some) => matcher(...some));
    const records = fc.array(concept, { maxLength: 8 });
    fc.assert(
      fc.property(records, fc.array(codes, { minLength: 1, maxLength: 6 }), (concepts, asked) => {
        const observations = concepts.map((each, id) => ({
          resourceType: 'Observation',
          id: String(id),
          code: each,
        }));
        const [alone, together, table] = [recordOf(...observations), recordOf(...observations), tableOf(...asked)];
        for (const [number, each] of asked.entries()) {
          const found = together.recordsFor(table, number).map((one) => one.getId());
          expect(found).toEqual(alone.recordsWith('Observation', 'code', each).map((one) => one.getId()));
        }
      }),
    );
  });
});
