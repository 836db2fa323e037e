import type { Coding, Quantity } from 'fhir/r4.js';
import { absoluteTime } from './relative-time.js';
import { type SamplePatient, SYSTEMS } from './sample-format.js';
import { codeableConcept, type UnfinishedResource } from './sample-resource.js';

type Result = SamplePatient['results'][number];
type Pressure = SamplePatient['pressures'][number];
type Session = SamplePatient['sessions'][number];

const UCUM = 'http://unitsofmeasure.org';
const HOUR = 3_600_000;
const POSITIONS = {
  sitting: loinc('8459-0', 'Systolic blood pressure, sitting'),
  lying: loinc('8461-6', 'Systolic blood pressure, supine'),
  standing: loinc('8460-8', 'Systolic blood pressure, standing'),
};
const SYSTOLIC = loinc('8480-6', 'Systolic blood pressure');
const DIASTOLIC = loinc('8462-4', 'Diastolic blood pressure');
const PANEL = loinc('85354-9', 'Blood pressure panel');
const WEIGHT_AFTER = loinc('8344-4', 'Body weight after dialysis');
const DRY_WEIGHT = loinc('8341-0', 'Dry body weight');
const VOLUME = { system: SYSTEMS.session, code: 'uf-volume', display: 'Ultrafiltration volume' };
const RATE = { system: SYSTEMS.session, code: 'uf-rate', display: 'Ultrafiltration rate' };
const HAEMODIALYSIS = { system: SYSTEMS.pcs, code: '5A1D70Z', display: 'Haemodialysis, intermittent' };

export function observationOfResult({
  fhir,
  id,
  value,
  unit,
  comparator,
  low,
  high,
  at,
  status,
  // A resource each: see `earlierResults`.
  earlier: _earlier,
  ...code
}: Result): UnfinishedResource {
  const range = {
    ...(low === undefined ? {} : { low: quantity(low, unit) }),
    ...(high === undefined ? {} : { high: quantity(high, unit) }),
  };
  return {
    resourceType: 'Observation',
    id,
    fhir,
    status,
    category: category('laboratory'),
    code: codeableConcept(code),
    effectiveDateTime: at,
    valueQuantity: value === undefined ? undefined : { ...quantity(value, unit), comparator },
    referenceRange: Object.keys(range).length === 0 ? undefined : [range],
  };
}

/** The results that came before: the same test, so many days earlier. */
export function earlierResults({ earlier = {}, at = '', id: _id, ...result }: Result): UnfinishedResource[] {
  return Object.entries(earlier).map(([days, value]) =>
    observationOfResult({ ...result, value, at: at.replace(' ago', ` and ${days} days ago`) }),
  );
}

export function observationOfPressure({ fhir, systolic, diastolic, position, at }: Pressure): UnfinishedResource {
  const single = measured(position === undefined ? SYSTOLIC : POSITIONS[position], quantity(systolic, 'mm[Hg]'), at);
  if (diastolic === undefined) return { ...single, fhir };
  const component = [
    { code: concept(SYSTOLIC), valueQuantity: quantity(systolic, 'mm[Hg]') },
    { code: concept(DIASTOLIC), valueQuantity: quantity(diastolic, 'mm[Hg]') },
  ];
  return { ...single, code: concept(PANEL), valueQuantity: undefined, component, fhir };
}

/**
 * The procedure of a haemodialysis session and its measurements: pressures a quarter of an hour before the start, half-way
 * and a quarter of an hour after the end; weights and volumes ten minutes after the end, as part of the session.
 */
export function resourcesOfSession(session: Session, name: string, now: Date): UnfinishedResource[] {
  const id = session.id ?? name;
  const end = Date.parse(absoluteTime(session.ended, now));
  const start = end - session.hours * HOUR;
  const at = (time: number) => new Date(time).toISOString();
  const before = at(start - HOUR / 4);
  const during = at((start + end) / 2);
  const after = at(end + HOUR / 4);
  const weighed = at(end + HOUR / 6);
  const part = { partOf: [{ reference: `Procedure/${id}` }] };
  const procedure = {
    resourceType: 'Procedure',
    id,
    fhir: session.fhir,
    status: session.status,
    code: concept(HAEMODIALYSIS),
    performedPeriod: { start: at(start), end: at(end) },
  };
  return [
    procedure,
    ...given(session.before, (value) => measured(SYSTOLIC, quantity(value, 'mm[Hg]'), before)),
    ...given(session.during, (value) => measured(SYSTOLIC, quantity(value, 'mm[Hg]'), during)),
    ...given(session.after, (value) => measured(SYSTOLIC, quantity(value, 'mm[Hg]'), after)),
    ...given(session.ultrafiltration, (value) => ({ ...measured(VOLUME, quantity(value, 'mL'), weighed), ...part })),
    ...given(session.rate, (value) => ({ ...measured(RATE, quantity(value, 'mL/h/kg'), weighed), ...part })),
    ...given(session.weightAfter, (value) => ({ ...measured(WEIGHT_AFTER, quantity(value, 'kg'), weighed), ...part })),
    ...given(session.dryWeight, (value) => measured(DRY_WEIGHT, quantity(value, 'kg'), weighed)),
  ];
}

function measured(code: Coding, valueQuantity: Quantity, effectiveDateTime: string): UnfinishedResource {
  return {
    resourceType: 'Observation',
    status: 'final',
    category: category('vital-signs'),
    code: concept(code),
    effectiveDateTime,
    valueQuantity,
  };
}

function given(value: number | undefined, toResource: (value: number) => UnfinishedResource): UnfinishedResource[] {
  return value === undefined ? [] : [toResource(value)];
}

function quantity(value: number, unit: string | undefined): Quantity {
  return unit === undefined ? { value } : { value, unit, system: UCUM, code: unit };
}

function category(code: string) {
  return [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code }] }];
}

function concept(coding: Coding) {
  return { coding: [coding], text: coding.display };
}

function loinc(code: string, display: string): Coding {
  return { system: SYSTEMS.loinc, code, display };
}
