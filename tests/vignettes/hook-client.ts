import { randomUUID } from 'node:crypto';
import type { FhirResource } from 'fhir/r4.js';
import type { CdsService } from '../../src/cds-hooks.js';
import { toResources } from '../../src/web/sample-patient.js';
import { search } from '../../src/web/sample-search.js';
import { toDraftOrders } from '../support/draft-orders-of.js';
import { NOW, type Case } from './case-file.js';

/** The record a case describes, and the drafts of its context. */
export interface Played {
  record: FhirResource[];
  drafts: FhirResource[];
}

export function resourcesOf(played: Case): Played {
  return { record: toResources(played, NOW), drafts: toDraftOrders(played, NOW) };
}

/** The call a CDS client would make for this service: its context, and every prefetch template of discovery answered. */
export function hookRequest(played: Case, { record, drafts }: Played, service: CdsService): Record<string, unknown> {
  const patientId = played.patient.id;
  const encounter = record.find(({ resourceType }) => resourceType === 'Encounter');
  // Written out in the case as a client would send it.
  const beside = played.besideDrafts as unknown as FhirResource[];
  const selections = (played.selected ?? drafts.map(({ id }) => id!)).map((id) => `MedicationRequest/${id}`);
  return {
    hook: played.hook,
    hookInstance: randomUUID(),
    context: {
      userId: 'Practitioner/example',
      patientId,
      ...(encounter && played.encounterInContext ? { encounterId: encounter.id } : {}),
      ...(played.hook === 'patient-view' || !played.draftOrders ? {} : { draftOrders: bundle([...drafts, ...beside]) }),
      ...(played.hook === 'order-select' ? { selections } : {}),
    },
    prefetch: prefetch(service, patientId, record),
    extension: { 'org.renal-cramp-cds.evaluation-time': NOW.toISOString() },
  };
}

function prefetch(service: CdsService, patientId: string, record: FhirResource[]): Record<string, unknown> {
  const templates = Object.entries(service.prefetch ?? {});
  return Object.fromEntries(templates.map(([key, template]) => [key, answer(template, patientId, record)]));
}

function answer(template: string, patientId: string, record: FhirResource[]): unknown {
  const [path = '', query] = template.replaceAll('{{context.patientId}}', patientId).split('?');
  const [type = '', id] = path.split('/');
  if (query === undefined)
    return record.find((resource) => resource.resourceType === type && resource.id === id) ?? null;
  return { ...bundle(search(record, type, new URLSearchParams(query)).resources), type: 'searchset' };
}

function bundle(resources: FhirResource[]) {
  return { resourceType: 'Bundle', type: 'collection', entry: resources.map((resource) => ({ resource })) };
}
