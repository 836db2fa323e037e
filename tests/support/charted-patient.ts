import type { FhirResource, MedicationRequest, Observation } from 'fhir/r4.js';
import { condition, daysAgo, kidneyPatient, NOW } from './kidney-patient.js';

const LOINC = 'http://loinc.org';
const UCUM = 'http://unitsofmeasure.org';

export interface ChartedResult {
  code: string;
  value: number;
  unit: string;
  at: string;
  low?: number;
  high?: number;
  comparator?: '<' | '>';
  status?: Observation['status'];
}

let count = 0;

export function charted(patientId: string, result: ChartedResult): Observation {
  const { code, value, unit, at, low, high, comparator, status = 'final' } = result;
  count += 1;
  const range = {
    ...(low === undefined ? {} : { low: { value: low, unit } }),
    ...(high === undefined ? {} : { high: { value: high, unit } }),
  };
  return {
    resourceType: 'Observation',
    id: `charted-${String(count)}`,
    status,
    subject: { reference: `Patient/${patientId}` },
    code: { coding: [{ system: LOINC, code }] },
    effectiveDateTime: at,
    valueQuantity: { value, unit, system: UCUM, code: unit, ...(comparator ? { comparator } : {}) },
    ...(low === undefined && high === undefined ? {} : { referenceRange: [range] }),
  };
}

export function ordered(
  patientId: string,
  id: string,
  text: string,
  more: Partial<MedicationRequest> = {},
): MedicationRequest {
  return {
    resourceType: 'MedicationRequest',
    id,
    status: 'active',
    intent: 'order',
    subject: { reference: `Patient/${patientId}` },
    medicationCodeableConcept: { text },
    authoredOn: daysAgo(30),
    ...more,
  };
}

/** Their days counted from now instead of the fixed moment, for a page that has a clock of its own. */
export function asOfNow<Resource extends FhirResource>(resources: readonly Resource[]): Resource[] {
  const shift = Date.now() - NOW.getTime();
  const moved = JSON.stringify(resources).replace(/"(\d{4}-\d\d-\d\dT[^"]+)"/g, (_whole, instant: string) =>
    JSON.stringify(new Date(Date.parse(instant) + shift).toISOString()),
  );
  // The same resources at other times.
  return JSON.parse(moved) as Resource[];
}

/** A patient with low calcium and high phosphate, seen now. */
export function crampingPatient(id: string, name = 'Iris Standin'): FhirResource[] {
  const [patient, ...others] = kidneyPatient(id, { calcium: 7.8, phosphate: 6.2 });
  const named = { ...patient, name: [{ text: name }] } as FhirResource; // the first is the Patient
  return asOfNow([
    named,
    ...others,
    condition(id, 'more', { code: 'I10', display: 'High blood pressure' }, daysAgo(300)),
  ]);
}
