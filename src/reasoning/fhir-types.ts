import { ServiceError } from '../errors.js';
import type { FhirElement, FhirModel } from './fhir-model-type.js';
import { FhirObject } from './fhir-object.js';
import { type ElementPlan, type JsonObject, type ObjectType, primitiveIn, type TypeName } from './fhir-object-type.js';

const ANY: TypeName = { name: '{urn:hl7-org:elm-types:r1}Any', type: 'NamedTypeSpecifier' };

type Types = Map<string, DefinedType>;

/**
 * Makes every type of the model ready for reading, once for the life of the process.
 *
 * @throws ServiceError `invalid-knowledge` when the model names a type it does not have
 */
export function defineTypes(model: FhirModel): ReadonlyMap<string, ObjectType> {
  const ModelObject = class extends FhirObject {};
  const types: Types = new Map(
    Object.keys(model.types).map((name) => [name, new DefinedType(name, model, ModelObject)]),
  );
  for (const type of types.values()) type.link(types);
  const names = new Set([...types.values()].flatMap(({ positions }) => [...positions.keys()]));
  for (const type of types.values()) type.finish([...names]);
  FhirObject.defineElements(ModelObject.prototype, [...names]);
  return types;
}

class DefinedType implements ObjectType {
  readonly name: string;
  readonly isPrimitive: boolean;
  readonly hierarchy: TypeName[];
  readonly qualifiedNames: ReadonlySet<string>;
  readonly positions = new Map<string, number>();
  readonly elements: ElementPlan[] = [];
  places: readonly (number | undefined)[] = [];
  primitives: readonly (string | undefined)[] = [];
  readonly #allElements: ReadonlyMap<string, FhirElement>;
  readonly #object: typeof FhirObject;
  #resources: Types | undefined;

  /** @param object the class of what is read, the same for all types of the model */
  constructor(name: string, model: FhirModel, object: typeof FhirObject) {
    const lineage = lineageOf(name, model);
    this.name = name;
    this.hierarchy = [...lineage.map(namedType), ANY];
    this.qualifiedNames = new Set(this.hierarchy.map((type) => type.name));
    // Base types first, so that a type that redefines an element of its base wins.
    this.#allElements = new Map(lineage.toReversed().flatMap((type) => Object.entries(typeIn(model, type).elements)));
    this.isPrimitive = this.#allElements.get('value')?.types[0]?.startsWith('System.') ?? false;
    this.#object = object;
  }

  /** Second pass, when every type exists: types contain each other. */
  link(types: Types): void {
    for (const [name, element] of this.#allElements) {
      if (name in FhirObject.prototype) {
        throw new ServiceError('invalid-knowledge', `The FHIR element ${name} hides a method.`);
      }
      this.positions.set(name, this.elements.length);
      this.elements.push(planOf(name, element, types));
    }
    if (this.name === 'Resource') this.#resources = types;
  }

  /** Third pass, when every type is linked: all names of elements and what each element holds are known. */
  finish(names: readonly string[]): void {
    this.places = names.map((name) => this.positions.get(name));
    this.primitives = this.elements.map(primitiveIn);
  }

  concrete(json: JsonObject): ObjectType {
    const { resourceType } = json;
    const named = typeof resourceType === 'string' ? this.#resources?.get(resourceType) : undefined;
    return named?.hierarchy.some((type) => type.name === this.hierarchy[0]?.name) ? named : this;
  }

  wrap(json: JsonObject, offsetMinutes: number): FhirObject {
    return new this.#object(this, json, offsetMinutes);
  }
}

function planOf(name: string, element: FhirElement, types: Types): ElementPlan {
  const choices = element.types.map((typeName) => {
    const jsonName = element.choice ? name + suffixOf(typeName) : name;
    return { jsonName, extraName: `_${jsonName}`, type: linkedType(typeName, types) };
  });
  return { name, list: element.list ?? false, choices };
}

/** A profiled data type is written under the name of the type itself: `doseQuantity`, never `doseSimpleQuantity`. */
function suffixOf(typeName: string): string {
  if (typeName === 'SimpleQuantity') return 'Quantity';
  return typeName.slice(0, 1).toUpperCase() + typeName.slice(1);
}

function linkedType(name: string, types: Types): ObjectType | string {
  if (name.startsWith('System.')) return name;
  const type = types.get(name);
  if (type === undefined) throw unknownType(name);
  return type;
}

function lineageOf(name: string, model: FhirModel): string[] {
  const base = typeIn(model, name).base;
  return base === undefined ? [name] : [name, ...lineageOf(base, model)];
}

function typeIn(model: FhirModel, name: string): FhirModel['types'][string] {
  const type = model.types[name];
  if (type === undefined) throw unknownType(name);
  return type;
}

function unknownType(name: string): ServiceError {
  return new ServiceError('invalid-knowledge', `The FHIR model has no type ${name}.`);
}

function namedType(name: string): TypeName {
  return { name: `{http://hl7.org/fhir}${name}`, type: 'NamedTypeSpecifier' };
}
