import { Code, type RecordObject } from 'cql-execution';
import { sameElements, type Sameness } from './fhir-equality.js';
import {
  type ElementPlan,
  type JsonObject,
  type ObjectType,
  type TypeName,
  primitiveIn,
  readElement,
  readPrimitive,
} from './fhir-object-type.js';

/** What the engine calls a code: a Code, the bare text of a `code`, or a list of them for what repeats. */
export type EngineCode = Code | string | null | EngineCode[];

/**
 * One FHIR resource, data type or primitive as the engine reads it: an element is read when first asked for, and once.
 * What does not have the shape FHIR gives it reads as null. The getters of the elements stand on the subclass of each
 * type (`defineElements`); the data's own property names never become properties here.
 */
export class FhirObject implements RecordObject {
  readonly #type: ObjectType;
  readonly #json: JsonObject;
  readonly #offsetMinutes: number;
  /** What was read, each value after its slot: few elements of an object are ever read, and their slots lie far apart. */
  #read: unknown[] | undefined;
  #code: { path: string; value: EngineCode } | undefined;

  constructor(type: ObjectType, json: JsonObject, offsetMinutes: number) {
    this.#type = type;
    this.#json = json;
    this.#offsetMinutes = offsetMinutes;
  }

  /** Gives a subclass one getter for each element of its type. */
  static defineElements(prototype: FhirObject, type: ObjectType): void {
    type.elements.forEach((element, position) => {
      Object.defineProperty(prototype, element.name, {
        get(this: FhirObject) {
          return this.#element(position);
        },
      });
    });
  }

  /**
   * Beside each element that is one primitive a getter for the value inside it (`status$value`), which compiled
   * libraries read without an object around it. Once all types are linked.
   */
  static definePrimitives(prototype: FhirObject, type: ObjectType): void {
    type.elements.forEach((element, position) => {
      const systemType = primitiveIn(element);
      if (systemType === undefined) return;
      Object.defineProperty(prototype, `${element.name}$value`, {
        get(this: FhirObject) {
          return this.#primitive(element, systemType, type.elements.length + position);
        },
      });
    });
  }

  /** A time is parsed once; anything else is as quickly read again. */
  #primitive(element: ElementPlan, systemType: string, slot: number): unknown {
    const known = this.#known(slot);
    if (known !== undefined) return known;
    const value = readPrimitive(element, systemType, this.#json, this.#offsetMinutes);
    return typeof value === 'object' && value !== null ? this.#remember(slot, value) : value;
  }

  #element(position: number): unknown {
    const known = this.#known(position);
    if (known !== undefined) return known;
    const element = this.#type.elements[position];
    return this.#remember(position, element ? readElement(element, this.#json, this.#offsetMinutes) : null);
  }

  #known(slot: number): unknown {
    const read = this.#read;
    if (read === undefined) return undefined;
    for (let index = 0; index < read.length; index += 2) if (read[index] === slot) return read[index + 1];
    return undefined;
  }

  #remember(slot: number, value: unknown): unknown {
    if (this.#read === undefined) this.#read = [slot, value];
    else this.#read.push(slot, value);
    return value;
  }

  /** The value at a path of element names (`code.text`), null when there is none. */
  get(path: string): unknown {
    const position = this.#type.positions.get(path);
    if (position !== undefined) return this.#element(position);
    const dot = path.indexOf('.');
    if (dot < 0) return null;
    const inner = this.get(path.slice(0, dot));
    return inner instanceof FhirObject ? inner.get(path.slice(dot + 1)) : null;
  }

  getId(): string | null {
    return typeof this.#json['id'] === 'string' ? this.#json['id'] : null;
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
    return this.#compare(other, 'equal');
  }

  equivalent(other: unknown): boolean {
    return this.#compare(other, 'equivalent') === true;
  }

  #compare(other: unknown, sameness: Sameness): boolean | null {
    if (!(other instanceof FhirObject) || other.#type !== this.#type) return false;
    return sameElements([...this.#allElements()], [...other.#allElements()], sameness);
  }

  *#allElements(): Iterable<unknown> {
    for (const position of this.#type.elements.keys()) yield this.#element(position);
  }

  /** Name and value of each element present: what the engine's `distinct` and `union` tell objects apart by. */
  *entries(): IterableIterator<[string, unknown]> {
    for (const [position, { name }] of this.#type.elements.entries()) {
      const value = this.#element(position);
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
