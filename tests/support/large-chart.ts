import type { FhirResource } from 'fhir/r4.js';

/** Well above the size from which a body goes to a thread. */
const LARGE_BYTES = 1_100_000;

/** The same request, longer: blanks between its last two brackets change nothing of what it says. */
export function padded(body: string): string {
  return `${body.slice(0, -1)}${' '.repeat(LARGE_BYTES)}}`;
}

/** A record with each of its resources, but the patient, as often as it takes to be large; every copy has an id of its own. */
export function inflated(resources: readonly FhirResource[]): FhirResource[] {
  const size = JSON.stringify(resources).length;
  // A client sends of them only what the service asks for.
  const copies = Math.ceil((3 * LARGE_BYTES) / size);
  const others = resources.filter(({ resourceType }) => resourceType !== 'Patient');
  const copied = (copy: number) => others.map((resource) => ({ ...resource, id: `${resource.id ?? ''}-copy-${copy}` }));
  return [...resources, ...Array.from({ length: copies }, (_, copy) => copied(copy)).flat()];
}

/** An answer without what is fresh in each: identifiers in the order in which they come. */
export function withoutFreshIds(answer: string): string {
  const known = new Map<string, string>();
  return answer.replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => {
    if (!known.has(id)) known.set(id, `id ${known.size}`);
    return known.get(id) ?? id;
  });
}
