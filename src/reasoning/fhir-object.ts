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

interface Content {
  readonly type: ObjectType;
  readonly json: JsonObject;
  readonly offsetMinutes: number;
  /** What was read, each value after its slot: few elements of an object are ever read, and their slots lie far apart. */
  read: unknown[] | undefined;
  code: { path: string; value: EngineCode } | undefined;
}

/**
 * One FHIR resource, data type or primitive as the engine reads it: an element is read when first asked for, and once.
 * What does not have the shape FHIR gives it reads as null. The getters of the elements stand on the subclass of each
 * type (`defineElements`); the data's own property names never become properties here.
 */
export class FhirObject implements RecordObject {
  /** All there is of the object, in one place of one form: there are as many forms of FhirObject as types of FHIR. */
  readonly #content: Content;

  constructor(type: ObjectType, json: JsonObject, offsetMinutes: number) {
    this.#content = { type, json, offsetMinutes, read: undefined, code: undefined };
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
    const content = this.#content;
    const known = readBefore(content, slot);
    if (known !== undefined) return known;
    const value = readPrimitive(element, systemType, content.json, content.offsetMinutes);
    return typeof value === 'object' && value !== null ? remembered(content, slot, value) : value;
  }

  #element(position: number): unknown {
    const content = this.#content;
    const known = readBefore(content, position);
    if (known !== undefined) return known;
    const element = content.type.elements[position];
    return remembered(content, position, element ? readElement(element, content.json, content.offsetMinutes) : null);
  }

  /** The value at a path of element names (`code.text`), null when there is none. */
  get(path: string): unknown {
    const position = this.#content.type.positions.get(path);
    if (position !== undefined) return this.#element(position);
    const dot = path.indexOf('.');
    if (dot < 0) return null;
    const inner = this.get(path.slice(0, dot));
    return inner instanceof FhirObject ? inner.get(path.slice(dot + 1)) : null;
  }

  getId(): string | null {
    const { id } = this.#content.json;
    return typeof id === 'string' ? id : null;
  }

  getCode(path: string): EngineCode {
    const content = this.#content;
    if (content.code?.path !== path) content.code = { path, value: codeOf(this.get(path)) };
    return content.code.value;
  }

  getDate(path: string): unknown {
    const element = this.get(path);
    return element instanceof FhirObject && element.#content.type.isPrimitive ? element.get('value') : element;
  }

  getDateOrInterval(path: string): unknown {
    return this.getDate(path);
  }

  typeName(): string {
    return this.#content.type.name;
  }

  _is(specifier: { type: string; name?: string }): boolean {
    return specifier.type === 'NamedTypeSpecifier' && this.#content.type.qualifiedNames.has(specifier.name ?? '');
  }

  _typeHierarchy(): TypeName[] {
    return this.#content.type.hierarchy;
  }

  // The engine compares objects by their own properties, of which there are none here, unless they bring these two.
  equals(other: unknown): boolean | null {
    return this.#compare(other, 'equal');
  }

  equivalent(other: unknown): boolean {
    return this.#compare(other, 'equivalent') === true;
  }

  #compare(other: unknown, sameness: Sameness): boolean | null {
    if (!(other instanceof FhirObject) || other.#content.type !== this.#content.type) return false;
    return sameElements([...this.#allElements()], [...other.#allElements()], sameness);
  }

  *#allElements(): Iterable<unknown> {
    for (const position of this.#content.type.elements.keys()) yield this.#element(position);
  }

  /** Name and value of each element present: what the engine's `distinct` and `union` tell objects apart by. */
  *entries(): IterableIterator<[string, unknown]> {
    for (const [position, { name }] of this.#content.type.elements.entries()) {
      const value = this.#element(position);
      if (value !== null) yield [name, value];
    }
  }
}

function readBefore({ read }: Content, slot: number): unknown {
  if (read === undefined) return undefined;
  for (let index = 0; index < read.length; index += 2) if (read[index] === slot) return read[index + 1];
  return undefined;
}

function remembered(content: Content, slot: number, value: unknown): unknown {
  if (content.read === undefined) content.read = [slot, value];
  else content.read.push(slot, value);
  return value;
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
