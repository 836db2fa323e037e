import { daysAgo, NOW } from '../../support/kidney-patient.js';

/** Made up, in the shapes of the vendor's public tutorial on CDS Hooks. */
export const EPIC_SERVER = 'https://epic.example.org/interconnect/api/FHIR/R4';
const PATIENT_ID = 'eq081-VQEgP8drUUqCWzHfw3';
const SUBJECT = { reference: `${EPIC_SERVER}/Patient/${PATIENT_ID}`, display: 'Placeholder, Clara' };
const SCOPES = ['PATIENT.READ (R4)', 'OBSERVATION.SEARCH (LABS) (R4)', 'MEDICATIONREQUEST.SEARCH (SIGNED) (R4)'];

/** What the rule engine of a site reacts to; the number goes out with every call. */
export const TRIGGERS = { openChart: '60', enterOrder: '18', signOrders: '23', problem: '6', diagnosis: '7' };

/** An empty search: no results, and one entry that only says so. */
export const EMPTY_SEARCH = {
  resourceType: 'Bundle',
  type: 'searchset',
  total: 0,
  entry: [
    {
      fullUrl: 'urn:uuid:00000000-0002-c8e7-12cb-3a0f3d7d35c5',
      search: { mode: 'outcome' },
      resource: {
        resourceType: 'OperationOutcome',
        issue: [
          {
            severity: 'warning',
            code: 'processing',
            details: {
              coding: [{ system: 'urn:oid:1.2.840.114350.1.13.0.1.7.2.657369', code: '4101', display: 'No results' }],
            },
          },
        ],
      },
    },
  ],
};

/** The same, which says by its link what was asked: one of our queries. */
export function emptySearchFor(template: string) {
  const url = `${EPIC_SERVER}/${template.replace('{{context.patientId}}', PATIENT_ID)}`;
  return { ...EMPTY_SEARCH, link: [{ relation: 'self', url }] };
}

/** A call of the rule engine; the site has typed the prefetch keys by hand and named them in its own way. */
export function epicCall(hook: string, trigger: string, context: object = {}): Record<string, unknown> {
  return {
    hook,
    hookInstance: '3f3ee5a0-7a4b-11ee-8b67-0242ac120002',
    fhirServer: EPIC_SERVER,
    fhirAuthorization: {
      access_token: 'canary-epic-token',
      token_type: 'Bearer',
      expires_in: 300,
      scope: SCOPES.join(' '),
      subject: '5d5f7a6e-0000-4000-8000-2f4c8a1b9d3e',
    },
    context: {
      patientId: PATIENT_ID,
      encounterId: 'ecgXt3jVqNNpsXnNXZ3KljA3',
      userId: 'PractitionerRole/eYBcZ0fQ7T1jYwOkS8PvVlQ3',
      ...context,
    },
    extension: {
      'com.epic.cdshooks.request.bpa-trigger-action': trigger,
      'com.epic.cdshooks.request.cds-hooks-specification-version': '1.1',
      'com.epic.cdshooks.request.fhir-version': 'R4',
      'com.epic.cdshooks.request.criteria-id': '900001',
      'org.renal-cramp-cds.evaluation-time': NOW.toISOString(),
    },
    prefetch: prefetch(),
  };
}

function prefetch(): Record<string, unknown> {
  const kidney = condition('e1', 'N18.4', 'Chronic kidney disease, stage 4 (severe)', daysAgo(700));
  const cramp = condition('e2', 'R25.2', 'Cramp and spasm', daysAgo(10));
  return {
    'patient-user': { resourceType: 'Patient', id: PATIENT_ID, gender: 'female', birthDate: '1962-01-31' },
    'problems-user': searchset([kidney, cramp]),
    'results-user': searchset([
      result('r1', ['17861-6', 'CA'], 7.8, 'mg/dL'),
      result('r2', ['1751-7', 'ALB'], 4.1, 'g/dL'),
      result('r3', ['2777-1', 'PHOS'], 6.2, 'mg/dL'),
      result('r4', ['19123-9', 'MG'], 2, 'mg/dL'),
      result('r5', ['2823-3', 'K'], 4.3, 'mmol/L'),
      result('r6', ['2951-2', 'NA'], 139, 'mmol/L'),
      result('r7', ['98979-8', 'GFR'], 24, 'mL/min/{1.73_m2}'),
    ]),
    'slow-results-user': EMPTY_SEARCH,
    'vitals-user': EMPTY_SEARCH,
    'orders-user': searchset([homeMedication()]),
    'statements-user': EMPTY_SEARCH,
  };
}

/** An order whose drug stands only in an absolute reference and its display. */
function homeMedication() {
  return {
    ...orderBase('eHome1', 'active'),
    medicationReference: {
      reference: `${EPIC_SERVER}/Medication/eMedUnknown`,
      display: 'lisinopril 10 MG Oral Tablet',
    },
    authoredOn: daysAgo(90),
  };
}

/** Unsigned orders with the Medication beside the request; drugs have several codes, local ones first. */
export function epicDraftOrders() {
  const medication = {
    resourceType: 'Medication',
    id: 'eMedFurosemide',
    code: {
      coding: [
        { system: 'urn:oid:1.2.840.114350.1.13.0.1.7.2.698288', code: '3294', display: 'FUROSEMIDE 40 MG PO TABS' },
        { system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: '4603', display: 'furosemide' },
        { system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: '313988', display: 'furosemide 40 MG' },
      ],
      text: 'furosemide (LASIX) tablet 40 mg',
    },
  };
  const order = {
    ...orderBase('eDraft1', 'draft'),
    medicationReference: { reference: `${EPIC_SERVER}/Medication/eMedFurosemide`, display: 'furosemide tablet' },
  };
  return {
    resourceType: 'Bundle',
    entry: [
      { fullUrl: `${EPIC_SERVER}/MedicationRequest/eDraft1`, resource: order },
      { fullUrl: `${EPIC_SERVER}/Medication/eMedFurosemide`, resource: medication },
    ],
  };
}

function orderBase(id: string, status: string) {
  return {
    resourceType: 'MedicationRequest',
    id,
    status,
    intent: 'order',
    category: { coding: [{ system: 'http://hl7.org/fhir/CodeSystem/medicationrequest-category', code: 'outpatient' }] },
    subject: SUBJECT,
  };
}

function searchset(resources: readonly { resourceType: string; id: string }[]) {
  const entry = resources.map((resource) => ({
    fullUrl: `${EPIC_SERVER}/${resource.resourceType}/${resource.id}`,
    resource,
    search: { mode: 'match' },
  }));
  return { resourceType: 'Bundle', type: 'searchset', total: entry.length, entry };
}

function condition(id: string, code: string, display: string, recordedDate: string) {
  return {
    resourceType: 'Condition',
    id,
    clinicalStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
    },
    code: {
      coding: [
        { system: 'urn:oid:1.2.840.114350.1.13.0.1.7.2.696871', code: '1234', display },
        { system: 'http://hl7.org/fhir/sid/icd-10-cm', code, display },
      ],
    },
    subject: SUBJECT,
    recordedDate: recordedDate.slice(0, 10),
  };
}

function result(id: string, [loinc, local]: [string, string], value: number, unit: string) {
  return {
    resourceType: 'Observation',
    id,
    status: 'final',
    code: {
      coding: [
        { system: 'urn:oid:1.2.840.114350.1.13.0.1.7.5.737384.0', code: local },
        { system: 'http://loinc.org', code: loinc },
      ],
    },
    subject: SUBJECT,
    effectiveDateTime: daysAgo(2),
    valueQuantity: { value, unit, system: 'http://unitsofmeasure.org', code: unit },
  };
}
