import type { Date as CqlDate, DateTime, NamedTypeSpecifier, PatientObject, RecordObject } from 'cql-execution';
import type { FhirModel } from '../../../src/reasoning/fhir-model-type.js';
import { elementsOf } from './fhir-records.js';

/** An object of either patient source: elements are properties, and it knows its type. */
export type Walked = Record<string, unknown> & { _typeHierarchy(): NamedTypeSpecifier[] };

export interface Difference {
  path: string;
  oracle: unknown;
  ours: unknown;
}

/** Reads every element on both sides, all the way down, and tells where they are not the same. */
export function* differences(model: FhirModel, path: string, oracle: unknown, ours: unknown): Iterable<Difference> {
  if (isWalked(oracle) && isWalked(ours) && sameTypes(oracle, ours)) {
    for (const name of elementNames(model, oracle)) {
      yield* differences(model, `${path}.${name}`, oracle[name], ours[name]);
    }
    return;
  }
  if (Array.isArray(oracle) && Array.isArray(ours) && oracle.length === ours.length) {
    for (const index of oracle.keys()) yield* differences(model, `${path}.${index}`, oracle[index], ours[index]);
    return;
  }
  if (show(oracle) !== show(ours)) yield { path, oracle, ours };
}

/** What a rule of the knowledge can tell apart, as text; undefined and null are both CQL's null. */
export function show(value: unknown): string {
  if (value === undefined || value === null) return 'null';
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  if (isWalked(value)) return typeName(value);
  if (isTime(value)) return value.hour === null ? `${String(value)} in offset ${value.timezoneOffset}` : String(value);
  return isDate(value) ? value.toString() : JSON.stringify(value);
}

export function isTime(value: unknown): value is DateTime {
  return typeof value === 'object' && value !== null && 'isDateTime' in value && value.isDateTime === true;
}

function isDate(value: unknown): value is CqlDate {
  return typeof value === 'object' && value !== null && 'isDate' in value && value.isDate === true;
}

/** What a retrieve without filter finds. */
export function recordsOf(record: PatientObject, resourceType: string): RecordObject[] {
  const datatype = `{http://hl7.org/fhir}${resourceType}`;
  const records = record.findRecords(datatype, { datatype });
  if (!Array.isArray(records)) throw new Error('both sources find records at once');
  return records;
}

export function theObservation(record: PatientObject): RecordObject {
  const [observation] = recordsOf(record, 'Observation');
  if (observation === undefined) throw new Error('no observation');
  return observation;
}

/** What the engine reads along a path of property names and list positions. */
export function valueAt(object: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => {
    if (value === null || value === undefined) return null;
    return (value as Record<string, unknown>)[name]; // anything but null has properties
  }, object);
}

export function elementNames(model: FhirModel, walked: Walked): string[] {
  return [...new Set(elementsOf(model, typeName(walked)).map(([name]) => name))];
}

export function isWalked(value: unknown): value is Walked {
  return typeof value === 'object' && value !== null && '_typeHierarchy' in value;
}

function typeName(walked: Walked): string {
  return walked._typeHierarchy()[0]?.name.replace('{http://hl7.org/fhir}', '') ?? '';
}

function sameTypes(a: Walked, b: Walked): boolean {
  return JSON.stringify(a._typeHierarchy()) === JSON.stringify(b._typeHierarchy());
}
