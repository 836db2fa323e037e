import type { Bundle, FhirResource, MedicationRequest, Observation } from 'fhir/r4.js';
import type { CdsRequest } from '../../src/cds-hooks.js';
import type { OpenedServer, ReadResult, SearchResult } from '../../src/patient-data/fhir-gateway.js';
import { gather, type GatherTools } from '../../src/patient-data/gather.js';
import { prefetchQueries } from '../../src/patient-data/prefetch-templates.js';
import type { PatientRecord } from '../../src/patient-record.js';

export const subject = { reference: 'Patient/p1' };
export const patient: FhirResource = { resourceType: 'Patient', id: 'p1' };
export const condition: FhirResource = { resourceType: 'Condition', id: 'c1', subject };
export const lab = (id: string, more: Partial<Observation> = {}): Observation => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: {},
  subject,
  ...more,
});
export const draft = (id: string, more: Partial<MedicationRequest> = {}): MedicationRequest => ({
  resourceType: 'MedicationRequest',
  id,
  status: 'draft',
  intent: 'order',
  subject,
  medicationCodeableConcept: { text: 'Drug' },
  ...more,
});
export const bundle = (...resources: unknown[]) => ({
  resourceType: 'Bundle',
  type: 'searchset',
  entry: resources.map((resource) => ({ resource, search: { mode: 'match' } })),
});
export const withNext = (page: object, url = 'https://ehr.example/fhir?page=2') => ({
  ...page,
  link: [
    { relation: 'self', url: 'https://ehr.example/fhir?page=1' },
    { relation: 'next', url },
  ],
});
export const outcome = { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'processing' }] };
export const full = { patient, conditions: bundle(condition), labs: bundle(lab('o1')), medications: bundle() };

const queries = prefetchQueries([
  { resourceType: 'Condition', codes: [] },
  { resourceType: 'Observation', group: 'labs', codes: ['1-1'], lookBackDays: 30 },
  { resourceType: 'MedicationRequest', codes: [] },
]);

export function requestWith(prefetch: Record<string, unknown> | undefined, more: Partial<CdsRequest> = {}): CdsRequest {
  return {
    hook: 'patient-view',
    hookInstance: 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea',
    context: { userId: 'Practitioner/1', patientId: 'p1' },
    ...(prefetch === undefined ? {} : { prefetch }),
    ...more,
  };
}

export function ordersRequest(
  hook: 'order-select' | 'order-sign',
  orders: unknown[],
  selections?: string[],
): CdsRequest {
  // A client's Bundle is checked no further than this before gather sees it.
  const draftOrders = { resourceType: 'Bundle', entry: orders.map((resource) => ({ resource })) } as unknown as Bundle;
  const context = { userId: 'Practitioner/1', patientId: 'p1', draftOrders, ...(selections ? { selections } : {}) };
  return requestWith(full, { hook, context });
}

/** A FHIR server with an answer for each address that begins so; it notes what it was asked. */
export function serverWith(answers: Record<string, SearchResult | ReadResult>) {
  const asked: string[] = [];
  const answerTo = (address: string) => {
    asked.push(address);
    return Object.entries(answers).find(([start]) => address.startsWith(start))?.[1] ?? { failure: 'failed' };
  };
  const server: OpenedServer = {
    search: (query) => Promise.resolve(answerTo(query) as SearchResult),
    read: (resourceType, id) => Promise.resolve(answerTo(`${resourceType}/${id}`) as ReadResult),
  };
  return { asked, server };
}

export const pageOf = (...resources: FhirResource[]): SearchResult => ({
  entries: resources.map((resource) => ({ resource })),
  unreadable: 0,
  complete: true,
});

/** What is gathered from this request; no server may be asked unless one is given. */
export function gathered(
  request: CdsRequest,
  server?: OpenedServer,
  more: Partial<GatherTools> = {},
): Promise<PatientRecord> {
  return gather(request, {
    queries,
    server,
    ingredientNames: new Set(['aspirin']),
    now: new Date('2026-05-17T12:00:00Z'),
    signal: new AbortController().signal,
    ...more,
  });
}

export const idsOf = ({ resources }: PatientRecord) =>
  resources.map(({ resourceType, id }) => `${resourceType}/${id ?? ''}`);
