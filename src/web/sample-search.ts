import type { FhirResource } from 'fhir/r4.js';
import { ServiceError } from '../errors.js';

/** One page of a search, and how many there are on all pages. */
export interface FoundPage {
  total: number;
  resources: FhirResource[];
  /** Where the next page begins, when there is one. */
  nextOffset?: number;
}

type Elements = Record<string, unknown>;
type Match = (resource: Elements, value: string) => boolean;

const DEFAULT_COUNT = 100;
/** Our own longest query has some 60. */
const MOST_VALUES = 300;
const DATES = ['effectiveDateTime', 'performedDateTime', 'authoredOn', 'recordedDate', 'onsetDateTime', 'birthDate'];
const PERIODS = ['effectivePeriod', 'performedPeriod', 'period'];
const SORTS = ['date', 'authoredon', 'authored', 'effective-time', 'recorded-date'];

/** The parameters known, beside `_sort`, `_count` and `_offset`. */
const MATCHES: Readonly<Record<string, Match>> = {
  _id: (resource, value) => resource['id'] === value,
  name: (resource, value) => hasName(resource['name'], value.toLowerCase()),
  patient: (resource, value) => refersTo(resource['subject'] ?? resource['patient'], value),
  subject: (resource, value) => refersTo(resource['subject'], value),
  status: (resource, value) => resource['status'] === value.split('|').at(-1),
  code: (resource, value) => hasCode(resource['code'] ?? resource['medicationCodeableConcept'], value),
  category: (resource, value) => hasCode(resource['category'], value),
  // The one form the service itself asks in: on or after a day.
  authored: ({ authoredOn }, value) =>
    typeof authoredOn === 'string' && value.startsWith('ge') && authoredOn >= value.slice(2),
  'clinical-status': (resource, value) => hasCode(resource['clinicalStatus'], value),
};

export const SEARCH_PARAMETERS: readonly string[] = Object.keys(MATCHES);

/**
 * Answers a FHIR search over resources at hand: comma means "or", codes may be bare or `system|code`, newest first with
 * `_sort=-date`. Throws `malformed-request` for a parameter or a sort that is not known, rather than ignore it.
 */
export function search(resources: readonly FhirResource[], type: string, query: URLSearchParams): FoundPage {
  const filters = [...query].filter(([name]) => !['_sort', '_count', '_offset'].includes(name));
  const found = resources.filter(
    (resource) =>
      resource.resourceType === type && filters.every(([name, value]) => isMatch({ ...resource }, name, value)),
  );
  const sorted = inOrder(found, query.get('_sort'));
  const count = wholeNumber(query.get('_count')) ?? DEFAULT_COUNT;
  const offset = wholeNumber(query.get('_offset')) ?? 0;
  const end = offset + count;
  const page = { total: sorted.length, resources: sorted.slice(offset, end) };
  return count > 0 && end < sorted.length ? { ...page, nextOffset: end } : page;
}

/** Refused even where there is nothing to filter, so that a wrong query shows at once. */
export function refuseUnknown(query: URLSearchParams): void {
  // Each resource is held against each of them.
  if ([...query.values()].join(',').split(',').length > MOST_VALUES)
    throw new ServiceError('malformed-request', 'That are more values than a search may have here.');
  const known = new Set([...SEARCH_PARAMETERS, '_sort', '_count', '_offset']);
  const unknown = [...query.keys()].find((name) => !known.has(name));
  if (unknown !== undefined) throw new ServiceError('malformed-request', 'A search parameter is not known here.');
  const sorts = (query.get('_sort') ?? 'date').split(',');
  if (!sorts.every((sort) => SORTS.includes(sort.replace(/^-/, ''))))
    throw new ServiceError('malformed-request', 'The results cannot be sorted that way here.');
  wholeNumber(query.get('_count'));
  wholeNumber(query.get('_offset'));
}

function isMatch(resource: Elements, name: string, value: string): boolean {
  return value.split(/(?<!\\),/).some((one) => MATCHES[name]?.(resource, one.replace(/\\([\\,$|])/g, '$1')) ?? false);
}

function refersTo(reference: unknown, value: string): boolean {
  const id = value.replace(/^Patient\//, '');
  return isElements(reference) && reference['reference'] === `Patient/${id}`;
}

/** A part of any name begins with the text (FHIR string search). */
function hasName(names: unknown, text: string): boolean {
  const parts = [names]
    .flat()
    .flatMap((name) => (isElements(name) ? [name['text'], name['family'], name['given']] : []));
  return parts.flat().some((part) => typeof part === 'string' && part.toLowerCase().startsWith(text));
}

function hasCode(concepts: unknown, token: string): boolean {
  const [code = '', system] = token.split('|').reverse();
  const codings = [concepts].flat().flatMap((concept) => (isElements(concept) ? [concept['coding']].flat() : []));
  return codings.some(
    (coding) => isElements(coding) && coding['code'] === code && (system === undefined || coding['system'] === system),
  );
}

function inOrder(resources: readonly FhirResource[], sort: string | null): FhirResource[] {
  const [first] = sort?.split(',') ?? [];
  if (first === undefined) return [...resources];
  const sign = first.startsWith('-') ? -1 : 1;
  return [...resources].sort((one, other) => sign * (timeOf({ ...one }) - timeOf({ ...other })));
}

/** 0 for what has no date: last when the newest come first. */
function timeOf(resource: Elements): number {
  const period = PERIODS.map((name) => resource[name]).find(isElements);
  const candidates = [...DATES.map((name) => resource[name]), period?.['end'], period?.['start'], resource['issued']];
  const date = candidates.find((candidate) => typeof candidate === 'string');
  return typeof date === 'string' ? Date.parse(date) || 0 : 0;
}

function wholeNumber(text: string | null): number | undefined {
  if (text === null) return undefined;
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new ServiceError('malformed-request', 'A count must be a whole number.');
}

function isElements(value: unknown): value is Elements {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
