import type { CodeableConcept, FhirResource, Medication } from 'fhir/r4.js';
import type { MedicationAdministration, MedicationRequest, MedicationStatement } from 'fhir/r4.js';
import type { Gap } from '../patient-record.js';
import { FHIR_ID, isFhirId } from '../fhir-id.js';
import { withoutTrailingSlashes } from '../trailing-slashes.js';
import { isNestedTooDeep } from './nesting.js';
import { isOfOtherServer } from './server-base.js';

/** A resource as it stood in a Bundle. */
export interface BundledResource {
  fullUrl?: string;
  resource: FhirResource;
}

/** The one thing needed of a FHIR server here. */
interface MedicationServer {
  read(resourceType: string, id: string): Promise<{ resource: FhirResource } | { failure: string }>;
}

type Prescription = MedicationRequest | MedicationStatement | MedicationAdministration;

const RELATIVE_REFERENCE = new RegExp(`^Medication/(${FHIR_ID})(?:/_history/${FHIR_ID})?$`);

const MOST_MEDICATIONS_READ = 20;
const PRESCRIPTIONS: ReadonlySet<string> = new Set<Prescription['resourceType']>([
  'MedicationRequest',
  'MedicationStatement',
  'MedicationAdministration',
]);

/**
 * Replaces each medicationReference by the code of the Medication it names; resources are copied, never changed.
 * A Medication is looked for in `contained`, then among the entries (by fullUrl, then by id; the first counts), then, if
 * there is a server, by reading up to 20 of them.
 * What cannot be resolved stays as it is, without a concept, and is counted in a gap.
 * @param serverBase base URL under which an absolute reference is one to the client's own server
 */
export async function medicationsResolved(
  resources: readonly FhirResource[],
  entries: readonly BundledResource[],
  serverBase?: string,
  server?: MedicationServer,
): Promise<{ resources: FhirResource[]; gaps: Gap[] }> {
  if (!resources.some(isOpen)) return { resources: [...resources], gaps: [] };
  const known = medicationIndex(entries, serverBase);
  const unknown = resources.filter(isOpen).filter((open) => codeOf(open, known, serverBase) === undefined);
  const read =
    server === undefined
      ? []
      : await medicationsRead(
          unknown.flatMap((open) => idOf(open, serverBase) ?? []),
          server,
        );
  const all = medicationIndex([...entries, ...read], serverBase);
  const resolved = resources.map((resource) =>
    isOpen(resource) ? withConcept(resource, codeOf(resource, all, serverBase)) : resource,
  );
  const count = resolved.filter(isOpen).length;
  return { resources: resolved, gaps: count === 0 ? [] : [{ kind: 'medication-unresolved', count }] };
}

async function medicationsRead(ids: readonly string[], server: MedicationServer): Promise<BundledResource[]> {
  const distinct = [...new Set(ids)].slice(0, MOST_MEDICATIONS_READ);
  const answers = await Promise.all(distinct.map((id) => server.read('Medication', id)));
  return answers.flatMap((answer) => ('resource' in answer ? [answer] : []));
}

/** Whether the drug is only referred to. */
function isOpen(resource: FhirResource): resource is Prescription {
  return (
    isPrescription(resource) &&
    resource.medicationCodeableConcept === undefined &&
    isObject(resource.medicationReference)
  );
}

/** Whether the resource says which drug was ordered, taken or given. */
export function isPrescription(resource: FhirResource): resource is Prescription {
  return PRESCRIPTIONS.has(resource.resourceType);
}

/** By fullUrl, and by id where that is an id on the client's own server. */
function medicationIndex(
  entries: readonly BundledResource[],
  serverBase: string | undefined,
): ReadonlyMap<string, Medication> {
  const index = new Map<string, Medication>();
  for (const { fullUrl, resource } of entries) {
    if (resource.resourceType !== 'Medication') continue;
    const isNamedById = isFhirId(resource.id) && !isOfOtherServer(fullUrl, serverBase);
    // A fullUrl is absolute: a relative one could pass for the id of another Medication.
    const names = [...(fullUrl?.includes(':') ? [fullUrl] : []), ...(isNamedById ? [`Medication/${resource.id}`] : [])];
    for (const name of names) if (!index.has(name)) index.set(name, resource);
  }
  return index;
}

function codeOf(
  resource: Prescription,
  known: ReadonlyMap<string, Medication>,
  serverBase?: string,
): CodeableConcept | undefined {
  const reference = referenceOf(resource);
  if (reference.startsWith('#')) return containedMedication(resource, reference.slice(1))?.code;
  const id = idOf(resource, serverBase);
  return (known.get(reference) ?? (id === undefined ? undefined : known.get(`Medication/${id}`)))?.code;
}

/** Id of the Medication on the client's own server; undefined when the reference leads elsewhere or nowhere. */
function idOf(resource: Prescription, serverBase?: string): string | undefined {
  const reference = referenceOf(resource);
  const base = serverBase === undefined ? undefined : `${withoutTrailingSlashes(serverBase)}/`;
  const isOnServer = base !== undefined && reference.startsWith(base);
  return RELATIVE_REFERENCE.exec(isOnServer ? reference.slice(base.length) : reference)?.[1];
}

// The type promises a string; what a client sent may be anything.
function referenceOf({ medicationReference }: Prescription): string {
  const reference: unknown = medicationReference?.reference;
  return typeof reference === 'string' ? reference : '';
}

function containedMedication(resource: Prescription, id: string): Medication | undefined {
  const contained: readonly unknown[] =
    'contained' in resource && Array.isArray(resource.contained) ? resource.contained : [];
  // Some writers keep the hash in the id of the contained resource.
  return contained.filter(isMedication).find((inner) => inner.id === id || inner.id === `#${id}`);
}

function withConcept(resource: Prescription, code: CodeableConcept | undefined): FhirResource {
  if (!isObject(code) || isNestedTooDeep(code)) return resource;
  const resolved: Prescription = { ...resource, medicationCodeableConcept: structuredClone(code) };
  delete resolved.medicationReference;
  return resolved;
}

function isMedication(value: unknown): value is Medication {
  return isObject(value) && 'resourceType' in value && value.resourceType === 'Medication';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
