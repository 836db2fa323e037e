import { parseFhirDate, parseFhirTime, parseFhirTimeOfDay } from './fhir-time.js';

/** A JSON object of unknown content. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A type as the engine names it. */
export interface TypeName {
  name: string;
  type: 'NamedTypeSpecifier';
}

/** A FHIR type made ready for reading: base types flattened, JSON names written out, types linked. */
export interface ObjectType {
  name: string;
  elements: readonly ElementPlan[];
  /** Where an element stands in `elements`, by name. */
  positions: ReadonlyMap<string, number>;
  /** The same by the number of the name among those of all types; undefined where the type has no such element. */
  places: readonly (number | undefined)[];
  /** Beside each element that is one primitive the name of the System type inside it. */
  primitives: readonly (string | undefined)[];
  /** Its only content is one System value. */
  isPrimitive: boolean;
  /** The type, its bases and `System.Any`, as the engine names them. */
  hierarchy: TypeName[];
  qualifiedNames: ReadonlySet<string>;
  /** For `Resource` alone: the type a resource of this `resourceType` really has. */
  concrete(json: JsonObject): ObjectType;
  wrap(json: JsonObject, offsetMinutes: number): object;
}

export interface ElementPlan {
  name: string;
  list: boolean;
  /** One entry, or one for each type of a choice. */
  choices: readonly Choice[];
}

interface Choice {
  jsonName: string;
  /** Where the id and extensions of a primitive stand: `_birthDate`. */
  extraName: string;
  /** A FHIR type, or the name of the System type inside a primitive. */
  type: ObjectType | string;
}

/** Reads one element out of a JSON object: null when it is absent or not of its shape. */
export function readElement(element: ElementPlan, json: JsonObject, offsetMinutes: number): unknown {
  const read = element.list ? readList : readOne;
  for (const { type, jsonName, extraName } of element.choices) {
    const value = read(type, json[jsonName], json[extraName], offsetMinutes);
    if (value !== null) return value;
  }
  return null;
}

/**
 * Name of the System type inside an element that is one primitive: `status` holds a `System.String`.
 * @returns undefined for anything else
 */
export function primitiveIn({ list, choices }: ElementPlan): string | undefined {
  const [only, ...others] = choices;
  if (list || only === undefined || others.length > 0 || typeof only.type === 'string') return undefined;
  const { isPrimitive, elements, positions } = only.type;
  const inner = isPrimitive ? elements[positions.get('value') ?? -1]?.choices[0]?.type : undefined;
  return typeof inner === 'string' ? inner : undefined;
}

/** The System value inside a primitive element, without an object around it. */
export function readPrimitive(
  { choices }: ElementPlan,
  systemType: string,
  json: JsonObject,
  offsetMinutes: number,
): unknown {
  const [only] = choices;
  return only === undefined ? null : systemValue(systemType, json[only.jsonName], offsetMinutes);
}

function readList(type: ObjectType | string, raw: unknown, extra: unknown, offsetMinutes: number): unknown[] | null {
  if (!Array.isArray(raw) && !Array.isArray(extra)) return null;
  const items: readonly unknown[] = Array.isArray(raw) ? raw : [];
  const extras: readonly unknown[] = Array.isArray(extra) ? extra : [];
  const list: unknown[] = [];
  for (let index = 0; index < Math.max(items.length, extras.length); index++) {
    const item = readOne(type, items[index], extras[index], offsetMinutes);
    if (item !== null) list.push(item);
  }
  return list;
}

function readOne(type: ObjectType | string, raw: unknown, extra: unknown, offsetMinutes: number): unknown {
  if (typeof type === 'string') return systemValue(type, raw, offsetMinutes);
  if (!type.isPrimitive) return isJsonObject(raw) ? type.concrete(raw).wrap(raw, offsetMinutes) : null;
  const value = isScalar(raw) ? raw : null;
  if (isJsonObject(extra)) return type.wrap({ ...extra, value }, offsetMinutes);
  return value === null ? null : type.wrap({ value }, offsetMinutes);
}

function systemValue(type: string, raw: unknown, offsetMinutes: number): unknown {
  switch (type) {
    case 'System.String':
      return typeof raw === 'string' ? raw : null;
    case 'System.Boolean':
      return typeof raw === 'boolean' ? raw : null;
    case 'System.Integer':
      return Number.isInteger(raw) ? raw : null;
    case 'System.Decimal':
      return Number.isFinite(raw) ? raw : null;
    case 'System.DateTime':
      return parseFhirTime(raw, offsetMinutes) ?? null;
    case 'System.Date':
      return parseFhirDate(raw) ?? null;
    case 'System.Time':
      return parseFhirTimeOfDay(raw) ?? null;
    default:
      return null;
  }
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
