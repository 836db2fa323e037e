/**
 * A made-up patient of any size: 70 % laboratory results, 15 % medication orders, the rest conditions.
 * Stage 4 kidney disease, a recorded cramp, low calcium with high phosphate: the answer must name that cause.
 */

const DAY = 24 * 3_600_000;
const PATIENT_ID = 'bench-patient';
const subject = { reference: `Patient/${PATIENT_ID}` };

/** LOINC code, display, newest value, UCUM unit. */
const LABS = [
  ['17861-6', 'Calcium', 7.8, 'mg/dL'],
  ['2777-1', 'Phosphate', 6.2, 'mg/dL'],
  ['1751-7', 'Albumin', 4.1, 'g/dL'],
  ['98979-8', 'eGFR', 22, 'mL/min/{1.73_m2}'],
  ['19123-9', 'Magnesium', 2, 'mg/dL'],
  ['2823-3', 'Potassium', 4.3, 'mmol/L'],
  ['2951-2', 'Sodium', 139, 'mmol/L'],
  ['2731-8', 'Parathyrin', 210, 'pg/mL'],
  ['62292-8', 'Vitamin D 25-OH', 31, 'ng/mL'],
  ['1963-8', 'Bicarbonate', 23, 'mmol/L'],
  ['2160-0', 'Creatinine', 2.9, 'mg/dL'],
  ['3094-0', 'Urea nitrogen', 48, 'mg/dL'],
  ['2276-4', 'Ferritin', 160, 'ng/mL'],
  ['2502-3', 'Transferrin saturation', 28, '%'],
];

/** RxNorm ingredients that no cause looks for. */
const DRUGS = [
  ['17767', 'amlodipine'],
  ['29046', 'lisinopril'],
  ['6918', 'metoprolol'],
  ['161', 'acetaminophen'],
];

/** ICD-10-CM; the first two open the gate, the others are the rest of a chart. */
const CONDITIONS = [
  ['N18.4', 'Chronic kidney disease, stage 4'],
  ['R25.2', 'Cramp and spasm'],
  ['I10', 'Essential hypertension'],
  ['E78.5', 'Hyperlipidaemia'],
  ['M17.9', 'Osteoarthritis of knee'],
  ['H52.4', 'Presbyopia'],
];

const ago = (now, days) => new Date(now - days * DAY).toISOString();
const concept = (system, [code, display]) => ({ coding: [{ system, code, display }], text: display });

/** Several results a week, each code in turn; older values drift, so that no two are alike. */
function lab(now, index) {
  const [code, display, newest, unit] = LABS[index % LABS.length];
  const round = Math.floor(index / LABS.length);
  return {
    resourceType: 'Observation',
    id: `lab-${index}`,
    status: 'final',
    category: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' }] },
    ],
    code: concept('http://loinc.org', [code, display]),
    subject,
    effectiveDateTime: ago(now, 3 + 2 * round),
    valueQuantity: {
      value: Number((newest * (1 + (round % 10) / 1000)).toFixed(3)),
      unit,
      system: 'http://unitsofmeasure.org',
      code: unit,
    },
  };
}

function order(now, index) {
  return {
    resourceType: 'MedicationRequest',
    id: `order-${index}`,
    status: index < DRUGS.length ? 'active' : 'completed',
    intent: 'order',
    medicationCodeableConcept: concept('http://www.nlm.nih.gov/research/umls/rxnorm', DRUGS[index % DRUGS.length]),
    subject,
    authoredOn: ago(now, 20 + index),
  };
}

function condition(now, index) {
  const inTurn = index < CONDITIONS.length ? index : 2 + (index % (CONDITIONS.length - 2));
  return {
    resourceType: 'Condition',
    id: `condition-${index}`,
    clinicalStatus: concept('http://terminology.hl7.org/CodeSystem/condition-clinical', ['active', 'Active']),
    verificationStatus: concept('http://terminology.hl7.org/CodeSystem/condition-ver-status', [
      'confirmed',
      'Confirmed',
    ]),
    code: concept('http://hl7.org/fhir/sid/icd-10-cm', CONDITIONS[inTurn]),
    subject,
    recordedDate: ago(now, 10 + index),
  };
}

const many = (count, resourceAt) => Array.from({ length: count }, (_, index) => resourceAt(index));

/** @returns the Patient and, beside it, `size` resources. */
export function syntheticRecord(size, now = Date.now()) {
  const labs = Math.round(size * 0.7);
  const orders = Math.round(size * 0.15);
  return [
    { resourceType: 'Patient', id: PATIENT_ID, gender: 'female', birthDate: '1961-04-02', name: [{ family: 'Bench' }] },
    ...many(labs, (index) => lab(now, index)),
    ...many(orders, (index) => order(now, index)),
    ...many(size - labs - orders, (index) => condition(now, index)),
  ];
}

/** What the client sends for one prefetch template: every match, however small a page the template asks for. */
function answerTemplate(template, resources) {
  const [path, query] = template.split('?');
  const [type] = path.split('/');
  const ofType = resources.filter((resource) => resource.resourceType === type);
  if (query === undefined) return ofType[0] ?? null;
  const codes = new URLSearchParams(query).get('code')?.split(',');
  const found = ofType.filter(({ code }) => codes === undefined || codes.includes(code.coding[0].code));
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    total: found.length,
    entry: found.map((resource) => ({ resource, search: { mode: 'match' } })),
  };
}

/** The body of a patient-view hook; `hookInstance` is left to the caller, who needs a new one for each request. */
export function hookRequest(service, resources) {
  return {
    hook: service.hook,
    context: { userId: 'Practitioner/bench', patientId: PATIENT_ID },
    prefetch: Object.fromEntries(
      Object.entries(service.prefetch).map(([key, template]) => [key, answerTemplate(template, resources)]),
    ),
  };
}
