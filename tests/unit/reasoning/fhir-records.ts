import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { fhirModelFrom } from '../../../src/fhir-model.js';
import type { FhirElement, FhirModel } from '../../../src/reasoning/fhir-model-type.js';

export type Json = Record<string, unknown>;

// prettier-ignore
export const RESOURCE_TYPES = [
  'Patient', 'Condition', 'Observation', 'MedicationRequest', 'MedicationStatement', 'MedicationAdministration',
  'Procedure', 'Encounter', 'Medication', 'ServiceRequest',
];

/** The model of all resource types the service reads, made from the model info as the build does it. */
export function fhirModel(): FhirModel {
  const oracle = dirname(createRequire(import.meta.url).resolve('cql-exec-fhir'));
  return fhirModelFrom(readFileSync(join(oracle, 'modelInfos/fhir-modelinfo-4.0.1.xml'), 'utf8'), RESOURCE_TYPES);
}

/** All elements of a type, those of its bases included. */
export function elementsOf(model: FhirModel, typeName: string): [string, FhirElement][] {
  const type = model.types[typeName];
  if (type === undefined) return [];
  const own = Object.entries(type.elements);
  return type.base === undefined ? own : [...own, ...elementsOf(model, type.base)];
}

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });
const day = fc
  .date({ min: new Date('1900-01-01T00:00:00Z'), max: new Date('2100-01-01T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString());
const time = fc
  .tuple(day, fc.constantFrom(4, 7, 10, 16, 19, 21, 23), fc.constantFrom('Z', '+00:00', '-05:00', '+05:45', ''))
  .map(([iso, length, zone]) => iso.slice(0, length) + (length > 10 ? zone : ''));

const SYSTEM_VALUES: Record<string, fc.Arbitrary<unknown>> = {
  'System.String': text,
  'System.Boolean': fc.boolean(),
  'System.Integer': fc.integer(),
  'System.Decimal': fc.oneof(fc.integer({ min: -500, max: 5000 }), fc.double({ noNaN: true, noDefaultInfinity: true })),
  'System.DateTime': time,
  'System.Date': day.chain((iso) => fc.constantFrom(iso.slice(0, 4), iso.slice(0, 7), iso.slice(0, 10))),
  'System.Time': day.map((iso) => iso.slice(11, 19)),
};

/** Resources of FHIR's shape: any element, type of a choice, precision and offset; ids and extensions of primitives too. */
export class AnyRecord {
  readonly #model: FhirModel;
  readonly #known = new Map<string, fc.Arbitrary<Json>>();

  constructor(model: FhirModel) {
    this.#model = model;
  }

  resource(resourceType: string): fc.Arbitrary<Json> {
    return this.#object(resourceType, 3).map((json) => ({ ...json, resourceType }));
  }

  #object(typeName: string, depth: number): fc.Arbitrary<Json> {
    const key = `${typeName} ${depth}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const parts = elementsOf(this.#model, typeName)
      .filter(([name]) => name !== 'contained' && (depth > 1 || !name.toLowerCase().endsWith('extension')))
      .flatMap(([name, element]) => this.#element(name, element, depth));
    const object = fc.tuple(...parts).map((members) => Object.assign({}, ...members) as Json); // merged parts of one object
    this.#known.set(key, object);
    return object;
  }

  /** The element as a part of a JSON object: often empty, else the value under its JSON name. */
  #element(name: string, element: FhirElement, depth: number): fc.Arbitrary<Json>[] {
    const choices = element.types.flatMap((typeName) => {
      const suffix =
        typeName === 'SimpleQuantity' ? 'Quantity' : typeName.slice(0, 1).toUpperCase() + typeName.slice(1);
      return this.#member(element.choice ? name + suffix : name, typeName, element.list ?? false, depth);
    });
    if (choices.length === 0) return [];
    const present = name.toLowerCase().endsWith('extension') ? 1 : 4;
    return [fc.oneof({ arbitrary: fc.constant({}), weight: 6 }, { arbitrary: fc.oneof(...choices), weight: present })];
  }

  #member(name: string, typeName: string, list: boolean, depth: number): fc.Arbitrary<Json>[] {
    const system = SYSTEM_VALUES[typeName] ?? this.#systemValue(typeName);
    if (system === undefined) {
      if (depth === 0) return [];
      const value = this.#object(typeName, depth - 1);
      return [(list ? fc.array(value, { minLength: 1, maxLength: 2 }) : value).map((json) => ({ [name]: json }))];
    }
    if (typeName.startsWith('System.')) return [system.map((value) => ({ [name]: value }))];
    const extra = fc.record({ id: text }, { requiredKeys: [] });
    if (list) {
      const items = fc.array(fc.tuple(system, fc.option(extra)), { minLength: 1, maxLength: 2 });
      return [
        items.map((pairs) => ({ [name]: pairs.map(([value]) => value), [`_${name}`]: pairs.map(([, it]) => it) })),
      ];
    }
    return [
      system.map((value) => ({ [name]: value })),
      fc.tuple(system, extra).map(([value, it]) => ({ [name]: value, [`_${name}`]: it })),
      extra.map((it) => ({ [`_${name}`]: it })),
    ];
  }

  #systemValue(typeName: string): fc.Arbitrary<unknown> | undefined {
    const value = elementsOf(this.#model, typeName).find(([name]) => name === 'value');
    return SYSTEM_VALUES[value?.[1].types[0] ?? ''];
  }
}
