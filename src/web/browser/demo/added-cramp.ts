import type { Condition } from 'fhir/r4.js';
import type { Filled } from '../smart/fill-prefetch.js';

const DAY = 86_400_000;
const KEY = 'addedByThisDemo';

/** Sample records of others hold no cramp: one of ten days before, and nobody takes it for theirs. */
export function withCramp(filled: Filled, patientId: string, seenFrom: string): Filled {
  const cramp: Condition = {
    resourceType: 'Condition',
    id: 'cramp-added-by-this-demo',
    clinicalStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
    },
    verificationStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'confirmed' }],
    },
    code: {
      coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'R25.2', display: 'Cramp and spasm' }],
      text: 'Cramp (added by this demo)',
    },
    subject: { reference: `Patient/${patientId}` },
    recordedDate: new Date(Date.parse(seenFrom) - 10 * DAY).toISOString(),
  };
  const bundle = { resourceType: 'Bundle' as const, type: 'collection' as const, entry: [{ resource: cramp }] };
  return { ...filled, prefetch: { ...filled.prefetch, [KEY]: bundle } };
}
