import type { FhirResource } from 'fhir/r4.js';
import type { PrefetchTemplates } from '../cds-hooks.js';
import { ServiceError } from '../errors.js';
import type { DataRequirement } from '../patient-record.js';

/** One query of the discovery document, with what gather must know of its answer. */
export interface PrefetchQuery {
  key: string;
  /** Relative FHIR URL with the token `{{context.patientId}}`. */
  template: string;
  resourceType: string;
  /** Without any answer of the essential types nothing can be said of the patient. */
  essential: boolean;
  /** Only of queries sorted by date: a page that reaches further back than this many days is complete. */
  lookBackDays?: number;
}

interface QueryShape {
  key: string;
  resourceType: string;
  group?: string;
  essential: boolean;
  /** `code` follows the patient: a type is filtered only where every site codes it in systems that we know. */
  filteredByCode: boolean;
  /** Further parameters, sort and page size, in order. */
  rest: string;
}

const DAY = 86_400_000;
const DATES = ['effectiveDateTime', 'effectiveInstant', 'performedDateTime', 'authoredOn'];
const PERIODS = ['effectivePeriod', 'performedPeriod'];
const PATIENT_ID = '{{context.patientId}}';

const PATIENT: PrefetchQuery = {
  key: 'patient',
  template: `Patient/${PATIENT_ID}`,
  resourceType: 'Patient',
  essential: true,
};

// The order of discovery. Short lists of bare codes keep each URL under 1 kB: some servers refuse one over 2,048 characters.
const SHAPES: readonly QueryShape[] = [
  shape('conditions', 'Condition', { essential: true, rest: '_count=500' }),
  observations('labs', '_sort=-date&_count=200'),
  observations('labsSlow', '_sort=-date&_count=100'),
  observations('bedside', '_sort=-date&_count=200'),
  shape('medications', 'MedicationRequest', { rest: 'status=active,completed,stopped&_sort=-authoredon&_count=200' }),
  // A drug given once in months is completed the day it is stated.
  shape('statements', 'MedicationStatement', { rest: 'status=active,completed&_count=200' }),
  shape('administrations', 'MedicationAdministration', {
    rest: 'status=in-progress,completed&_sort=-effective-time&_count=100',
  }),
  shape('procedures', 'Procedure', { filteredByCode: true, rest: '_sort=-date&_count=100' }),
  shape('encounters', 'Encounter', { rest: 'status=in-progress&_count=5' }),
];

// Known from the hook's context alone; tests already ordered are asked for only when a suggestion is about to be made.
const NEVER_PREFETCHED = 'ServiceRequest';

function shape(key: string, resourceType: string, more: Pick<QueryShape, 'rest'> & Partial<QueryShape>): QueryShape {
  return { key, resourceType, essential: false, filteredByCode: false, ...more };
}

function observations(group: string, rest: string): QueryShape {
  return shape(group, 'Observation', { group, essential: true, filteredByCode: true, rest });
}

/**
 * Derives the queries of discovery from what the compiled knowledge retrieves: at most ten, the Patient always.
 * Throws `invalid-knowledge` when a retrieve has no query.
 */
export function prefetchQueries(requirements: readonly DataRequirement[]): PrefetchQuery[] {
  if (requirements.some((requirement) => !isCovered(requirement))) {
    throw new ServiceError('invalid-knowledge', 'A retrieve is not covered by prefetch.');
  }
  const searches = SHAPES.flatMap((known) => {
    const wanted = requirements.filter((requirement) => isOf(requirement, known));
    return wanted.length === 0 ? [] : [searchFor(known, wanted)];
  });
  return [PATIENT, ...searches];
}

/** The prefetch templates of discovery, by key; see `prefetchQueries`. */
export function prefetchTemplates(requirements: readonly DataRequirement[]): PrefetchTemplates {
  return Object.fromEntries(prefetchQueries(requirements).map((query) => [query.key, query.template]));
}

function isCovered(requirement: DataRequirement): boolean {
  if ([PATIENT.resourceType, NEVER_PREFETCHED].includes(requirement.resourceType)) return true;
  return SHAPES.some((known) => isOf(requirement, known));
}

function isOf(requirement: DataRequirement, known: QueryShape): boolean {
  return requirement.resourceType === known.resourceType && requirement.group === known.group;
}

function searchFor(known: QueryShape, wanted: readonly DataRequirement[]): PrefetchQuery {
  const code = known.filteredByCode ? codeParameter(wanted) : '';
  const lookBackDays = known.rest.includes('_sort=') ? longestLookBack(wanted) : undefined;
  return {
    key: known.key,
    template: `${known.resourceType}?patient=${PATIENT_ID}&${code}${known.rest}`,
    resourceType: known.resourceType,
    essential: known.essential,
    ...(lookBackDays === undefined ? {} : { lookBackDays }),
  };
}

/** Nothing when one of the requirements wants the whole type. */
function codeParameter(wanted: readonly DataRequirement[]): string {
  if (wanted.some((requirement) => requirement.codes.length === 0)) return '';
  const codes = new Set(wanted.flatMap((requirement) => requirement.codes));
  return `code=${[...codes].map(searchToken).join(',')}&`;
}

/** A code as it may stand in a comma list of a FHIR search (FHIR R4, 3.1.1.4.0.1). */
function searchToken(code: string): string {
  return encodeURIComponent(code.replace(/[\\,$|]/g, '\\$&'));
}

/** Undefined when one of the requirements looks back without limit. */
function longestLookBack(wanted: readonly DataRequirement[]): number | undefined {
  const limits = wanted.flatMap((requirement) => requirement.lookBackDays ?? []);
  return limits.length === wanted.length ? Math.max(...limits) : undefined;
}

/** What makes further pages of a search needless: results that reach beyond the look-back. */
export type EnoughRead = Pick<PrefetchQuery, 'resourceType' | 'lookBackDays'> & { now: Date };

/**
 * Whether pages read so far, newest first, reach beyond what the query's results are used for; never without a look-back.
 * A server that does not sort must not pass for complete, so entries that are out of order do not count.
 */
export function reachesBeyondLookBack(
  { resourceType, lookBackDays }: Pick<PrefetchQuery, 'resourceType' | 'lookBackDays'>,
  entries: readonly { resource: FhirResource }[],
  now: Date,
): boolean {
  const times = entries.flatMap(({ resource }) => (resource.resourceType === resourceType ? timeOf(resource) : []));
  const oldest = times.at(-1);
  if (lookBackDays === undefined || oldest === undefined) return false;
  // A day of tolerance: dates without a time, and calendar days of other zones.
  const isSorted = times.every((time, index) => index === 0 || time <= (times[index - 1] ?? time) + DAY);
  return isSorted && oldest < now.getTime() - (lookBackDays + 1) * DAY;
}

function timeOf(resource: FhirResource): number[] {
  // The names differ by type, and what the client sent may be anything.
  const fields: Record<string, unknown> = { ...resource };
  const period = PERIODS.map((name) => fields[name]).find(isPeriod);
  const candidates = [...DATES.map((name) => fields[name]), period?.end ?? period?.start, fields['issued']];
  const date = candidates.find((candidate) => typeof candidate === 'string');
  const time = typeof date === 'string' ? Date.parse(date) : NaN;
  return Number.isNaN(time) ? [] : [time];
}

function isPeriod(value: unknown): value is { start?: unknown; end?: unknown } {
  return typeof value === 'object' && value !== null;
}
