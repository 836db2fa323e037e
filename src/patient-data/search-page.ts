import type { FhirResource } from 'fhir/r4.js';
import { isRecord } from '../is-record.js';
import type { BundledResource } from './medication-reference.js';

/** What a Bundle holds: resources, entries that are none, and the link to the next page. */
export interface SearchPage {
  entries: BundledResource[];
  unreadable: number;
  /** An OperationOutcome stood among the resources: the server could not give all. */
  partial: boolean;
  next?: string;
}

/** Reads a searchset Bundle leniently; `failed` for an OperationOutcome, `unreadable` for anything but a Bundle. */
export function readSearchPage(value: unknown): SearchPage | 'failed' | 'unreadable' {
  if (!isRecord(value)) return 'unreadable';
  if (value['resourceType'] === 'OperationOutcome') return 'failed';
  if (value['resourceType'] !== 'Bundle' || !Array.isArray(value['entry'] ?? [])) return 'unreadable';
  // An entry of mode `outcome` is advice about the search: neither a result nor a failure.
  const entries: BundledResource[] = [];
  let [unreadable, partial] = [0, false];
  for (const entry of (value['entry'] ?? []) as unknown[]) {
    if (isAdvice(entry)) continue;
    const bundled = bundledIn(entry);
    if (bundled === undefined) unreadable += 1;
    else if (bundled.resource.resourceType === 'OperationOutcome') partial = true;
    else entries.push(bundled);
  }
  if (partial && entries.length === 0) return 'failed';
  const next = nextLinkOf(value['link']);
  return { entries, unreadable, partial, ...(next === undefined ? {} : { next }) };
}

/** What a Bundle holds, without asking why it may hold nothing. */
export function entriesOf(bundle: unknown): BundledResource[] {
  const page = readSearchPage(bundle);
  return typeof page === 'string' ? [] : page.entries;
}

/** Says no more than that it calls itself a resource: its content is read with tolerance. */
export function isResource(value: unknown): value is FhirResource {
  return isRecord(value) && typeof value['resourceType'] === 'string';
}

function nextLinkOf(links: unknown): string | undefined {
  const next = Array.isArray(links) ? links.filter(isRecord).find((link) => link['relation'] === 'next') : undefined;
  return typeof next?.['url'] === 'string' ? next['url'] : undefined;
}

function isAdvice(entry: unknown): boolean {
  return isRecord(entry) && isRecord(entry['search']) && entry['search']['mode'] === 'outcome';
}

function bundledIn(entry: unknown): BundledResource | undefined {
  if (!isRecord(entry) || !isResource(entry['resource'])) return undefined;
  const { fullUrl, resource } = entry;
  return typeof fullUrl === 'string' ? { fullUrl, resource } : { resource };
}
