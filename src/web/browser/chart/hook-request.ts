import type { Bundle, FhirResource } from 'fhir/r4.js';
import type { HookName } from '../../../cds-hooks.js';

const EVALUATION_TIME_EXTENSION = 'org.renal-cramp-cds.evaluation-time';

/** What is asked beside the patient. */
export interface HookAsked {
  hook: HookName;
  /** Unsigned orders; only the order hooks hold them. */
  drafts: readonly FhirResource[];
  /** `Type/id` of the drafts that were just chosen. */
  selections: readonly string[];
  /** False: the service is to fetch by itself. */
  sendsPrefetch: boolean;
}

/** The body of a hook (CDS Hooks 2.0.1, Calling a CDS Service). */
export function hookRequest(
  { hook, drafts, selections }: HookAsked,
  {
    server,
    patientId,
    seenFrom,
    isHistorical,
  }: { server: string; patientId: string; seenFrom: string; isHistorical: boolean },
  prefetch: Record<string, FhirResource | null>,
) {
  const draftOrders: Bundle = {
    resourceType: 'Bundle',
    type: 'collection',
    entry: drafts.map((resource) => ({ resource })),
  };
  return {
    hook,
    hookInstance: newUuid(),
    fhirServer: server,
    context: {
      userId: 'Practitioner/demo',
      patientId,
      ...(hook === 'order-select' ? { selections } : {}),
      ...(hook === 'patient-view' ? {} : { draftOrders }),
    },
    prefetch,
    ...(isHistorical ? { extension: { [EVALUATION_TIME_EXTENSION]: seenFrom } } : {}),
  };
}

/** A version 4 UUID; `crypto.randomUUID` is there over https and on loopback only. */
function newUuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
