import { callOf } from '../calls.js';
import type { ComposedService } from '../../support/composed-service.js';
import { kidneyPatient } from '../../support/kidney-patient.js';

export const SANDBOX_PATIENT = 'smart-1288992';
const FUROSEMIDE = { code: '313988', display: 'furosemide 40 MG Oral Tablet' };

/** Made up, in the shapes seen on the wire from the cds-hooks sandbox: whatever it could not prefetch is left out. */
export function sandboxCall(
  service: ComposedService,
  hook: 'patient-view' | 'order-select' | 'order-sign',
  context: object = {},
): Record<string, unknown> {
  const body = callOf(service, kidneyPatient(SANDBOX_PATIENT, { calcium: 7.9, phosphate: 3.8 }), hook);
  return {
    ...body,
    fhirServer: 'https://fhir.example.org/r4',
    context: { patientId: SANDBOX_PATIENT, userId: 'Practitioner/COREPRACTITIONER1', ...context },
  };
}

/** The form as it is when its tab opens: nothing chosen, no intent. */
export function untouchedForm() {
  return form({});
}

/** The form once a drug is chosen. */
export function filledForm() {
  return form({
    intent: 'order',
    category: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/medicationrequest-category', code: 'community' }],
    },
    dosageInstruction: [
      {
        timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd', boundsPeriod: { start: '2026-05-17' } } },
        doseAndRate: [{ doseQuantity: { value: 1, system: 'http://unitsofmeasure.org', code: '{pill}' } }],
      },
    ],
    dispenseRequest: { expectedSupplyDuration: { value: 30, unit: 'days', code: 'd' } },
    medicationCodeableConcept: {
      text: FUROSEMIDE.display,
      coding: [{ ...FUROSEMIDE, system: 'http://www.nlm.nih.gov/research/umls/rxnorm' }],
    },
  });
}

/** A Bundle without a type, and one entry without a fullUrl. */
function form(more: object) {
  const resource = {
    resourceType: 'MedicationRequest',
    id: 'request-123',
    status: 'draft',
    subject: { reference: `Patient/${SANDBOX_PATIENT}` },
    authoredOn: '2026-05-17',
    ...more,
  };
  return { resourceType: 'Bundle', entry: [{ resource }] };
}
