import type { FhirResource } from 'fhir/r4.js';
import type { Gap } from '../patient-record.js';
import type { BundledResource } from './medication-reference.js';

/** Where the engine would find nothing, without a word, if the concept had another form. */
const CONCEPTS = ['code', 'clinicalStatus', 'verificationStatus'];

/**
 * Leaves out what stands in a form no rule can read, and counts it by type: a wanted type in other letters, a Bundle in a
 * Bundle, a concept of FHIR STU3 or without a list of codings.
 * @param resourceType what the query asked for: a Bundle in its answer is counted so
 */
export function readableEntries(
  entries: readonly BundledResource[],
  wanted: ReadonlySet<string>,
  resourceType: string,
): { entries: BundledResource[]; gaps: Gap[] } {
  const readable: BundledResource[] = [];
  const gaps: Gap[] = [];
  for (const entry of entries) {
    const type = unreadableType(entry.resource, wanted, resourceType);
    if (type === undefined) readable.push(entry);
    else gaps.push({ kind: 'unreadable', resourceType: type, count: 1 });
  }
  return { entries: readable, gaps };
}

/** The type a resource was meant to be, undefined when nothing is wrong with it. */
function unreadableType(resource: FhirResource, wanted: ReadonlySet<string>, asked: string): string | undefined {
  const { resourceType } = resource;
  if (resourceType === 'Bundle') return asked === '' ? 'Bundle' : asked;
  const meant = wanted.has(resourceType) ? resourceType : typeInOtherLetters(resourceType, wanted);
  if (meant === undefined) return undefined;
  // A client may have sent anything under the names of the type.
  const isReadable = meant === resourceType && hasReadableConcepts(resource as unknown as Record<string, unknown>);
  return isReadable ? undefined : meant;
}

function typeInOtherLetters(resourceType: string, wanted: ReadonlySet<string>): string | undefined {
  const letters = resourceType.toLowerCase();
  return [...wanted].find((type) => type.toLowerCase() === letters);
}

function hasReadableConcepts(resource: Record<string, unknown>): boolean {
  for (const name of CONCEPTS) if (!isReadableConcept(resource[name])) return false;
  return true;
}

function isReadableConcept(concept: unknown): boolean {
  if (concept === undefined || concept === null) return true;
  if (typeof concept !== 'object' || Array.isArray(concept)) return false;
  const coding = 'coding' in concept ? concept.coding : undefined;
  return coding === undefined || coding === null || Array.isArray(coding);
}
