import { randomUUID } from 'node:crypto';
import { type CdsRequest, type HookName, parseCdsRequest } from '../cds-hooks.js';

/** Key of what no query asks for: Medications that orders refer to, and the like. */
const OTHERS = 'others';

type Json = Readonly<Record<string, unknown>>;

/** A resource as it stands in a file: nothing is known of it but its type. */
export interface RecordEntry {
  fullUrl?: string;
  resource: Json & { resourceType: string };
}

/** One patient's record, read whole, and what is to be asked about it. */
export interface WholeRecord {
  /** The entry of their Patient, which has an id. */
  patient: RecordEntry;
  entries: readonly RecordEntry[];
  hook: HookName;
  /** The orders of the context, all selected: of an order hook only. */
  drafts?: readonly RecordEntry[];
  /** `Type/id` of whoever is said to look. */
  userId: string;
}

/** The hook request that brings a whole record as if it had been prefetched: nothing of it is on a further page. */
export function recordRequest(
  { patient, entries, hook, drafts = [], userId }: WholeRecord,
  queries: readonly { key: string; resourceType: string }[],
): CdsRequest {
  const body = {
    hook,
    hookInstance: randomUUID(),
    context: {
      userId,
      patientId: patient.resource['id'],
      ...(hook === 'patient-view' ? {} : { draftOrders: bundleOf(drafts) }),
      ...(hook === 'order-select' ? { selections: drafts.flatMap(({ resource: { id } }) => id ?? []) } : {}),
    },
    prefetch: prefetchOf(entries, patient, queries),
  };
  return parseCdsRequest(body, hook);
}

/** The draft medication orders of a record. */
export function draftsAmong(entries: readonly RecordEntry[]): RecordEntry[] {
  return entries.filter(
    ({ resource: { resourceType, status } }) => resourceType === 'MedicationRequest' && status === 'draft',
  );
}

/** All resources of a type under the first key that asks for it. */
function prefetchOf(
  entries: readonly RecordEntry[],
  patient: RecordEntry,
  queries: readonly { key: string; resourceType: string }[],
): Record<string, unknown> {
  const wanted = new Set(queries.map(({ resourceType }) => resourceType));
  const ofType = (type: string): RecordEntry[] =>
    type === 'Patient' ? [patient] : entries.filter(({ resource }) => resource.resourceType === type);
  const keys = new Map(queries.toReversed().map(({ key, resourceType }) => [resourceType, key]));
  const answers = queries.map(({ key, resourceType }): [string, unknown] => [
    key,
    keys.get(resourceType) === key ? bundleOf(ofType(resourceType)) : null,
  ]);
  const others = entries.filter(({ resource }) => !wanted.has(resource.resourceType));
  return Object.fromEntries([...answers, [OTHERS, bundleOf(others)]]);
}

/**
 * As a server keeps a transaction: every resource with an id, and references among them by those ids. What is as a server
 * has it already stays the same object.
 */
export function onAServer(entries: readonly RecordEntry[]): RecordEntry[] {
  const kept = entries.map((entry) => withId(entry));
  const names = new Map(
    kept.flatMap(({ fullUrl, resource }) =>
      fullUrl === undefined ? [] : [[fullUrl, `${resource.resourceType}/${String(resource['id'])}`] as const],
    ),
  );
  if (names.size === 0) return kept;
  return kept.map(({ resource, ...entry }) => {
    // as: the same resource but for the text of references
    return { ...entry, resource: renamed(resource, names) as RecordEntry['resource'] };
  });
}

function withId(entry: RecordEntry): RecordEntry {
  const id = entry.fullUrl?.split(/[:/]/).at(-1);
  if (entry.resource['id'] !== undefined || id === undefined) return entry;
  return { ...entry, resource: { ...entry.resource, id } };
}

/** The same with the text of its references replaced, at any depth; the same object where none is. */
function renamed(node: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(node)) {
    const items = node.map((item: unknown) => renamed(item, names));
    return items.every((item, index) => item === node[index]) ? node : items;
  }
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node).map(([key, value]: [string, unknown]): [string, unknown] => [
    key,
    key === 'reference' && typeof value === 'string' ? (names.get(value) ?? value) : renamed(value, names),
  ]);
  const members: Readonly<Record<string, unknown>> = { ...node };
  return entries.every(([key, value]) => value === members[key]) ? node : Object.fromEntries(entries);
}

function bundleOf(entries: readonly RecordEntry[]): Json {
  return { resourceType: 'Bundle', type: 'searchset', entry: entries };
}
