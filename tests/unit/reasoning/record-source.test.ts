import { describe, expect, it } from '@jest/globals';
import { Code, type RecordObject } from 'cql-execution';
import fc from 'fast-check';
import type { FhirResource } from 'fhir/r4.js';
import { FhirObject } from '../../../src/reasoning/fhir-object.js';
import { createRecordModel, openRecord } from '../../../src/reasoning/record-source.js';
import { MODEL, RECORD_MODEL, ourRecord } from './both-sources.js';
import { AnyRecord, type Json, RESOURCE_TYPES } from './fhir-records.js';
import { elementNames, isWalked, recordsOf, show, theObservation, valueAt } from './record-walk.js';

const PATIENT = { resourceType: 'Patient', id: 'p', birthDate: '1958-03-09' };

function open(...resources: unknown[]) {
  return ourRecord([PATIENT, ...(resources as Json[])]); // some are wrong on purpose
}

function observation(members: Json): RecordObject {
  return theObservation(open({ resourceType: 'Observation', ...members }));
}

function idsOf(records: readonly RecordObject[]): unknown[] {
  return records.map((record) => record.getId());
}

describe('findRecords', () => {
  const coded = (id: string, code: string) => ({ resourceType: 'Observation', id, code: { coding: [{ code }] } });
  const source = () => open(coded('3', 'b'), coded('1', 'a'), { resourceType: 'Condition', id: 'x' }, coded('2', 'b'));
  const withCode = (...codes: string[]) => ({
    datatype: '{http://hl7.org/fhir}Observation',
    codeProperty: 'code',
    codes: codes.map((code) => new Code(code)),
  });

  it('finds all of a type by id, whatever form its name has', () => {
    const byUrl = source().findRecords('http://hl7.org/fhir/StructureDefinition/Observation') as RecordObject[]; // at once
    expect(idsOf(byUrl)).toEqual(['1', '2', '3']);
    expect(idsOf(recordsOf(source(), 'Observation'))).toEqual(['1', '2', '3']);
  });

  it('finds those with any of the codes, in the same order', () => {
    const found = source().findRecords(null, withCode('b', 'z')) as RecordObject[]; // at once
    expect(idsOf(found)).toEqual(['2', '3']);
    expect(source().findRecords(null, withCode('z'))).toEqual([]);
  });

  it('makes one record of each resource, for every way it is found', () => {
    const record = source();
    const [one] = record.findRecords(null, withCode('a')) as RecordObject[]; // at once
    expect(one).toBe(recordsOf(record, 'Observation')[0]);
  });

  it('fails on a type the model lacks', () => {
    const code = 'invalid-knowledge';
    expect(() => source().findRecords('{http://hl7.org/fhir}Claim')).toThrow(expect.objectContaining({ code }));
    expect(() => source().findRecords(null)).toThrow(expect.objectContaining({ code }));
  });

  it('shows the patient of the request only, who must be there', () => {
    const patients = [{ resourceType: 'Patient', id: 'q' }, PATIENT, PATIENT] as FhirResource[]; // least patients
    const record = openRecord(RECORD_MODEL, patients, { patientId: 'p', offsetMinutes: 0 });
    expect(idsOf(recordsOf(record, 'Patient'))).toEqual(['p']);
    expect([record.getId(), String(record.get('birthDate.value'))]).toEqual(['p', '1958-03-09']);
    expect(() => openRecord(RECORD_MODEL, patients, { patientId: 'r', offsetMinutes: 0 })).toThrow(
      expect.objectContaining({ code: 'data-not-available' }),
    );
  });

  it('keeps requests over one model apart', () => {
    const [one, other] = [open(coded('1', 'a')), open(coded('2', 'a'))];
    expect([one, other].map((record) => idsOf(recordsOf(record, 'Observation')))).toEqual([['1'], ['2']]);
  });
});

/** Reads everything there is, as deep as it goes. */
function readAll(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + readAll(item), 0);
  if (!isWalked(value)) return 1;
  show([...(value as unknown as FhirObject).entries()]);
  return elementNames(MODEL, value).reduce((sum, name) => sum + readAll(value[name]), 0);
}

describe('data of the wrong shape', () => {
  const anyRecord = new AnyRecord(MODEL);
  const wrong = fc.oneof(
    fc.constantFrom<unknown>(null, [], {}, [null], [[]], [{}], '', 0, true, Number.POSITIVE_INFINITY),
    fc.jsonValue(),
    fc
      .constantFrom(
        '{"__proto__":{"code":1}}',
        '{"constructor":1,"toString":2,"valueOf":3}',
        '{"_typeHierarchy":"x","get":1,"equals":2}',
      )
      .map((it): unknown => JSON.parse(it)),
  );

  /** The resource with one value somewhere in it replaced. */
  const spoilt = (json: unknown): fc.Arbitrary<unknown> => {
    const names = typeof json === 'object' && json !== null ? Object.keys(json) : [];
    if (names.length === 0) return wrong;
    return fc.tuple(fc.constantFrom(...names), fc.integer({ min: 0, max: 3 })).chain(([name, stop]) => {
      const inner: unknown = (json as Json)[name]; // an own name of it
      const copy = (value: unknown): unknown =>
        Array.isArray(json) ? json.with(Number(name), value) : { ...(json as Json), [name]: value };
      return (stop === 0 ? wrong : spoilt(inner)).map(copy);
    });
  };

  it.each(RESOURCE_TYPES)('never throws, wherever it stands in a %s', (resourceType) => {
    fc.assert(
      fc.property(anyRecord.resource(resourceType).chain(spoilt), (json) => {
        const resource = typeof json === 'object' ? { ...json, resourceType } : json;
        const record = open(resource);
        for (const found of recordsOf(record, resourceType)) {
          expect(readAll(found)).toBeGreaterThan(0);
          found.getCode('code');
          found.getCode('medication');
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is no record when it is not even an object', () => {
    expect(
      idsOf(recordsOf(open(null, 'Observation', 5, [], { resourceType: ['Observation'] }, {}), 'Observation')),
    ).toEqual([]);
  });

  it('drops from a list what is no item of it', () => {
    const record = observation({ category: [null, 'a', [], { text: 'b' }, 5], focus: { reference: 'x' } });
    expect(show(record.get('category'))).toBe('[CodeableConcept]');
    expect(record.get('focus')).toBe(null);
  });

  it('cannot reach the objects it is read with', () => {
    const record = observation(JSON.parse('{"__proto__":{"status":"final"},"constructor":{"name":"x"},"equals":1}'));
    expect(valueAt(record, 'status')).toBe(null);
    expect(record).toBeInstanceOf(FhirObject);
    expect(Object.keys(record)).toEqual([]);
    expect(typeof valueAt(record, 'equals')).toBe('function');
  });

  it('with hostile ids keeps its order', () => {
    const ids = [{ toString: 1, valueOf: 2 }, 'b', ['a'], 'a'];
    const records = recordsOf(open(...ids.map((id) => ({ resourceType: 'Observation', id }))), 'Observation');
    expect(idsOf(records)).toEqual([null, null, 'a', 'b']);
  });
});

describe('createRecordModel', () => {
  it('refuses a model that names a type it lacks, or an element that would hide a method', () => {
    const code = 'invalid-knowledge';
    const model = (elements: Json) => ({ version: '4.0.1', types: { Patient: { elements } } }) as never; // not typed here
    expect(() => createRecordModel(model({ name: { types: ['HumanName'] } }))).toThrow(
      expect.objectContaining({ code }),
    );
    expect(() => createRecordModel(model({ get: { types: ['System.String'] } }))).toThrow(
      expect.objectContaining({ code }),
    );
  });
});
