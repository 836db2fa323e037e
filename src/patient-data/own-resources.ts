import type { FhirResource } from 'fhir/r4.js';
import { namesPatientElsewhere, separateForeign } from './belongs-to-patient.js';
import { isFhirId } from '../fhir-id.js';
import type { BundledResource } from './medication-reference.js';
import { isOfOtherServer, isUnderBase } from './server-base.js';

/** Whose record it is, and how else their resources may name them. */
export interface Owner {
  patientId: string;
  /** Base URL of the server the id is an id of. */
  fhirServer: string | undefined;
  aliases?: ReadonlySet<string>;
}

/**
 * Resources of this patient, in order; an entry of another server is foreign whatever its references say.
 * An id outside the FHIR grammar is taken away: nothing may be named by it.
 */
export function ownResources(
  entries: readonly BundledResource[],
  { patientId, fhirServer, aliases }: Owner,
): { own: FhirResource[]; foreign: number } {
  const near = entries.filter(({ fullUrl }) => !isOfOtherServer(fullUrl, fhirServer));
  const { own, foreign } = separateForeign(
    near.map(({ resource }) => resource),
    patientId,
    fhirServer,
    aliases,
  );
  return { own: own.map(withoutWrongId), foreign: foreign + entries.length - near.length };
}

/** Whether an answer that is not empty is another server's as a whole: by each entry's fullUrl, or by its subject. */
export function areOfOtherServer(entries: readonly BundledResource[], { patientId, fhirServer }: Owner): boolean {
  const isOther = ({ fullUrl, resource }: BundledResource) =>
    isOfOtherServer(fullUrl, fhirServer) || namesPatientElsewhere(resource, patientId, fhirServer);
  return entries.length > 0 && entries.every(isOther);
}

/**
 * The fullUrls by which resources of a Bundle may name this patient.
 * @param answer entries of the query for the Patient alone: elsewhere a fullUrl could make another patient ours
 */
export function aliasesOf(answer: readonly BundledResource[], { patientId, fhirServer }: Owner): ReadonlySet<string> {
  const isPatient = ({ resource }: BundledResource) => resource.resourceType === 'Patient' && resource.id === patientId;
  const isNameOfPatient = (fullUrl: string) =>
    /^urn:(?:uuid|oid):/.test(fullUrl) ||
    (fhirServer !== undefined && isUnderBase(fullUrl, fhirServer) && fullUrl.endsWith(`/Patient/${patientId}`));
  return new Set(
    answer
      .filter(isPatient)
      .flatMap(({ fullUrl }) => fullUrl ?? [])
      .filter(isNameOfPatient),
  );
}

/** Each resource once: the newest version, and an order of the context before any of the record. */
export function withoutDuplicates(record: readonly FhirResource[], orders: readonly FhirResource[]): FhirResource[] {
  const kept: FhirResource[] = [];
  const places: Places = { byType: new Map(), unnamed: new Map() };
  const keep = (resource: FhirResource, isBetter: (known: FhirResource) => boolean) => {
    const place = placeOf(resource, places, kept.length);
    const known = kept[place];
    if (known === undefined || isBetter(known)) kept[place] = resource;
  };
  for (const resource of record) keep(resource, (known) => isLater(resource, known));
  for (const order of orders) keep(order, () => true);
  return kept;
}

/** Where the resources of each type and id stand, and those without an id. */
interface Places {
  byType: Map<string, Map<string, number>>;
  unnamed: Map<FhirResource, number>;
}

/** Of the resource of this type and id, or the next free one: a resource without an id is like no other. */
function placeOf(resource: FhirResource, { byType, unnamed }: Places, next: number): number {
  const { resourceType, id } = resource;
  if (!isFhirId(id)) return placeIn(unnamed, resource, next);
  let ofType = byType.get(resourceType);
  if (ofType === undefined) byType.set(resourceType, (ofType = new Map<string, number>()));
  return placeIn(ofType, id, next);
}

function placeIn<Key>(places: Map<Key, number>, key: Key, next: number): number {
  const place = places.get(key);
  if (place === undefined) places.set(key, next);
  return place ?? next;
}

function withoutWrongId(resource: FhirResource): FhirResource {
  if (!('id' in resource) || isFhirId(resource.id)) return resource;
  const { id: _wrong, ...rest } = resource;
  return rest;
}

function isLater(one: FhirResource, other: FhirResource): boolean {
  const updated = Date.parse(metaText(one, 'lastUpdated')) - Date.parse(metaText(other, 'lastUpdated'));
  return (updated || Number(metaText(one, 'versionId')) - Number(metaText(other, 'versionId'))) > 0;
}

/** A text that compares as unknown when there is none: the type promises a string, a client may send anything. */
function metaText({ meta }: FhirResource, name: 'lastUpdated' | 'versionId'): string {
  const text: unknown = meta?.[name];
  return typeof text === 'string' ? text : 'unknown';
}
