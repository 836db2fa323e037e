import type { CodeableConcept, FhirResource, MedicationRequest } from 'fhir/r4.js';
import { instantOf } from '../fhir-date.js';

/** One order, as a bar. */
export interface Course {
  reference: string;
  /** Absent: not recorded. */
  start?: number;
  startDate?: string;
  end?: number;
  endDate?: string;
  isActive: boolean;
}

/** All orders of one drug. */
export interface Lane {
  name: string;
  /** Strength and form of the newest order, an active one first. */
  detail: string;
  courses: Course[];
  /** Orders that end before they begin: not drawn. */
  backwards: number;
  references: string[];
}

interface Order extends Course {
  name: string;
  detail: string;
}

const NOT_TAKEN = ['entered-in-error', 'cancelled', 'draft', 'not-taken', 'not-done'];

/** The medicines of a record by drug, the newest start first. */
export function medicineLanes(resources: readonly FhirResource[]): Lane[] {
  const names = new Map(
    resources.flatMap((resource) =>
      resource.resourceType === 'Medication'
        ? [[`Medication/${resource.id ?? ''}`, nameOf(resource.code, resource.identifier?.[0]?.value)]]
        : [],
    ),
  );
  const lanes = new Map<string, Order[]>();
  for (const order of resources.flatMap((resource) => toOrder(resource, names))) {
    const key = order.name.toLowerCase();
    lanes.set(key, [...(lanes.get(key) ?? []), order]);
  }
  return [...lanes.values()].map(toLane).sort((a, b) => newestStart(b) - newestStart(a));
}

function toLane(orders: Order[]): Lane {
  const drawn = orders.filter(({ start = -Infinity, end = Infinity }) => start <= end);
  const byStart = [...orders].sort((a, b) => (b.start ?? 0) - (a.start ?? 0));
  const newest = byStart.find(({ isActive }) => isActive) ?? byStart[0];
  return {
    name: newest?.name ?? '',
    detail: newest?.detail ?? '',
    courses: drawn,
    backwards: orders.length - drawn.length,
    references: orders.map(({ reference }) => reference),
  };
}

function newestStart({ courses }: Lane): number {
  return Math.max(0, ...courses.map(({ start }) => start ?? 0));
}

function toOrder(resource: FhirResource, names: ReadonlyMap<string, string>): Order[] {
  if (
    resource.resourceType !== 'MedicationRequest' &&
    resource.resourceType !== 'MedicationStatement' &&
    resource.resourceType !== 'MedicationAdministration'
  )
    return [];
  if (NOT_TAKEN.includes(resource.status)) return [];
  const referred = names.get(resource.medicationReference?.reference ?? '');
  const [name, detail] = splitName(nameOf(resource.medicationCodeableConcept, referred));
  const [startDate, endDate] =
    resource.resourceType === 'MedicationRequest' ? orderPeriod(resource) : takenPeriod(resource);
  const [start, end] = [instantOf(startDate ?? ''), instantOf(endDate ?? '')];
  return [
    {
      name,
      detail,
      reference: `${resource.resourceType}/${resource.id ?? ''}`,
      ...(Number.isNaN(start) || startDate === undefined ? {} : { start, startDate }),
      ...(Number.isNaN(end) || endDate === undefined ? {} : { end, endDate }),
      isActive: ['active', 'in-progress', 'on-hold'].includes(resource.status),
    },
  ];
}

function orderPeriod({ authoredOn, dispenseRequest, dosageInstruction }: MedicationRequest): (string | undefined)[] {
  const bounds = dosageInstruction?.[0]?.timing?.repeat?.boundsPeriod;
  const validity = dispenseRequest?.validityPeriod;
  return [bounds?.start ?? validity?.start ?? authoredOn, bounds?.end ?? validity?.end];
}

function takenPeriod(
  resource: Extract<FhirResource, { resourceType: 'MedicationStatement' | 'MedicationAdministration' }>,
): (string | undefined)[] {
  const { effectivePeriod, effectiveDateTime } = resource;
  const isGiven = resource.resourceType === 'MedicationAdministration';
  return [
    effectivePeriod?.start ?? effectiveDateTime,
    effectivePeriod?.end ?? (isGiven ? effectiveDateTime : undefined),
  ];
}

function nameOf(concept: CodeableConcept | undefined, otherwise: string | undefined): string {
  const coded = Array.isArray(concept?.coding)
    ? concept.coding.find(({ display }) => display !== undefined)
    : undefined;
  return concept?.text ?? coded?.display ?? otherwise ?? 'unnamed medicine';
}

/** `furosemide 40 MG Oral Tablet` -> the drug, and the rest. */
function splitName(text: string): [string, string] {
  const [, drug = text, rest = ''] = /^(.*?[A-Za-z)])\s+(\d.*)$/s.exec(text) ?? [];
  return [`${drug.slice(0, 1).toUpperCase()}${drug.slice(1)}`, rest];
}
