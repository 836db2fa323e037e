import type { CodeableConcept, FhirResource } from 'fhir/r4.js';
import { isRecord } from '../is-record.js';
import { absoluteTime, isRelativeTime } from './relative-time.js';
import { type Concept, SYSTEMS } from './sample-format.js';

/** A resource on its way: times may be relative, and `fhir` is still to be merged into it. */
export interface UnfinishedResource {
  resourceType: string;
  id?: string | undefined;
  fhir?: Record<string, unknown> | undefined;
  [element: string]: unknown;
}

/**
 * Names the resources of a patient by type and number where they have no id, gives them their subject, merges `fhir` and
 * makes every relative time absolute. References of the patient's own need no prefix: `fhir` is taken as it stands.
 */
export function finished(resources: readonly UnfinishedResource[], patientId: string, now: Date): FhirResource[] {
  const counts = new Map<string, number>();
  return resources.map(({ fhir = {}, id, ...elements }) => {
    const count = (counts.get(elements.resourceType) ?? 0) + 1;
    counts.set(elements.resourceType, count);
    const named = { ...elements, id: id ?? `${patientId}-${elements.resourceType.toLowerCase()}-${count}` };
    const subject = elements.resourceType === 'Patient' ? {} : { subject: { reference: `Patient/${patientId}` } };
    // What the short form and `fhir` say together is a resource only as far as the author of the file took care.
    return withAbsoluteTimes(merged({ ...named, ...subject }, fhir), now) as FhirResource;
  });
}

/** The codes of an entry by their systems, and its display as text. */
export function codeableConcept({ display, ...codes }: Concept): CodeableConcept {
  const coding = Object.entries(SYSTEMS).flatMap(([name, system]) => {
    // The keys of SYSTEMS are the names of the codes.
    const code = codes[name as keyof typeof SYSTEMS];
    return code === undefined ? [] : [{ system, code, display }];
  });
  return { ...(coding.length === 0 ? {} : { coding }), text: display };
}

/** Objects are merged key by key, null removes, anything else replaces. */
export function merged(base: unknown, changes: unknown): unknown {
  if (!isRecord(base) || !isRecord(changes)) return changes;
  const result = { ...base };
  for (const [key, change] of Object.entries(changes)) {
    if (change === null) Reflect.deleteProperty(result, key);
    else result[key] = merged(result[key], change);
  }
  return result;
}

function withAbsoluteTimes(value: unknown, now: Date): unknown {
  if (typeof value === 'string') return isRelativeTime(value) ? absoluteTime(value, now) : value;
  if (Array.isArray(value)) return value.map((item) => withAbsoluteTimes(item, now));
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).filter(([, element]) => element !== undefined);
  return Object.fromEntries(entries.map(([key, element]) => [key, withAbsoluteTimes(element, now)]));
}
