import type { Condition, FhirResource, Patient } from 'fhir/r4.js';
import { ageText, dayText, yearsBetween } from '../fhir-date.js';
import { type Filled, resourcesIn } from '../smart/fill-prefetch.js';
import type { Explained } from '../service/explained.js';
import type { LabRows } from '../trends/lab-series.js';

/** What of a filled prefetch is this patient's. */
export interface Record {
  patient: Patient | undefined;
  resources: FhirResource[];
  /** Of another patient: neither drawn nor judged. */
  foreign: number;
}

export function recordOf({ prefetch }: Filled, patientId: string): Record {
  const all = resourcesIn(Object.values(prefetch));
  const own = all.filter((resource) => isOf(resource, patientId));
  const patient = own.find((resource) => resource.resourceType === 'Patient');
  return { patient, resources: own, foreign: all.length - own.length };
}

function isOf(resource: FhirResource, patientId: string): boolean {
  if (resource.resourceType === 'Patient') return resource.id === patientId;
  if (resource.resourceType === 'Medication') return true;
  // The names differ by type.
  const { subject, patient } = resource as { subject?: { reference?: string }; patient?: { reference?: string } };
  const reference = (subject ?? patient)?.reference;
  return reference === undefined || reference.split('/').at(-1) === patientId;
}

export function patientName({ name }: Pick<Patient, 'name'>): string {
  const first = Array.isArray(name) ? name[0] : undefined;
  const parts = [...(first?.given ?? []), first?.family].filter((part) => part !== undefined && part !== '');
  const called = first?.text ?? parts.join(' ');
  return called === '' ? 'No name recorded' : called;
}

/** `female · born 14 Aug 1963 · 63 y`. */
export function patientFacts({ gender, birthDate }: Pick<Patient, 'gender' | 'birthDate'>, seenFrom: string): string {
  const years = birthDate === undefined ? undefined : yearsBetween(birthDate, seenFrom);
  return [
    gender ?? 'sex not recorded',
    birthDate === undefined ? 'birth date not recorded' : `born ${dayText(birthDate)}`,
    years === undefined ? undefined : `${String(years)} y`,
  ]
    .filter((part) => part !== undefined)
    .join(' · ');
}

/** The problem list in words; no two alike, those that are `known` first. */
export function problems(resources: readonly FhirResource[], known: ReadonlySet<string>): string[] {
  const conditions = resources.filter((resource): resource is Condition => resource.resourceType === 'Condition');
  const active = conditions.filter(
    ({ clinicalStatus }) => !/resolved|inactive|remission/.test(clinicalStatus?.coding?.[0]?.code ?? ''),
  );
  const isKnown = ({ id = '' }: Condition): number => (known.has(`Condition/${id}`) ? 0 : 1);
  const sorted = active.toSorted((a, b) => isKnown(a) - isKnown(b));
  return [
    ...new Set(
      sorted.map(
        ({ code }) => code?.text ?? code?.coding?.[0]?.display ?? code?.coding?.[0]?.code ?? 'problem without a name',
      ),
    ),
  ];
}

/** References of the resources that the knowledge recognises. */
export function knownOf(explained: Explained | undefined): ReadonlySet<string> {
  return new Set((explained?.inputs ?? []).map(({ reference }) => reference));
}

/** Newest values and how many medicines, for "Looked at". */
export function lookedAt({ series }: LabRows, lanes: number, seenFrom: string): string[] {
  const values = series.flatMap(({ analyte, unit, points }) => {
    const newest = points.at(-1);
    return newest === undefined
      ? []
      : [`${analyte} ${newest.shown} ${unit}, ${dayText(newest.date)} (${ageText(newest.date, seenFrom)})`];
  });
  return [...values, lanes === 0 ? 'No medicine on record' : `Medicines on record: ${String(lanes)}`];
}
