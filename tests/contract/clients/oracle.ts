import { daysAgo, NOW } from '../../support/kidney-patient.js';

const TENANT = 'ec2458f2-0000-4000-8000-a3c8696d1b5f';
export const ORACLE_SERVER = `https://fhir-ehr.example.org/r4/${TENANT}`;
const PATIENT_ID = '12724066';
const SUBJECT = { reference: `Patient/${PATIENT_ID}`, display: 'PLACEHOLDER, CLARA' };

/** Made up, in the shapes of the vendor's public pages: patient-view alone, numbers for ids, code sets of the tenant. */
export function oracleCall(calcium: number): Record<string, unknown> {
  return {
    hook: 'patient-view',
    hookInstance: '6b0d0a6e-6d0c-4a2f-9d15-7d7a52c1a0b4',
    fhirServer: `${ORACLE_SERVER}/`,
    fhirAuthorization: {
      access_token: 'canary.oracle.token',
      token_type: 'Bearer',
      expires_in: 570,
      scope: 'user/Patient.read user/Observation.read user/Condition.read user/MedicationRequest.read',
      subject: 'a7e1d6c0-0000-4000-8000-0f3b5d9e2c11',
    },
    context: { patientId: PATIENT_ID, encounterId: '97957281', userId: 'Practitioner/4464007' },
    prefetch: {
      patient: { resourceType: 'Patient', id: PATIENT_ID, gender: 'female', birthDate: '1962-01-31' },
      conditions: searchset([condition('p1', 'N18.4', 700), condition('p2', 'R25.2', 10)]),
      labs: searchset([
        result('L-1', '17861-6', calcium, 'mg/dL'),
        result('L-2', '1751-7', 4.1, 'g/dL'),
        result('L-3', '2777-1', 6.2, 'mg/dL'),
        result('L-4', '98979-8', 24, 'mL/min/{1.73_m2}'),
      ]),
      labsSlow: searchset([]),
      bedside: searchset([]),
      medications: searchset([]),
      statements: searchset([]),
      administrations: null,
      procedures: searchset([]),
      encounters: searchset([]),
    },
    extension: { 'org.renal-cramp-cds.evaluation-time': NOW.toISOString() },
  };
}

/** An empty search has no entries at all, and every link is absolute. */
function searchset(resources: readonly { resourceType: string; id: string }[]) {
  return {
    resourceType: 'Bundle',
    id: 'c0a80164-0000-4000-8000-1f2e3d4c5b6a',
    type: 'searchset',
    link: [{ relation: 'self', url: `${ORACLE_SERVER}/Observation?patient=${PATIENT_ID}` }],
    ...(resources.length === 0 ? { total: 0 } : {}),
    ...(resources.length === 0
      ? {}
      : {
          entry: resources.map((resource) => ({
            fullUrl: `${ORACLE_SERVER}/${resource.resourceType}/${resource.id}`,
            resource,
            search: { mode: 'match' },
          })),
        }),
  };
}

function condition(id: string, code: string, days: number) {
  return {
    resourceType: 'Condition',
    id,
    meta: { versionId: '73663311', lastUpdated: daysAgo(days) },
    clinicalStatus: {
      coding: [
        { system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active', userSelected: false },
      ],
      text: 'Active',
    },
    verificationStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'confirmed' }],
    },
    code: {
      coding: [
        { system: 'http://hl7.org/fhir/sid/icd-10-cm', code, userSelected: false },
        { system: `https://fhir.example.org/${TENANT}/nomenclature`, code: '274416013', userSelected: true },
      ],
      text: 'From the problem list',
    },
    subject: SUBJECT,
    recordedDate: daysAgo(days).slice(0, 10),
  };
}

function result(id: string, code: string, value: number, unit: string) {
  return {
    resourceType: 'Observation',
    id,
    status: 'final',
    category: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' }] },
    ],
    code: {
      coding: [
        { system: `https://fhir.example.org/${TENANT}/codeSet/72`, code: '2700655', userSelected: true },
        { system: 'http://loinc.org', code },
      ],
    },
    subject: SUBJECT,
    effectiveDateTime: daysAgo(2),
    issued: daysAgo(2),
    valueQuantity: { value, unit, system: 'http://unitsofmeasure.org', code: unit },
  };
}
