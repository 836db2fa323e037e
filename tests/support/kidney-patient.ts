import type { Condition, FhirResource, MedicationRequest, Observation } from 'fhir/r4.js';

/** The moment our own patients are seen from: noon in UTC. */
export const NOW = new Date('2026-05-17T12:00:00Z');
const DAY = 86_400_000;

export function daysAgo(days: number): string {
  return new Date(NOW.getTime() - days * DAY).toISOString();
}

const TESTS = {
  calcium: { code: '17861-6', unit: 'mg/dL', normal: 9.2 },
  albumin: { code: '1751-7', unit: 'g/dL', normal: 4.1 },
  phosphate: { code: '2777-1', unit: 'mg/dL', normal: 3.8 },
  magnesium: { code: '19123-9', unit: 'mg/dL', normal: 2 },
  potassium: { code: '2823-3', unit: 'mmol/L', normal: 4.3 },
  sodium: { code: '2951-2', unit: 'mmol/L', normal: 139 },
};
export type Labs = Partial<Record<keyof typeof TESTS, number>>;

/**
 * A patient of 64 with kidney disease of stage 4 (eGFR 24), a cramp of ten days ago and all core labs of two days ago,
 * normal but for those given.
 */
export function kidneyPatient(id: string, labs: Labs = {}): FhirResource[] {
  return [
    { resourceType: 'Patient', id, gender: 'female', birthDate: '1962-01-31' },
    condition(id, 'ckd', { code: 'N18.4', display: 'Chronic kidney disease, stage 4' }, daysAgo(700)),
    condition(id, 'cramp', { code: 'R25.2', display: 'Cramp and spasm' }, daysAgo(10)),
    result(id, 'gfr', { code: '98979-8', value: 24, unit: 'mL/min/{1.73_m2}' }, daysAgo(20)),
    // `labs` has no keys but those of TESTS.
    ...Object.entries(TESTS).map(([name, { code, unit, normal }]) =>
      result(id, name, { code, unit, value: labs[name as keyof Labs] ?? normal }, daysAgo(2)),
    ),
  ];
}

export function condition(
  patientId: string,
  name: string,
  coding: { code: string; display: string },
  recordedDate: string,
): Condition {
  return {
    resourceType: 'Condition',
    id: `${patientId}-${name}`,
    subject: { reference: `Patient/${patientId}` },
    clinicalStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
    },
    code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', ...coding }] },
    recordedDate,
  };
}

export function result(
  patientId: string,
  name: string,
  { code, value, unit }: { code: string; value: number; unit: string },
  effectiveDateTime: string,
): Observation {
  return {
    resourceType: 'Observation',
    id: `${patientId}-${name}`,
    status: 'final',
    subject: { reference: `Patient/${patientId}` },
    code: { coding: [{ system: 'http://loinc.org', code }] },
    effectiveDateTime,
    valueQuantity: { value, unit, system: 'http://unitsofmeasure.org', code: unit },
  };
}

export function furosemide(patientId: string, text = 'Furosemide 40 mg'): MedicationRequest {
  return {
    resourceType: 'MedicationRequest',
    id: `${patientId}-furosemide`,
    status: 'active',
    intent: 'order',
    subject: { reference: `Patient/${patientId}` },
    medicationCodeableConcept: {
      coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: '313988' }],
      text,
    },
    authoredOn: daysAgo(40),
  };
}
