import type { Code, PatientObject, RetrieveDetails, ValueSet } from 'cql-execution';
import type { FhirResource } from 'fhir/r4.js';
import { ServiceError } from '../errors.js';
import type { CodeMatcher } from './code-matcher.js';
import type { FhirModel } from './fhir-model-type.js';
import { type EngineCode, FhirObject } from './fhir-object.js';
import { isJsonObject, type ObjectType } from './fhir-object-type.js';
import { defineTypes } from './fhir-types.js';
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

type CodeIndex = ReadonlyMap<string, ReadonlySet<number>>;

/** One patient's resources, indexed by type and code as they are asked for. */
export class RecordSource implements PatientObject {
  readonly #model: RecordModel;
  readonly #offsetMinutes: number;
  readonly #resources: ReadonlyMap<string, readonly FhirResource[]>;
  readonly #records = new Map<string, readonly FhirObject[]>();
  readonly #indexes = new Map<string, CodeIndex>();
  readonly #patient: FhirObject;

  constructor(model: RecordModel, resources: readonly FhirResource[], { patientId, offsetMinutes }: RecordOptions) {
    this.#model = model;
    this.#offsetMinutes = offsetMinutes;
    this.#resources = byType(resources);
    const patient = this.#recordsOf('Patient').find((record) => record.getId() === patientId);
    if (patient === undefined) throw new ServiceError('data-not-available', 'The patient could not be had.');
    this.#patient = patient;
    // A library's Patient is a singleton: a second one in the data would end the run.
    this.#records.set('Patient', [patient]);
  }

  /** Records of one type, in the order of `record-order`; with codes only those that bear one of them. */
  findRecords(profile: string | null, retrieve?: RetrieveDetails): FhirObject[] {
    const type = typeNameIn(retrieve?.datatype ?? profile ?? '');
    const records = this.#recordsOf(type);
    if (retrieve?.codes === undefined || retrieve.codeProperty === undefined) return [...records];
    const codes = codesIn(retrieve.codes).map(({ code }) => code);
    return withCodes(records, this.#indexOf(type, retrieve.codeProperty), codes);
  }

  /** Records of one type whose code at the path is one of these, as the engine's own retrieve leaves them. */
  recordsWith(typeName: string, path: string, codes: CodeMatcher): FhirObject[] {
    const records = withCodes(this.#recordsOf(typeName), this.#indexOf(typeName, path), codes.codes);
    return records.filter((record) => codes.matches(record.getCode(path)));
  }

  #recordsOf(typeName: string): readonly FhirObject[] {
    const known = this.#records.get(typeName);
    if (known !== undefined) return known;
    const type = this.#model.type(typeName);
    const records = inOrderOfPreference(this.#resources.get(typeName) ?? []).flatMap((resource) => {
      const record = isJsonObject(resource) ? type.wrap(resource, this.#offsetMinutes) : null;
      return record instanceof FhirObject ? [record] : [];
    });
    this.#records.set(typeName, records);
    return records;
  }

  #indexOf(typeName: string, path: string): CodeIndex {
    const key = `${typeName}.${path}`;
    const known = this.#indexes.get(key);
    if (known !== undefined) return known;
    const index = indexByCode(this.#recordsOf(typeName), path);
    this.#indexes.set(key, index);
    return index;
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

function codesIn(codes: Code[] | ValueSet): readonly Code[] {
  return Array.isArray(codes) ? codes : (codes.codes as Code[]); // typed loosely by the engine
}

/** By bare code: the engine, which filters what it is given once more, looks at the system too. */
function indexByCode(records: readonly FhirObject[], path: string): CodeIndex {
  const index = new Map<string, Set<number>>();
  records.forEach((record, position) => {
    for (const code of bareCodes(record.getCode(path))) {
      const positions = index.get(code);
      if (positions === undefined) index.set(code, new Set([position]));
      else positions.add(position);
    }
  });
  return index;
}

function bareCodes(code: EngineCode): string[] {
  if (code === null) return [];
  if (typeof code === 'string') return [code];
  return Array.isArray(code) ? code.flatMap(bareCodes) : [code.code];
}

function withCodes(records: readonly FhirObject[], index: CodeIndex, codes: Iterable<string>): FhirObject[] {
  const found = new Set<number>();
  for (const code of codes) for (const position of index.get(code) ?? []) found.add(position);
  if (found.size === 0) return [];
  return records.filter((_record, position) => found.has(position));
}
