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
  const typeByLetters = new Map([...wanted].map((type) => [type.toLowerCase(), type]));
  const unreadableType = ({ resource }: BundledResource): string | undefined => {
    if (resource.resourceType === 'Bundle') return resourceType === '' ? 'Bundle' : resourceType;
    const meant = typeByLetters.get(resource.resourceType.toLowerCase());
    if (meant === undefined) return undefined;
    return meant === resource.resourceType && hasReadableConcepts({ ...resource }) ? undefined : meant;
  };
  const types = entries.flatMap((entry) => unreadableType(entry) ?? []);
  return {
    entries: entries.filter((entry) => unreadableType(entry) === undefined),
    gaps: types.map((type) => ({ kind: 'unreadable', resourceType: type, count: 1 })),
  };
}

function hasReadableConcepts(resource: Record<string, unknown>): boolean {
  return CONCEPTS.every((name) => isReadableConcept(resource[name]));
}

function isReadableConcept(concept: unknown): boolean {
  if (concept === undefined || concept === null) return true;
  if (typeof concept !== 'object' || Array.isArray(concept)) return false;
  const coding = 'coding' in concept ? concept.coding : undefined;
  return coding === undefined || coding === null || Array.isArray(coding);
}
