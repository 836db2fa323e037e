import { Code, PatientContext, Quantity } from 'cql-execution';
import { FhirObject } from '../fhir-object.js';

/** A type of ELM, as its JSON stands. */
export interface TypeSpecifier {
  type: string;
  name?: string;
}

/** The engine's own test of types needs nothing of a context but its methods. */
const matcher: { matchesTypeSpecifier(value: unknown, type: TypeSpecifier): unknown } = PatientContext.prototype;

function isOfType(value: unknown, type: TypeSpecifier): boolean {
  if (value instanceof FhirObject && type.name !== undefined && !type.name.startsWith('{urn:')) return value._is(type);
  return Boolean(matcher.matchesTypeSpecifier(value, type));
}

export function as(value: unknown, type: TypeSpecifier): unknown {
  return value != null && isOfType(value, type) ? value : null;
}

export function asStrictly(value: unknown, type: TypeSpecifier): unknown {
  if (value == null) return null;
  if (!isOfType(value, type)) throw new Error(`a value is no ${type.name ?? type.type}`);
  return value;
}

export function is(value: unknown, type: TypeSpecifier): boolean {
  if (value === null) return false;
  if (value instanceof FhirObject) return isOfType(value, type);
  if (type.name?.startsWith('{urn:hl7-org:elm-types:r1}') !== true) throw new Error('a value of no type of the model');
  return isOfType(value, type);
}

export function newQuantity({ value, unit }: { value: unknown; unit?: unknown }): Quantity {
  return new Quantity(value, unit);
}

export function newCode(parts: { code?: unknown; system?: unknown; version?: unknown; display?: unknown }): Code {
  // The engine takes what the knowledge gives it.
  const { code, system, version, display } = parts as Record<keyof typeof parts, string>;
  return new Code(code, system, version, display);
}

/** A quantity that is written in the knowledge: made when it is first asked for, and valid or not from then on. */
export function quantity(value: number, unit: string): () => Quantity {
  let made: Quantity | undefined;
  return () => (made ??= new Quantity(value, unit));
}

/** A path that bears the name of a method of text or lists: the engine calls it there, as it does not on a record. */
export function property(object: unknown, path: string): unknown {
  if (object == null) return null;
  // Every value but null has properties.
  const value = (object as Record<string, unknown>)[path] ?? null;
  return typeof value === 'function' ? (value as () => unknown).call(object) : value;
}
