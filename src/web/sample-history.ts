import type { SamplePatient } from './sample-format.js';
import { codeableConcept, type UnfinishedResource } from './sample-resource.js';

type Section = 'conditions' | 'procedures' | 'medications' | 'statements' | 'administrations';
type Entry<Name extends Section> = SamplePatient[Name][number];

export function patientOf({ patient: { id, name, gender, age, born, fhir } }: SamplePatient): UnfinishedResource {
  const [given = name, ...family] = name.split(' ');
  // Some months past the birthday, so that the age holds for the weeks to come.
  const birthDate = born ?? (age === undefined ? undefined : `${age} years and 100 days ago`);
  return {
    resourceType: 'Patient',
    id,
    fhir,
    name: [{ text: name, given: [given], family: family.join(' ') }],
    gender,
    birthDate: birthDate?.endsWith('ago') ? `the day ${birthDate}` : birthDate,
  };
}

export function conditionOf({
  fhir,
  id,
  recorded,
  onset,
  status,
  verification,
  ...code
}: Entry<'conditions'>): UnfinishedResource {
  return {
    resourceType: 'Condition',
    id,
    fhir,
    category: inSystem('condition-category', 'problem-list-item').map((coding) => ({ coding: [coding] })),
    clinicalStatus: status === 'none' ? undefined : { coding: inSystem('condition-clinical', status) },
    verificationStatus: { coding: inSystem('condition-ver-status', verification) },
    code: codeableConcept(code),
    onsetDateTime: onset,
    recordedDate: recorded,
  };
}

export function procedureOf({ fhir, id, at, from, to, status, ...code }: Entry<'procedures'>): UnfinishedResource {
  const performedPeriod = from === undefined && to === undefined ? undefined : { start: from, end: to };
  return {
    resourceType: 'Procedure',
    id,
    fhir,
    status,
    code: codeableConcept(code),
    performedDateTime: at,
    performedPeriod,
  };
}

export function orderOf({
  fhir,
  id,
  authored,
  until,
  status,
  intent,
  reason,
  dose,
  ...code
}: Entry<'medications'>): UnfinishedResource {
  return {
    resourceType: 'MedicationRequest',
    id,
    fhir,
    status,
    intent,
    medicationCodeableConcept: codeableConcept(code),
    authoredOn: authored,
    reasonCode: reason === undefined ? undefined : [codeableConcept(reason)],
    dispenseRequest: until === undefined ? undefined : { validityPeriod: { start: authored, end: until } },
    dosageInstruction: dose && [dosageOf(dose)],
  };
}

function dosageOf({ mg, times, period, unit }: NonNullable<Entry<'medications'>['dose']>) {
  const doseQuantity = { value: mg, unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' };
  return { doseAndRate: [{ doseQuantity }], timing: { repeat: { frequency: times, period, periodUnit: unit } } };
}

export function statementOf({ fhir, id, since, until, status, ...code }: Entry<'statements'>): UnfinishedResource {
  return {
    resourceType: 'MedicationStatement',
    id,
    fhir,
    status,
    medicationCodeableConcept: codeableConcept(code),
    effectivePeriod: since === undefined && until === undefined ? undefined : { start: since, end: until },
  };
}

export function administrationOf({ fhir, id, given, status, ...code }: Entry<'administrations'>): UnfinishedResource {
  return {
    resourceType: 'MedicationAdministration',
    id,
    fhir,
    status,
    medicationCodeableConcept: codeableConcept(code),
    effectiveDateTime: given,
  };
}

export function encounterOf({
  fhir,
  id,
  started,
  status,
  reason,
}: NonNullable<SamplePatient['encounter']>): UnfinishedResource {
  return {
    resourceType: 'Encounter',
    id,
    fhir,
    status,
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    period: { start: started },
    reasonCode: reason === undefined ? undefined : [codeableConcept(reason)],
  };
}

function inSystem(name: string, code: string) {
  return [{ system: `http://terminology.hl7.org/CodeSystem/${name}`, code }];
}
