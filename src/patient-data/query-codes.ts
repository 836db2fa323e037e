import type { FhirResource } from 'fhir/r4.js';
import { isRecord } from '../is-record.js';
import type { PrefetchQuery } from './prefetch-templates.js';

/** Tells whether a resource is one the query asks for: of its type and, where it lists codes, with one of them. */
export function answersQuery({
  resourceType,
  template,
}: Pick<PrefetchQuery, 'resourceType' | 'template'>): (resource: FhirResource) => boolean {
  const wanted = codesOf(template);
  return (resource) =>
    resource.resourceType === resourceType &&
    (wanted === undefined || codesIn(resource).some((code) => wanted.has(code)));
}

/** Codes of the template's `code` parameter, as `prefetch-templates` writes it; undefined without one. */
function codesOf(template: string): ReadonlySet<string> | undefined {
  const list = /[?&]code=([^&]*)/.exec(template)?.[1];
  if (list === undefined) return undefined;
  return new Set(list.split(',').map((token) => decodeURIComponent(token).replace(/\\(.)/g, '$1')));
}

/** Codes of a resource's `code`, of whatever system; one coding may stand where a list should. */
export function codesIn(resource: FhirResource): string[] {
  // The types promise objects and strings; what a client sent may be anything.
  const { code }: Record<string, unknown> = { ...resource };
  const codings: unknown = isRecord(code) ? code['coding'] : undefined;
  const codes = [codings]
    .flat()
    .filter(isRecord)
    .map((coding) => coding['code']);
  return codes.filter((each) => typeof each === 'string');
}
