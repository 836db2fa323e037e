import fc from 'fast-check';
import type { FhirResource } from 'fhir/r4.js';
import { inOrderOfPreference } from '../../../src/reasoning/record-order.js';
import type { Json } from './fhir-records.js';

export interface Coding {
  system: string;
  code: string;
}

const PATIENT = { resourceType: 'Patient', id: 'p', birthDate: '1958-03-09', gender: 'female' };
const LATEST = Date.UTC(2026, 4, 17, 12);
const DAY = 24 * 60 * 60 * 1000;

const time = fc
  .oneof(fc.integer({ min: 0, max: 5 * DAY }), fc.integer({ min: 0, max: 60 * DAY }))
  .map((age) => new Date(LATEST - age).toISOString());
const period = fc.record({ start: time, end: time }, { requiredKeys: ['start'] });

/** The codes resources of a type may bear, in groups that are met equally often. */
export type Codings = (resourceType: string) => readonly (readonly Coding[])[];

/**
 * The resources of patient `p`, as rules look at them: coded with the given codes, timed in the 60 days up to noon of
 * 17 May 2026, in UTC and to the millisecond, and in the order of `record-order`, so that no known difference occurs.
 */
export function clinicalRecord(codings: Codings): fc.Arbitrary<Json[]> {
  const coding = (type: string) => fc.oneof(...codings(type).map((group) => fc.constantFrom(...group)));
  const concept = (type: string) =>
    fc.array(coding(type), { minLength: 1, maxLength: 2 }).map((some) => ({ coding: some }));
  const observations = fc.array(observation(concept('Observation')), { maxLength: 40 });
  const conditions = fc.array(condition(concept('Condition')), { maxLength: 15 });
  const others = fc.array(
    fc.oneof(
      drug(concept('MedicationRequest')),
      procedure(concept('Procedure')),
      encounter(coding('Encounter')),
      test(concept('ServiceRequest')),
    ),
    { maxLength: 15 },
  );
  return fc.tuple(observations, conditions, others).map((lists) => {
    const subject = { reference: 'Patient/p' };
    const named = lists.flat().map((resource, index) => ({ ...resource, id: `r${index}`, subject }));
    return [PATIENT, ...inOrder(named)];
  });
}

function inOrder(resources: readonly Json[]): Json[] {
  const types = [...new Set(resources.map(({ resourceType }) => resourceType))];
  return types.flatMap((type) => {
    const ofType = resources.filter(({ resourceType }) => resourceType === type);
    const given = ofType as unknown as FhirResource[]; // FHIR resources as JSON
    return inOrderOfPreference(given, [...given.keys()]).map((position) => ofType[position]!);
  });
}

function observation(concept: fc.Arbitrary<Json>): fc.Arbitrary<Json> {
  const unit = fc.constantFrom('mg/dL', 'mmol/L', 'meq/L', 'mm[Hg]', 'kg', 'mL');
  const hundredths = fc.oneof(fc.integer({ min: 1, max: 1200 }), fc.integer({ min: 1, max: 9000 }));
  const amount = hundredths.map((number) => number / 100);
  const quantity = fc.record({ value: amount, unit, code: unit, system: fc.constant('http://unitsofmeasure.org') });
  const range = fc.record({ low: quantity, high: quantity }, { requiredKeys: [] });
  const optional = fc.record(
    {
      effectiveDateTime: time,
      issued: time,
      valueQuantity: quantity,
      referenceRange: fc.array(range, { maxLength: 2 }),
    },
    { requiredKeys: [] },
  );
  const other = fc.oneof(fc.record({ valueString: fc.string() }), fc.record({ valueCodeableConcept: concept }));
  const status = fc.constantFrom('final', 'amended', 'corrected', 'preliminary', 'entered-in-error');
  const coded = fc.record({ resourceType: fc.constant('Observation'), status, code: concept });
  return fc.tuple(coded, fc.oneof({ arbitrary: optional, weight: 5 }, other)).map(([a, b]) => ({ ...a, ...b }));
}

function condition(concept: fc.Arbitrary<Json>): fc.Arbitrary<Json> {
  const system = 'http://terminology.hl7.org/CodeSystem/condition-clinical';
  const clinicalStatus = fc
    .constantFrom('active', 'resolved', 'recurrence')
    .map((code) => ({ coding: [{ system, code }] }));
  return fc.record(
    { resourceType: fc.constant('Condition'), code: concept, clinicalStatus, recordedDate: time, onsetDateTime: time },
    { requiredKeys: ['resourceType', 'code'] },
  );
}

function drug(concept: fc.Arbitrary<Json>): fc.Arbitrary<Json> {
  const request = fc.record(
    {
      resourceType: fc.constant('MedicationRequest'),
      status: fc.constantFrom('active', 'completed', 'stopped', 'draft'),
      intent: fc.constantFrom('order', 'plan'),
      medicationCodeableConcept: concept,
      authoredOn: time,
    },
    { requiredKeys: ['resourceType', 'status', 'intent', 'medicationCodeableConcept'] },
  );
  const taken = fc.record({
    resourceType: fc.constantFrom('MedicationStatement', 'MedicationAdministration'),
    status: fc.constantFrom('active', 'completed'),
    medicationCodeableConcept: concept,
    effectivePeriod: period,
  });
  return fc.oneof(request, taken);
}

function procedure(concept: fc.Arbitrary<Json>): fc.Arbitrary<Json> {
  const status = fc.constantFrom('completed', 'in-progress', 'not-done');
  return fc.record({ resourceType: fc.constant('Procedure'), status, code: concept, performedPeriod: period });
}

function encounter(coding: fc.Arbitrary<Coding>): fc.Arbitrary<Json> {
  return fc.record({
    resourceType: fc.constant('Encounter'),
    status: fc.constant('in-progress'),
    class: coding,
    period,
  });
}

function test(concept: fc.Arbitrary<Json>): fc.Arbitrary<Json> {
  const status = fc.constantFrom('active', 'completed', 'draft');
  const request = { resourceType: fc.constant('ServiceRequest'), status, intent: fc.constant('order') };
  return fc.record({ ...request, code: concept, authoredOn: time });
}
