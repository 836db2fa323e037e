import type { FhirResource } from 'fhir/r4.js';
import { parseFhirTime } from './fhir-time.js';

interface Ranked {
  position: number;
  id: string;
  /** Milliseconds since 1970, so that later is greater; unknown is earlier than any. */
  issued: number;
  status: number;
}

const STATUS_BY_AUTHORITY = ['corrected', 'amended', 'final'];

/**
 * Puts resources of one type into the order in which the engine's `sort by … desc` leaves those of equal time:
 * it is stable there, so the first of them is the one that counts. The order does not depend on the order of arrival.
 *
 * @param positions of the resources that are wanted
 * @returns the same positions
 */
export function inOrderOfPreference(resources: readonly FhirResource[], positions: readonly number[]): number[] {
  if (positions.length <= 1) return [...positions];
  const ranked: Ranked[] = [];
  for (const position of positions) {
    const resource = resources[position];
    if (resource !== undefined) ranked.push(rank(resource, position));
  }
  return ranked.sort(byPreference).map(({ position }) => position);
}

/** Issued later first, then corrected before amended before final before the rest, then by id. */
function byPreference(a: Ranked, b: Ranked): number {
  if (a.issued !== b.issued) return b.issued > a.issued ? 1 : -1;
  if (a.status !== b.status) return a.status - b.status;
  if (a.id === b.id) return a.position - b.position;
  return a.id < b.id ? -1 : 1;
}

function rank(resource: FhirResource, position: number): Ranked {
  const id = typeof resource.id === 'string' ? resource.id : '';
  if (resource.resourceType !== 'Observation') return { position, id, issued: 0, status: 0 };
  const status = STATUS_BY_AUTHORITY.indexOf(resource.status);
  const authority = status < 0 ? STATUS_BY_AUTHORITY.length : status;
  return { position, id, issued: instantOf(resource.issued), status: authority };
}

function instantOf(instant: unknown): number {
  if (instant === undefined) return Number.NEGATIVE_INFINITY;
  const time = parseFhirTime(instant, 0);
  if (time === undefined) return Number.NEGATIVE_INFINITY;
  const { year, month, day, hour, minute, second, millisecond } = time;
  const minutes = Date.UTC(year ?? 0, (month ?? 1) - 1, day ?? 1, hour ?? 0, minute ?? 0);
  return minutes + (second ?? 0) * 1000 + (millisecond ?? 0);
}
