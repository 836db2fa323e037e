import type { FhirResource } from 'fhir/r4.js';
import { parseFhirTime } from './fhir-time.js';

interface Ranked {
  resource: FhirResource;
  id: string;
  /** Milliseconds since 1970, so that later is greater; unknown is earlier than any. */
  issued: number;
  status: number;
}

const STATUS_BY_AUTHORITY = ['corrected', 'amended', 'final'];

/**
 * Puts resources of one type into the order in which the engine's `sort by … desc` leaves those of equal time:
 * it is stable there, so the first of them is the one that counts. The order does not depend on the order of arrival.
 */
export function inOrderOfPreference(resources: readonly FhirResource[]): FhirResource[] {
  return resources
    .map(rank)
    .sort(byPreference)
    .map(({ resource }) => resource);
}

/** Issued later first, then corrected before amended before final before the rest, then by id. */
function byPreference(a: Ranked, b: Ranked): number {
  if (a.issued !== b.issued) return b.issued > a.issued ? 1 : -1;
  if (a.status !== b.status) return a.status - b.status;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}

function rank(resource: FhirResource): Ranked {
  const id = typeof resource.id === 'string' ? resource.id : '';
  if (resource.resourceType !== 'Observation') return { resource, id, issued: 0, status: 0 };
  const status = STATUS_BY_AUTHORITY.indexOf(resource.status);
  return { resource, id, issued: instantOf(resource.issued), status: status < 0 ? STATUS_BY_AUTHORITY.length : status };
}

function instantOf(instant: unknown): number {
  const time = parseFhirTime(instant, 0);
  if (time === undefined) return Number.NEGATIVE_INFINITY;
  const { year, month, day, hour, minute, second, millisecond } = time;
  const minutes = Date.UTC(year ?? 0, (month ?? 1) - 1, day ?? 1, hour ?? 0, minute ?? 0);
  return minutes + (second ?? 0) * 1000 + (millisecond ?? 0);
}
