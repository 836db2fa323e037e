import type { FhirResource } from 'fhir/r4.js';
import { isRecord } from '../is-record.js';
import type { Knowledge } from './knowledge.js';
import type { EnumeratedValueSet } from './value-sets.js';

/** A resource of the record, and the value sets of the knowledge that one of its codes is in. */
export interface Input {
  /** `Type/id`. */
  reference: string;
  /** Names of value sets in kebab-case. */
  valueSets: string[];
}

/** The elements that say what a resource is about. */
const CODED = ['code', 'medicationCodeableConcept'];

/** What the knowledge recognises in a record: every resource with a code of a value set. */
export function inputsOf(resources: readonly FhirResource[], { valueSets }: Pick<Knowledge, 'valueSets'>): Input[] {
  const names = namesByCode(valueSets.values());
  return resources.flatMap((resource) => {
    const found = new Set(codesOf(resource).flatMap((code) => names.get(code) ?? []));
    const reference = `${resource.resourceType}/${resource.id ?? ''}`;
    return found.size === 0 ? [] : [{ reference, valueSets: [...found] }];
  });
}

/** The last part of its url: files and rules call it so. */
export function nameOf({ url }: Pick<EnumeratedValueSet, 'url'>): string {
  return url.slice(url.lastIndexOf('/') + 1);
}

function namesByCode(valueSets: Iterable<EnumeratedValueSet>): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const valueSet of valueSets) {
    for (const code of valueSet.codes) {
      const known = names.get(keyOf(code)) ?? [];
      names.set(keyOf(code), [...known, nameOf(valueSet)]);
    }
  }
  return names;
}

function codesOf(resource: FhirResource): string[] {
  // The names differ by type, and what the client sent may be anything.
  const elements: Record<string, unknown> = { ...resource };
  const concepts = CODED.map((name) => elements[name]).filter(isRecord);
  const codings = concepts.flatMap((concept): unknown[] => [concept['coding']].flat());
  return codings.filter(isRecord).map(keyOf);
}

function keyOf({ system, code }: { system?: unknown; code?: unknown }): string {
  return JSON.stringify([system, code]);
}
