import { ServiceError } from './errors.js';
import type { FhirElement, FhirModel, FhirType } from './reasoning/fhir-model-type.js';

interface XmlElement {
  tag: string;
  attributes: ReadonlyMap<string, string>;
  children: XmlElement[];
}

/**
 * Takes from a CQL model info the types a patient record of the retrieved resource types can contain.
 * Part of the build: the model info is large, the result is what the service loads at start.
 *
 * @param modelInfoXml text of `fhir-modelinfo-4.0.1.xml`
 * @param retrievedTypes bare resource type names (`Observation`); Patient is always added, being the context of every library
 * @throws ServiceError `invalid-knowledge` when a type is not in the model info or the model info has an unknown form
 */
export function fhirModelFrom(modelInfoXml: string, retrievedTypes: readonly string[]): FhirModel {
  const modelInfo = readXml(modelInfoXml);
  const known = new Map(childrenOf(modelInfo, 'typeInfo').map((info) => [attribute(info, 'name'), info]));
  const reached = new Map<string, FhirType>();
  const waiting = ['Patient', ...retrievedTypes];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (reached.has(name)) continue;
    const type = readType(known.get(name), name);
    reached.set(name, type);
    waiting.push(...typesNamedBy(type));
  }
  return { version: attribute(modelInfo, 'version'), types: Object.fromEntries([...reached].sort(byName)) };
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}

function typesNamedBy(type: FhirType): string[] {
  const ofElements = Object.values(type.elements).flatMap((element) => element.types);
  const named = type.base === undefined ? ofElements : [type.base, ...ofElements];
  return named.filter((name) => !name.startsWith('System.'));
}

function readType(info: XmlElement | undefined, name: string): FhirType {
  if (info === undefined) throw new ServiceError('invalid-knowledge', `The FHIR model has no type ${name}.`);
  const base = attribute(info, 'baseType');
  const elements = Object.fromEntries(
    childrenOf(info, 'element').map((element) => [attribute(element, 'name'), readElement(element)]),
  );
  return base.startsWith('System.') ? { elements } : { base: withoutModel(base), elements };
}

function readElement(element: XmlElement): FhirElement {
  const simple = element.attributes.get('elementType');
  if (simple !== undefined) return { types: [withoutModel(simple)] };
  const specifier = onlyChild(element, 'elementTypeSpecifier');
  switch (attribute(specifier, 'xsi:type')) {
    case 'ChoiceTypeSpecifier':
      return { types: childrenOf(specifier, 'choice').map((choice) => attribute(choice, 'name')), choice: true };
    case 'ListTypeSpecifier':
      return { types: [itemType(specifier)], list: true };
    default:
      return { types: [attribute(specifier, 'name')] };
  }
}

function itemType(list: XmlElement): string {
  const simple = list.attributes.get('elementType');
  return simple === undefined ? attribute(onlyChild(list, 'elementTypeSpecifier'), 'name') : withoutModel(simple);
}

function withoutModel(name: string): string {
  return name.replace(/^FHIR\./, '');
}

function attribute(element: XmlElement, name: string): string {
  const value = element.attributes.get(name);
  if (value === undefined) throw unreadable(`${element.tag} without ${name}`);
  return value;
}

function childrenOf(element: XmlElement, tag: string): XmlElement[] {
  return element.children.filter((child) => child.tag === tag);
}

function onlyChild(element: XmlElement, tag: string): XmlElement {
  const [child] = childrenOf(element, tag);
  if (child === undefined) throw unreadable(`${element.tag} without ${tag}`);
  return child;
}

/** Reads the plain XML of a model info: elements and attributes only, no text, no entities. */
function readXml(xml: string): XmlElement {
  const document: XmlElement = { tag: 'document', attributes: new Map(), children: [] };
  const open = [document];
  for (const [, closing, tag = '', attributes = '', empty] of xml.matchAll(
    /<(\/?)(\w+)((?:\s+[\w:]+="[^"]*")*)\s*(\/?)>/g,
  )) {
    const parent = open.at(-1);
    if (parent === undefined) throw unreadable(tag);
    if (closing) {
      if (parent.tag !== tag) throw unreadable(`${tag} closes ${parent.tag}`);
      open.pop();
      continue;
    }
    const element = { tag, attributes: readAttributes(attributes), children: [] };
    parent.children.push(element);
    if (!empty) open.push(element);
  }
  if (open.length > 1) throw unreadable('unclosed element');
  return onlyChild(document, 'modelInfo');
}

function readAttributes(text: string): Map<string, string> {
  return new Map([...text.matchAll(/([\w:]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]));
}

function unreadable(what: string): ServiceError {
  return new ServiceError('invalid-knowledge', `The FHIR model info cannot be read: ${what}.`);
}
