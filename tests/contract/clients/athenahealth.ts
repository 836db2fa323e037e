import { callOf, draftOrders } from '../calls.js';
import type { ComposedService } from '../../support/composed-service.js';
import { kidneyPatient } from '../../support/kidney-patient.js';

const PATIENT_ID = 'a-195900.E-14545';

/** Made up: orders added to an order group, with ids of practice and entity, drugs by a code of the vendor and a name. */
export function athenaCall(service: ComposedService, hook: 'order-select' | 'order-sign'): Record<string, unknown> {
  const context = {
    userId: 'Practitioner/a-195900.Provider-71',
    encounterId: 'a-195900.encounter-61456',
    draftOrders: draftOrders(drug('order-9001', '248219', 'furosemide 40 mg tablet'), test('order-9002')),
    ...(hook === 'order-select' ? { selections: ['MedicationRequest/a-195900.order-9001'] } : {}),
  };
  return { ...callOf(service, kidneyPatient(PATIENT_ID, { calcium: 7.9, phosphate: 3.8 }), hook, context) };
}

function drug(id: string, code: string, name: string) {
  return {
    resourceType: 'MedicationRequest',
    id: `a-195900.${id}`,
    status: 'draft',
    intent: 'plan',
    subject: { reference: `Patient/${PATIENT_ID}` },
    medicationCodeableConcept: {
      coding: [{ system: 'https://fhir.example.org/a/medication-id', code, display: name }],
      text: name,
    },
  };
}

function test(id: string) {
  return {
    resourceType: 'ServiceRequest',
    id: `a-195900.${id}`,
    status: 'draft',
    intent: 'plan',
    subject: { reference: `Patient/${PATIENT_ID}` },
    code: { text: 'basic metabolic panel' },
  };
}
