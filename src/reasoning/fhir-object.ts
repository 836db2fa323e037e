import { Code, type RecordObject } from 'cql-execution';
import { sameElements, type Sameness } from './fhir-equality.js';
import { type JsonObject, type ObjectType, type TypeName, readElement, readPrimitive } from './fhir-object-type.js';

/** What the engine calls a code: a Code, the bare text of a `code`, or a list of them for what repeats. */
export type EngineCode = Code | string | null | EngineCode[];

/**
 * One FHIR resource, data type or primitive as the engine reads it: an element is read when first asked for, and once.
 * What does not have the shape FHIR gives it reads as null. The getters of the elements stand on one subclass for all
 * types of a model (`defineElements`); the data's own property names never become properties here.
 *
 * One class for all types, and what it holds set by one constructor: V8 reads objects of fifty classes slowly.
 */
export class FhirObject implements RecordObject {
  readonly #type: ObjectType;
  readonly #json: JsonObject;
  readonly #offsetMinutes: number;
  /** What was read, each value after its slot: few elements of an object are ever read, and their slots lie far apart. */
  #read: unknown[] | undefined = undefined;
  #code: { path: string; value: EngineCode } | undefined = undefined;

  constructor(type: ObjectType, json: JsonObject, offsetMinutes: number) {
    this.#type = type;
    this.#json = json;
    this.#offsetMinutes = offsetMinutes;
  }

  /**
   * Gives a subclass a getter for each element of any type, undefined in a type that has none of that name; beside it
   * one for the value inside an element that is one primitive (`status$value`), which compiled libraries read without
   * an object around it.
   *
   * @param names in the order of the types' `places`
   */
  static defineElements(prototype: FhirObject, names: readonly string[]): void {
    for (const [place, name] of names.entries()) {
      Object.defineProperty(prototype, name, {
        get(this: FhirObject) {
          const position = this.#type.places[place];
          return position === undefined ? undefined : FhirObject.#element(this, position);
        },
      });
      Object.defineProperty(prototype, `${name}$value`, {
        get(this: FhirObject) {
          const position = this.#type.places[place];
          return position === undefined ? undefined : FhirObject.#primitive(this, position);
        },
      });
    }
  }

  // Static: V8 writes a mark on each object of a class that has private methods of its own.

  /** A time is parsed once; anything else is as quickly read again. */
  static #primitive(object: FhirObject, position: number): unknown {
    const { elements, primitives } = object.#type;
    const [element, primitive] = [elements[position], primitives[position]];
    if (element === undefined || primitive === undefined) return undefined;
    const slot = elements.length + position;
    const known = FhirObject.#readBefore(object, slot);
    if (known !== undefined) return known;
    const value = readPrimitive(element, primitive, object.#json, object.#offsetMinutes);
    return typeof value === 'object' && value !== null ? FhirObject.#remembered(object, slot, value) : value;
  }

  static #element(object: FhirObject, position: number): unknown {
    const known = FhirObject.#readBefore(object, position);
    if (known !== undefined) return known;
    const element = object.#type.elements[position];
    const value = element ? readElement(element, object.#json, object.#offsetMinutes) : null;
    return FhirObject.#remembered(object, position, value);
  }

  static #readBefore(object: FhirObject, slot: number): unknown {
    const read = object.#read;
    if (read === undefined) return undefined;
    for (let index = 0; index < read.length; index += 2) if (read[index] === slot) return read[index + 1];
    return undefined;
  }

  static #remembered(object: FhirObject, slot: number, value: unknown): unknown {
    if (object.#read === undefined) object.#read = [slot, value];
    else object.#read.push(slot, value);
    return value;
  }

  /** The value at a path of element names (`code.text`), null when there is none. */
  get(path: string): unknown {
    const position = this.#type.positions.get(path);
    if (position !== undefined) return FhirObject.#element(this, position);
    const dot = path.indexOf('.');
    if (dot < 0) return null;
    const inner = this.get(path.slice(0, dot));
    return inner instanceof FhirObject ? inner.get(path.slice(dot + 1)) : null;
  }

  getId(): string | null {
    const { id } = this.#json;
    return typeof id === 'string' ? id : null;
  }

  getCode(path: string): EngineCode {
    if (this.#code?.path !== path) this.#code = { path, value: codeOf(this.get(path)) };
    return this.#code.value;
  }

  getDate(path: string): unknown {
    const element = this.get(path);
    return element instanceof FhirObject && element.#type.isPrimitive ? element.get('value') : element;
  }

  getDateOrInterval(path: string): unknown {
    return this.getDate(path);
  }

  typeName(): string {
    return this.#type.name;
  }

  _is(specifier: { type: string; name?: string }): boolean {
    return specifier.type === 'NamedTypeSpecifier' && this.#type.qualifiedNames.has(specifier.name ?? '');
  }

  _typeHierarchy(): TypeName[] {
    return this.#type.hierarchy;
  }

  // The engine compares objects by their own properties, of which there are none here, unless they bring these two.
  equals(other: unknown): boolean | null {
    return FhirObject.#compare(this, other, 'equal');
  }

  equivalent(other: unknown): boolean {
    return FhirObject.#compare(this, other, 'equivalent') === true;
  }

  static #compare(one: FhirObject, other: unknown, sameness: Sameness): boolean | null {
    if (!(other instanceof FhirObject) || other.#type !== one.#type) return false;
    return sameElements(FhirObject.#allElements(one), FhirObject.#allElements(other), sameness);
  }

  static #allElements(object: FhirObject): unknown[] {
    return object.#type.elements.map((_element, position) => FhirObject.#element(object, position));
  }

  /** Name and value of each element present: what the engine's `distinct` and `union` tell objects apart by. */
  *entries(): IterableIterator<[string, unknown]> {
    for (const [position, { name }] of this.#type.elements.entries()) {
      const value = FhirObject.#element(this, position);
      if (value !== null) yield [name, value];
    }
  }
}

// Immutable, which the engine removes duplicates with, takes for a map what iterates over its entries.
const entries = Object.getOwnPropertyDescriptor(FhirObject.prototype, 'entries');
if (entries) Object.defineProperty(FhirObject.prototype, Symbol.iterator, entries);

function codeOf(element: unknown): EngineCode {
  if (Array.isArray(element)) return element.map(codeOf);
  if (!(element instanceof FhirObject)) return null;
  switch (element.typeName()) {
    case 'CodeableConcept':
      return codeOfConcept(element.get('coding'));
    case 'Coding':
      return codeOfCoding(element);
    case 'code':
      return textOf(element) ?? null;
    default:
      return null;
  }
}

function codeOfConcept(codings: unknown): EngineCode {
  if (!Array.isArray(codings)) return null;
  const codes = codings.map(codeOf).filter((code) => code !== null);
  return codes.length === 1 ? (codes[0] ?? null) : codes;
}

function codeOfCoding(coding: FhirObject): Code | null {
  const code = textOf(coding.get('code'));
  if (code === undefined) return null;
  return new Code(code, textOf(coding.get('system')), textOf(coding.get('version')), textOf(coding.get('display')));
}

function textOf(primitive: unknown): string | undefined {
  const text = primitive instanceof FhirObject ? primitive.get('value') : undefined;
  return typeof text === 'string' ? text : undefined;
}
