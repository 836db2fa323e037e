import type { FhirResource, MedicationRequest, Procedure } from 'fhir/r4.js';
import { condition, kidneyPatient, type Labs, NOW, result } from '../kidney-patient.js';

/** When the result in question was taken: six hours before now, so on the same day, and two days after the others. */
export const TAKEN = new Date(NOW.getTime() - 6 * 3_600_000).toISOString();
const EARLIER = '2026-05-10T12:00:00Z';

/** The record around a result, its core labs of two days ago normal but for those given; arterial disease always speaks. */
export function scene(labs: Labs, ...more: FhirResource[]): FhirResource[] {
  return [...kidneyPatient('p', labs), problem('I73.9', 'Arterial disease'), ...more];
}

export function sceneWithout(name: string, labs: Labs = {}, ...more: FhirResource[]): FhirResource[] {
  return scene(labs, ...more).filter(({ id }) => id !== `p-${name}`);
}

export function problem(code: string, display: string): FhirResource {
  return condition('p', code, { code, display }, EARLIER);
}

export function lab(code: string, value: number, unit: string, at = TAKEN): FhirResource {
  return result('p', `other-${code}`, { code, value, unit }, at);
}

export const RESTLESS_LEGS = problem('G25.81', 'Restless legs');
export const DEHYDRATION = problem('E86.0', 'Dehydration');

/** Stage 3a by the problem list alone. */
export function stage3aWithoutGfr(...more: FhirResource[]): FhirResource[] {
  const others = sceneWithout('gfr').filter(({ id }) => id !== 'p-ckd');
  return [...others, problem('N18.31', 'Chronic kidney disease, stage 3a'), ...more];
}

/** An eGFR of 9, without the one of 24. */
export function stage5(...more: FhirResource[]): FhirResource[] {
  return [...sceneWithout('gfr'), lab('98979-8', 9, 'mL/min/{1.73_m2}', EARLIER), ...more];
}

export const SESSION_REFERENCE = 'Procedure/session';

/** A haemodialysis from four to eight o'clock of today: `TAKEN` is in the middle of it. */
export const SESSION: Procedure = {
  resourceType: 'Procedure',
  id: 'session',
  status: 'completed',
  subject: { reference: 'Patient/p' },
  code: { coding: [{ system: 'http://www.cms.gov/Medicare/Coding/ICD10', code: '5A1D70Z' }] },
  performedPeriod: { start: '2026-05-17T04:00:00Z', end: '2026-05-17T08:00:00Z' },
};

export const PERITONEAL_DIALYSIS: Procedure = {
  resourceType: 'Procedure',
  id: 'peritoneal',
  status: 'completed',
  subject: { reference: 'Patient/p' },
  code: { coding: [{ system: 'http://www.cms.gov/Medicare/Coding/ICD10', code: '3E1M39Z' }] },
  performedDateTime: EARLIER,
};

export const VOLUME = partOfSession('uf-volume', 4000, 'mL', 'urn:renal-cramp-cds:dialysis-session');
export const WEIGHT_AFTER = partOfSession('8344-4', 70, 'kg');

function partOfSession(code: string, value: number, unit: string, system = 'http://loinc.org'): FhirResource {
  return {
    ...result('p', `other-${code}`, { code, value, unit }, '2026-05-17T08:10:00Z'),
    code: { coding: [{ system, code }] },
    partOf: [{ reference: SESSION_REFERENCE }],
  };
}

/** 800 mg of gabapentin a day. */
export const GABAPENTIN: MedicationRequest = {
  resourceType: 'MedicationRequest',
  id: 'gabapentin',
  status: 'draft',
  intent: 'order',
  subject: { reference: 'Patient/p' },
  medicationCodeableConcept: {
    coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: '25480' }],
    text: 'Gabapentin',
  },
  dosageInstruction: [
    {
      doseAndRate: [{ doseQuantity: { value: 800, unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' } }],
      timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd' } },
    },
  ],
};
