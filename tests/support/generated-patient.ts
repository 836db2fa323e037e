import type { FhirResource, MedicationRequest, Observation } from 'fhir/r4.js';
import { condition, daysAgo, result } from './kidney-patient.js';
import type { Seeded } from './seeded.js';
import { LOINC, RXNORM } from './value-sets.js';

interface Test {
  code: string;
  unit: string;
  /** From far too low to far too high. */
  range: [number, number];
  decimals: number;
}

const TESTS: readonly Test[] = [
  { code: '17861-6', unit: 'mg/dL', range: [6.4, 10.4], decimals: 1 },
  { code: '1751-7', unit: 'g/dL', range: [2.2, 4.8], decimals: 1 },
  { code: '2777-1', unit: 'mg/dL', range: [2, 8.5], decimals: 1 },
  { code: '19123-9', unit: 'mg/dL', range: [0.9, 2.8], decimals: 1 },
  { code: '2823-3', unit: 'mmol/L', range: [2.6, 6.6], decimals: 1 },
  { code: '2951-2', unit: 'mmol/L', range: [122, 146], decimals: 0 },
  { code: '1963-8', unit: 'mmol/L', range: [16, 36], decimals: 0 },
  { code: '98979-8', unit: 'mL/min/{1.73_m2}', range: [8, 55], decimals: 0 },
  { code: '2731-8', unit: 'pg/mL', range: [15, 900], decimals: 0 },
  { code: '62292-8', unit: 'ng/mL', range: [6, 45], decimals: 0 },
  { code: '2157-6', unit: 'U/L', range: [40, 1800], decimals: 0 },
  { code: '2276-4', unit: 'ng/mL', range: [12, 500], decimals: 0 },
  { code: '2502-3', unit: '%', range: [8, 45], decimals: 0 },
  { code: '3016-3', unit: 'm[IU]/L', range: [0.3, 14], decimals: 1 },
];

const DRUGS: readonly { code: string; name: string }[] = [
  { code: '4603', name: 'furosemide' },
  { code: '5487', name: 'hydrochlorothiazide' },
  { code: '83367', name: 'atorvastatin' },
  { code: '407990', name: 'cinacalcet' },
  { code: '7646', name: 'omeprazole' },
  { code: '1894', name: 'calcitriol' },
  { code: '214342', name: 'calcium acetate' },
  { code: '187832', name: 'pregabalin' },
];

const STAGES: readonly [Diagnosis, ...Diagnosis[]] = [
  { code: 'N18.32', display: 'Chronic kidney disease, stage 3b' },
  { code: 'N18.4', display: 'Chronic kidney disease, stage 4' },
  { code: 'N18.5', display: 'Chronic kidney disease, stage 5' },
  { code: 'N18.6', display: 'End stage renal disease' },
];
const CRAMP = { code: 'R25.2', display: 'Cramp and spasm' };
const RESTLESS_LEGS = { code: 'G25.81', display: 'Restless legs syndrome' };
const OTHERS = [
  { code: 'I73.9', display: 'Peripheral vascular disease, unspecified' },
  { code: 'I50.9', display: 'Heart failure, unspecified' },
  { code: 'E11.9', display: 'Type 2 diabetes mellitus without complications' },
];

interface Diagnosis {
  code: string;
  display: string;
}

/**
 * A made-up patient with kidney disease and, nearly always, a cramp: labs from far too low to far too high, some of them
 * twice at the same moment, drugs by code or by reference, and dialysis sessions in the last stage.
 */
export function generatedPatient(id: string, chance: Seeded): FhirResource[] {
  const stage = chance.pick(STAGES);
  const diagnoses = [
    stage,
    ...(chance.isTrue(0.92) ? [CRAMP] : []),
    ...(chance.isTrue(0.15) ? [RESTLESS_LEGS] : []),
    ...OTHERS.filter(() => chance.isTrue(0.2)),
  ];
  return [
    { resourceType: 'Patient', id, gender: chance.pick(['female', 'male']), birthDate: birthDate(chance) },
    ...diagnoses.map((diagnosis, index) =>
      condition(id, `c${String(index)}`, diagnosis, daysAgo(chance.whole(diagnosis === stage ? 100 : 1, 120))),
    ),
    ...TESTS.flatMap((test, index) => (chance.isTrue(0.75) ? results(id, index, test, chance) : [])),
    ...DRUGS.filter(() => chance.isTrue(0.25)).flatMap((drug, index) => orders(id, index, drug, chance)),
    ...(stage.code === 'N18.6' && chance.isTrue(0.7) ? dialysis(id, chance) : []),
  ];
}

function birthDate(chance: Seeded): string {
  return `${String(chance.whole(1936, 2000))}-0${String(chance.whole(1, 9))}-1${String(chance.whole(0, 9))}`;
}

function results(id: string, index: number, test: Test, chance: Seeded): Observation[] {
  // Not beyond the look-back of a year: a page that reaches further is the last one read, so older ones are not known.
  const days = Array.from({ length: chance.whole(1, 4) }, () => chance.between(0.1, chance.isTrue(0.8) ? 60 : 360, 2));
  const [first = 1] = days;
  // Two at the same moment: which one counts must not depend on the order of arrival.
  const moments = chance.isTrue(0.2) ? [...days, first] : days;
  return moments.map((when, number) => {
    const value = chance.between(...test.range, test.decimals);
    const name = `o${String(index)}-${String(number)}`;
    const measured = result(id, name, { code: test.code, unit: test.unit, value }, daysAgo(when));
    return { ...measured, status: chance.pick(['final', 'final', 'final', 'corrected', 'amended', 'preliminary']) };
  });
}

function orders(id: string, index: number, { code, name }: (typeof DRUGS)[number], chance: Seeded): FhirResource[] {
  const concept = { coding: [{ system: RXNORM, code, display: name }], text: name };
  const order: MedicationRequest = {
    resourceType: 'MedicationRequest',
    id: `${id}-m${String(index)}`,
    status: chance.pick(['active', 'active', 'active', 'completed', 'stopped']),
    intent: 'order',
    subject: { reference: `Patient/${id}` },
    medicationCodeableConcept: concept,
    authoredOn: daysAgo(chance.whole(1, 200)),
  };
  if (chance.isTrue(0.8)) return [order];
  const { medicationCodeableConcept: _named, ...named } = order;
  const medication: FhirResource = { resourceType: 'Medication', id: `${id}-d${String(index)}`, code: concept };
  return [{ ...named, medicationReference: { reference: `Medication/${medication.id ?? ''}` } }, medication];
}

/** Two sessions of four hours, with pressures, weights and what was taken off. */
function dialysis(id: string, chance: Seeded): FhirResource[] {
  return [2, 5].flatMap((day) => {
    const name = `s${String(day)}`;
    const at = (hours: number) => daysAgo(day - hours / 24);
    const measured = (part: string, code: string, value: number, unit: string, hours: number) =>
      result(id, `${name}-${part}`, { code, value, unit }, at(hours));
    const volume = measured('volume', 'uf-volume', chance.whole(1, 50) * 100, 'mL', 4);
    return [
      {
        resourceType: 'Procedure',
        id: `${id}-${name}`,
        status: 'completed',
        subject: { reference: `Patient/${id}` },
        code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-9-cm', code: '39.95' }] },
        performedPeriod: { start: at(0), end: at(4) },
      } satisfies FhirResource,
      measured('before', '8480-6', chance.whole(110, 180), 'mm[Hg]', 0.1),
      measured('during', '8480-6', chance.whole(70, 150), 'mm[Hg]', 2),
      measured('weight', '8344-4', chance.whole(55, 95), 'kg', 4.1),
      { ...volume, code: { coding: [{ system: 'urn:renal-cramp-cds:dialysis-session', code: 'uf-volume' }] } },
    ];
  });
}

/** Labs and orders of somebody else, as they turn up in a record by mistake: some with ids of this patient's resources. */
export function strayResources(patientId: string, own: readonly FhirResource[], chance: Seeded): FhirResource[] {
  const other = generatedPatient(`${patientId}-other`, chance).filter(
    ({ resourceType }) => resourceType !== 'Patient' && resourceType !== 'Medication',
  );
  const stray = other.filter(() => chance.isTrue(0.5)).map((resource) => ofAnother(resource, patientId, chance));
  return stray.map((resource) => {
    const twin = own.find(({ resourceType }) => resourceType === resource.resourceType);
    return twin?.id !== undefined && chance.isTrue(0.2) ? { ...resource, id: twin.id } : resource;
  });
}

/** The ways in which a resource is not this patient's. */
function ofAnother(resource: FhirResource, patientId: string, chance: Seeded): FhirResource {
  const subject = chance.pick<unknown>([
    { reference: `Patient/${patientId}-other` },
    { reference: `Patient/${patientId}-other` },
    { reference: `https://other.example/fhir/Patient/${patientId}` },
    { identifier: { system: LOINC, value: patientId } },
    { display: patientId },
    undefined,
  ]);
  // A client may send anything, so what is made here need not be a resource as its type describes it.
  return { ...resource, subject } as FhirResource;
}
