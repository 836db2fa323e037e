import type { PatientObject, RetrieveDetails } from 'cql-execution';
import type { FhirResource } from 'fhir/r4.js';
import { ServiceError } from '../errors.js';
import { CodeIndex } from './code-index.js';
import { CodeMatcher } from './code-matcher.js';
import type { CodeTable } from './code-table.js';
import type { FhirModel } from './fhir-model-type.js';
import { type EngineCode, FhirObject } from './fhir-object.js';
import { isJsonObject, type ObjectType } from './fhir-object-type.js';
import { defineTypes } from './fhir-types.js';
import { type LookBacks, newestOfEachKind } from './newest-results.js';
import { inOrderOfPreference } from './record-order.js';

/** The FHIR types of the knowledge, ready for reading: holds nothing of any patient, so one serves all requests. */
export class RecordModel {
  readonly #types: ReadonlyMap<string, ObjectType>;

  constructor(types: ReadonlyMap<string, ObjectType>) {
    this.#types = types;
  }

  /** @throws ServiceError `invalid-knowledge` when the model lacks the type: the answer must not be an empty list */
  type(name: string): ObjectType {
    const type = this.#types.get(name);
    if (type === undefined) throw new ServiceError('invalid-knowledge', `The FHIR model has no type ${name}.`);
    return type;
  }
}

/** Makes the model ready; once, at start. */
export function createRecordModel(model: FhirModel): RecordModel {
  return new RecordModel(defineTypes(model));
}

export interface RecordOptions {
  patientId: string;
  /** The one offset every time is brought to, minutes east of UTC. */
  offsetMinutes: number;
  /** Shows only the newest results of each kind by code; else all of them. */
  newestOnly?: { lookBacks: LookBacks; now: Date };
}

/**
 * Opens one patient's resources to the engine; one per request, never shared.
 *
 * @throws ServiceError `data-not-available` when the patient is not among the resources
 */
export function openRecord(
  model: RecordModel,
  resources: readonly FhirResource[],
  options: RecordOptions,
): RecordSource {
  return new RecordSource(model, resources, options);
}

/** Where the retrieves of a table look, and which of the codes there each of them asks for. */
interface Search {
  index: CodeIndex;
  asked: readonly (readonly string[] | undefined)[];
}

/** One patient's resources, indexed by type and code as they are asked for; wrapped for the engine one by one. */
export class RecordSource implements PatientObject {
  readonly #model: RecordModel;
  readonly #options: RecordOptions;
  readonly #resources: ReadonlyMap<string, readonly FhirResource[]>;
  readonly #records = new Map<string, (FhirObject | null | undefined)[]>();
  /** By type and, within it, by element. */
  readonly #indexes = new Map<string, Map<string, CodeIndex>>();
  readonly #searched = new Map<CodeTable, Search>();
  readonly #patient: FhirObject;

  constructor(model: RecordModel, resources: readonly FhirResource[], options: RecordOptions) {
    this.#model = model;
    this.#options = options;
    const groups = byType(resources);
    // A library's Patient is a singleton: a second one in the data would end the run.
    const patient = groups.get('Patient')?.find(({ id }) => id === options.patientId);
    if (patient === undefined) throw new ServiceError('data-not-available', 'The patient could not be had.');
    this.#resources = groups.set('Patient', [patient]);
    const [wrapped] = this.#wrapped('Patient', [0]);
    if (wrapped === undefined) throw new ServiceError('data-not-available', 'The patient could not be had.');
    this.#patient = wrapped;
  }

  /** Records of one type, in the order of `record-order`; with codes only those that bear one of them. */
  findRecords(profile: string | null, retrieve?: RetrieveDetails): FhirObject[] {
    const type = typeNameIn(retrieve?.datatype ?? profile ?? '');
    if (retrieve?.codes === undefined || retrieve.codeProperty === undefined) {
      return this.#wrapped(type, positionsIn(this.#ofType(type)));
    }
    const { codes } = retrieve;
    const matcher = Array.isArray(codes) ? CodeMatcher.ofCodes(codes) : CodeMatcher.ofValueSet(codes);
    return this.recordsWith(type, retrieve.codeProperty, matcher);
  }

  /** Records of one type whose code at the path is one of these, as the engine's own retrieve leaves them. */
  recordsWith(typeName: string, path: string, codes: CodeMatcher): FhirObject[] {
    const isEmpty = this.#ofType(typeName).length === 0;
    return this.#wrapped(typeName, isEmpty ? [] : this.#indexOf(typeName, path).positionsOf(codes));
  }

  /** The same for one retrieve of a table. */
  recordsFor(table: CodeTable, number: number): FhirObject[] {
    const codes = table.codesOf(number);
    const { index, asked } = this.#search(table);
    const among = asked[number];
    // Most retrieves of a hook find nothing.
    if (among === undefined && !index.hasOthers) return [];
    return this.#wrapped(table.type, index.positionsOf(codes, among ?? []));
  }

  #search(table: CodeTable): Search {
    const known = this.#searched.get(table);
    if (known !== undefined) return known;
    const index = this.#indexOf(table.type, table.path);
    const search = { index, asked: table.askedFor(index.codes) };
    this.#searched.set(table, search);
    return search;
  }

  #ofType(typeName: string): readonly FhirResource[] {
    return this.#resources.get(typeName) ?? [];
  }

  /** Each resource is wrapped once, so that what was read of it stays read. */
  #wrapped(typeName: string, positions: readonly number[]): FhirObject[] {
    const type = this.#model.type(typeName);
    if (positions.length === 0) return [];
    const resources = this.#ofType(typeName);
    let records = this.#records.get(typeName);
    if (records === undefined) this.#records.set(typeName, (records = new Array<undefined>(resources.length)));
    const found: FhirObject[] = [];
    for (const position of inOrderOfPreference(resources, positions)) {
      const record = (records[position] ??= wrap(type, resources[position], this.#options.offsetMinutes));
      if (record !== null) found.push(record);
    }
    return found;
  }

  #indexOf(typeName: string, path: string): CodeIndex {
    let ofType = this.#indexes.get(typeName);
    if (ofType === undefined) this.#indexes.set(typeName, (ofType = new Map<string, CodeIndex>()));
    const known = ofType.get(path);
    if (known !== undefined) return known;
    const index = this.#indexed(typeName, path);
    ofType.set(path, index);
    return index;
  }

  #indexed(typeName: string, path: string): CodeIndex {
    const { elements, positions } = this.#model.type(typeName);
    const element = elements[positions.get(path) ?? -1];
    const resources = this.#ofType(typeName);
    const codeOf = (position: number) => this.#wrapped(typeName, [position])[0]?.getCode(path) ?? null;
    const { newestOnly } = this.#options;
    if (typeName !== 'Observation' || newestOnly === undefined) return new CodeIndex(resources, element, codeOf);
    const { lookBacks, now } = newestOnly;
    return new CodeIndex(resources, element, codeOf, newestOfEachKind(resources, lookBacks, now.getTime()));
  }

  get(path: string): unknown {
    return this.#patient.get(path);
  }

  getId(): string | null {
    return this.#patient.getId();
  }

  getCode(path: string): EngineCode {
    return this.#patient.getCode(path);
  }

  getDate(path: string): unknown {
    return this.#patient.getDate(path);
  }

  getDateOrInterval(path: string): unknown {
    return this.#patient.getDateOrInterval(path);
  }
}

function positionsIn(resources: readonly FhirResource[]): number[] {
  return resources.map((_resource, position) => position);
}

function wrap(type: ObjectType, resource: unknown, offsetMinutes: number): FhirObject | null {
  const record = isJsonObject(resource) ? type.wrap(resource, offsetMinutes) : null;
  return record instanceof FhirObject ? record : null;
}

function byType(resources: readonly FhirResource[]): Map<string, FhirResource[]> {
  const groups = new Map<string, FhirResource[]>();
  for (const resource of resources) {
    if (!isJsonObject(resource)) continue;
    const group = groups.get(resource.resourceType);
    if (group === undefined) groups.set(resource.resourceType, [resource]);
    else group.push(resource);
  }
  return groups;
}

/** `{http://hl7.org/fhir}Observation` and `http://hl7.org/fhir/StructureDefinition/Observation` name the same type. */
function typeNameIn(reference: string): string {
  return reference.slice(Math.max(reference.lastIndexOf('}'), reference.lastIndexOf('/')) + 1);
}
