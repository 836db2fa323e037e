import type { FhirResource } from 'fhir/r4.js';
import type { CdsRequest } from '../cds-hooks.js';
import type { Gap } from '../patient-record.js';
import { isKnownType } from './belongs-to-patient.js';
import { isFhirId } from '../fhir-id.js';
import type { BundledResource } from './medication-reference.js';
import { entriesOf } from './search-page.js';

/** The orders of a hook's context, before it is known whose they are. */
export interface DraftOrders {
  /** Everything in the Bundle: orders refer to Medications beside them. */
  entries: BundledResource[];
  /** Medication and service orders, each with an id of its own. */
  orders: BundledResource[];
  /** Ids of the medication orders a rule looks at: the selected ones on order-select, all on order-sign. */
  judged: ReadonlySet<string>;
  /** What was meant to be judged and cannot be. */
  gaps: Gap[];
}

const ORDER_TYPES = ['MedicationRequest', 'ServiceRequest'];

/** Statuses of an order that is no draft any more; a missing or misspelt status is read as a draft, so that it is judged. */
const NO_DRAFT = ['active', 'on-hold', 'cancelled', 'completed', 'entered-in-error', 'stopped', 'unknown'];

export function draftOrders({ hook, context }: CdsRequest): DraftOrders {
  const entries = entriesOf(context.draftOrders);
  const candidates = entries.filter(({ resource }) => ORDER_TYPES.includes(resource.resourceType));
  const orders = firstOfEachName(candidates.filter(({ resource }) => isFhirId(resource.id)));
  const selections = hook === 'order-select' ? [...new Set(context.selections)] : [];
  const selected = new Set(selections.flatMap(namesIn));
  const isSelected = (entry: BundledResource) => namesOf(entry).some((name) => selected.has(name));
  const judged = orders.filter((entry) => isJudgeable(entry) && (hook === 'order-sign' || isSelected(entry)));
  const known = new Set(entries.flatMap(namesOf));
  const dangling = selections.filter((selection) => !namesIn(selection).some((name) => known.has(name)));
  const strange = entries.filter(({ resource }) => !isKnownType(resource.resourceType));
  const [kept, chosen] = [new Set(orders), new Set(judged)];
  const ids = new Set(judged.flatMap(({ resource }) => resource.id ?? []));
  return {
    entries,
    orders: orders.map((entry) => asOrder(entry, context.patientId, chosen.has(entry))),
    judged: hook === 'patient-view' ? new Set() : ids,
    gaps: [
      ...candidates.filter((entry) => !kept.has(entry)).map(({ resource }) => lost(resource.resourceType)),
      ...[...strange, ...dangling].map(() => lost('MedicationRequest')),
    ],
  };
}

/** The gap of orders that were to be judged and are another patient's, so that their silence is explained. */
export function foreignOrderGaps(orders: readonly BundledResource[], own: readonly FhirResource[]): Gap[] {
  const ours = new Set(own);
  return orders.filter(({ resource }) => !ours.has(resource)).map(({ resource }) => lost(resource.resourceType));
}

function lost(resourceType: string): Gap {
  return { kind: 'unreadable', resourceType, count: 1 };
}

/** Of two orders of one name only one could be told from the other's findings. */
function firstOfEachName(entries: readonly BundledResource[]): BundledResource[] {
  const first = new Map<string, BundledResource>();
  for (const entry of entries) if (!first.has(nameOf(entry.resource))) first.set(nameOf(entry.resource), entry);
  return [...first.values()];
}

function isJudgeable({ resource }: BundledResource): boolean {
  if (resource.resourceType !== 'MedicationRequest') return false;
  const status: unknown = resource.status;
  return typeof status !== 'string' || !NO_DRAFT.includes(status.trim().toLowerCase());
}

/** What a selection may call an entry: its fullUrl, its bare id, `Type/id`, and an absolute URL that ends in that. */
function namesOf({ fullUrl, resource }: BundledResource): string[] {
  const names = isFhirId(resource.id) ? [resource.id, nameOf(resource), `${ABSOLUTE}${nameOf(resource)}`] : [];
  return fullUrl === undefined ? names : [fullUrl, ...names];
}

function nameOf({ resourceType, id }: FhirResource): string {
  return `${resourceType}/${id ?? ''}`;
}

/** Stands before the last two parts of an absolute URL. */
const ABSOLUTE = 'http*:/';

/** The names by which a selection may find its entry. */
function namesIn(selection: string): string[] {
  if (!/^https?:/.test(selection)) return [selection];
  const id = selection.lastIndexOf('/');
  const type = selection.lastIndexOf('/', id - 1);
  return [selection, `${ABSOLUTE}${selection.slice(type + 1)}`];
}

/** Some clients send one category instead of a list, and drafts without a subject: the context says whose they are. */
function asOrder({ resource, ...entry }: BundledResource, patientId: string, isJudged: boolean): BundledResource {
  const order: Record<string, unknown> = { ...resource };
  if (isNobody(order['subject'])) order['subject'] = { reference: `Patient/${patientId}` };
  if (order['category'] !== undefined) order['category'] = [order['category']].flat();
  // The rules look at drafts alone. Some clients send the status an order will have once it is signed, or none.
  if (isJudged) order['status'] = 'draft';
  // as: still the order it was, with three elements in the form that FHIR gives them.
  return { ...entry, resource: order as unknown as FhirResource };
}

/** Absent, or a display alone, which names nobody. */
function isNobody(subject: unknown): boolean {
  if (subject === undefined || subject === null) return true;
  if (typeof subject !== 'object' || Array.isArray(subject)) return false;
  const { reference, identifier }: { reference?: unknown; identifier?: unknown } = subject;
  return (reference ?? identifier ?? null) === null;
}
