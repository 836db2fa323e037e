import type { Coding, FhirResource } from 'fhir/r4.js';
import type { CdsRequest } from '../cds-hooks.js';
import { ServiceError } from '../errors.js';
import type { Gap, GapReason, PatientRecord } from '../patient-record.js';
import { separateForeign } from './belongs-to-patient.js';
import { readSearchPage, type FhirServer, type SearchPage } from './fhir-gateway.js';
import { withNamedIngredients } from './medication-name.js';
import { medicationsResolved, type BundledResource } from './medication-reference.js';
import { reachesBeyondLookBack, type PrefetchQuery } from './prefetch-templates.js';
import { withReadableUnits } from './units.js';

export interface GatherTools {
  queries: readonly PrefetchQuery[];
  /** Undefined when the request's server may not be called. */
  openFhirServer: (request: CdsRequest) => FhirServer | undefined;
  /** Lower case, single spaces; see `withIngredientNames`. */
  ingredientNames: ReadonlySet<string>;
  now: Date;
  signal: AbortSignal;
}

/** What every step needs of the call. */
interface Call extends Pick<GatherTools, 'queries' | 'now'> {
  request: CdsRequest;
  patientId: string;
  /** Types of resource that some query asks for. */
  wanted: ReadonlySet<string>;
  server: FhirServer | undefined;
}

/** What one query brought; `had`: it was answered, if only with nothing. */
interface Answer {
  query: PrefetchQuery;
  entries: BundledResource[];
  had: boolean;
  gaps: Gap[];
}

/**
 * Everything known of the patient of a hook: what was prefetched, what the FHIR server adds, and the orders of the context.
 * Throws `data-not-available` when the Patient, or every other essential type, could not be had, or when the data are
 * another patient's; the signal's reason when it was aborted meanwhile.
 */
export async function gather(request: CdsRequest, tools: GatherTools): Promise<PatientRecord> {
  const { patientId, encounterId } = request.context;
  const tokenPatient = request.fhirAuthorization?.patient;
  if (tokenPatient !== undefined && tokenPatient !== patientId) throw notAvailable();

  const wanted = new Set(tools.queries.map((query) => query.resourceType));
  const call = { ...tools, wanted, request, patientId, server: tools.openFhirServer(request) };
  const answers = await answersTo(call);
  tools.signal.throwIfAborted();
  refuseWithoutEssentials(answers, patientId);

  const found = answers.flatMap((answer) => answer.entries);
  const drafts = draftOrders(request);
  const own = ownResources(call, found, drafts.orders);
  const entries = [...drafts.entries, ...found];
  const { resources, gaps } = await medicationsResolved(own.resources, entries, request.fhirServer, call.server);
  const readable = resources.map((resource) =>
    withReadableUnits(withNamedIngredients(resource, tools.ingredientNames)),
  );
  const patient = readable.find((resource) => resource.resourceType === 'Patient');
  if (patient === undefined) throw notAvailable();
  return {
    patientId,
    patient,
    resources: readable,
    ...(encounterId === undefined ? {} : { encounterId }),
    ordersInContext: own.orders.flatMap(({ id }) => id ?? []),
    draftsToJudge: own.orders.filter((order) => isToBeJudged(order, request)).flatMap(({ id }) => id ?? []),
    gaps: merged([...answers.flatMap((answer) => answer.gaps), ...drafts.gaps, ...own.gaps, ...gaps]),
  };
}

async function answersTo(call: Call): Promise<Answer[]> {
  const { prefetch = {} } = call.request;
  const unknown = Object.entries(prefetch).filter(([key]) => !call.queries.some((query) => query.key === key));
  const [answers, extras] = await Promise.all([
    Promise.all(call.queries.map((query) => answerTo(call, query, prefetch[query.key]))),
    Promise.all(unknown.map(([key, value]) => answerByContent(call, key, value))),
  ]);
  const extra = resourcesOf(extras.flatMap(({ entries }) => entries));
  const { own } = separateForeign(extra, call.patientId, call.request.fhirServer);
  const types = new Set<string>(own.map(({ resourceType }) => resourceType));
  // Sites name the keys themselves: what came under another name answers a query that nothing else answered.
  const isMet = ({ had, query }: Answer) => !had && prefetch[query.key] === undefined && types.has(query.resourceType);
  return [...answers.map((answer) => (isMet(answer) ? answerOf(answer.query, []) : answer)), ...extras];
}

async function fetchedAnswer({ server, patientId, now }: Call, query: PrefetchQuery): Promise<Answer> {
  if (server === undefined) return notHad(query, 'not-provided');
  const address = query.template.replace('{{context.patientId}}', patientId);
  const isEnough = (read: readonly BundledResource[]) => reachesBeyondLookBack(query, read, now);
  const isRead = query.resourceType === 'Patient';
  const found = await (isRead ? server.read('Patient', patientId) : server.search(address, isEnough));
  if ('failure' in found) return notHad(query, found.failure);
  if ('resource' in found) return answerOf(query, [found]);
  return answerOf(query, found.entries, pageGaps(query, found), found.complete || found.entries.length > 0);
}

async function answerTo(call: Call, query: PrefetchQuery, value: unknown): Promise<Answer> {
  if (value === undefined) return fetchedAnswer(call, query);
  if (value === null) return answerOf(query, []);
  const page = readSearchPage(query.resourceType === 'Patient' ? asBundle(value) : value);
  if (page === 'failed') return notHad(query, 'failed');
  if (page === 'unreadable') return answerOf(query, [], pageGaps(query, { unreadable: 1, complete: true }), false);
  const rest = await furtherPages(call, query, page);
  const found = { entries: [...page.entries, ...rest.entries], unreadable: page.unreadable + rest.unreadable };
  return answerOf(query, found.entries, pageGaps(query, { ...found, complete: rest.complete && !page.partial }));
}

/** What came under a key that no query has: the first resource of use tells its type, and what is not FHIR is no loss. */
async function answerByContent(call: Call, key: string, value: unknown): Promise<Answer> {
  const entries = entriesOf(asBundle(value));
  const resourceType = resourcesOf(entries).find((resource) => call.wanted.has(resource.resourceType))?.resourceType;
  const query = { key, template: '', resourceType: resourceType ?? '', essential: false };
  return resourceType === undefined ? answerOf(query, entries) : answerTo(call, query, asBundle(value));
}

/** A read answers with the resource itself. */
function asBundle(value: unknown): unknown {
  const page = readSearchPage(value);
  return page === 'unreadable' ? { resourceType: 'Bundle', entry: [{ resource: value }] } : value;
}

async function furtherPages({ server, now }: Call, query: PrefetchQuery, { entries, next }: SearchPage) {
  const isEnough = (read: readonly BundledResource[]) => reachesBeyondLookBack(query, read, now);
  if (next === undefined || isEnough(entries)) return { entries: [], unreadable: 0, complete: true };
  const found = await server?.search(next, isEnough);
  return found === undefined || 'failure' in found ? { entries: [], unreadable: 0, complete: false } : found;
}

function answerOf(query: PrefetchQuery, entries: BundledResource[], gaps: Gap[] = [], had = true): Answer {
  return { query, entries, gaps, had };
}

function notHad(query: PrefetchQuery, reason: GapReason): Answer {
  return answerOf(query, [], [{ kind: 'not-had', resourceType: query.resourceType, reason }], false);
}

function pageGaps({ resourceType }: PrefetchQuery, page: { unreadable: number; complete: boolean }): Gap[] {
  const unreadable: Gap = { kind: 'unreadable', resourceType, count: page.unreadable };
  const incomplete: Gap = { kind: 'incomplete', resourceType };
  return [...(page.unreadable > 0 ? [unreadable] : []), ...(page.complete ? [] : [incomplete])];
}

function refuseWithoutEssentials(answers: readonly Answer[], patientId: string): void {
  const asked = answers.filter(({ query }) => query.essential);
  const ofPatient = asked.filter(({ query }) => query.resourceType === 'Patient').flatMap(({ entries }) => entries);
  const isOther = ({ resource }: BundledResource) => resource.resourceType === 'Patient' && resource.id !== patientId;
  if (ofPatient.some(isOther)) throw notAvailable();
  const others = asked.filter(({ query }) => query.resourceType !== 'Patient');
  if (others.length > 0 && !others.some(({ had }) => had)) throw notAvailable();
}

/** One text for every reason: which check failed is nothing to tell a caller. */
function notAvailable(): ServiceError {
  return new ServiceError('data-not-available', 'The data of this patient could not be had.');
}

/** Resources of this patient, each once: the newest version, and an order of the context before any of the record. */
function ownResources(call: Call, found: readonly BundledResource[], drafts: readonly FhirResource[]) {
  const { wanted, request, patientId } = call;
  const isPatient = ({ resource }: BundledResource) => resource.resourceType === 'Patient' && resource.id === patientId;
  const aliases = new Set(found.filter(isPatient).flatMap(({ fullUrl }) => fullUrl ?? []));
  const candidates = resourcesOf(found).filter(({ resourceType }) => wanted.has(resourceType));
  const record = separateForeign(candidates, patientId, request.fhirServer, aliases);
  const orders = separateForeign(drafts, patientId, request.fhirServer, aliases);
  const count = record.foreign + orders.foreign;
  const gaps: Gap[] = count === 0 ? [] : [{ kind: 'foreign', count }];
  return { resources: withoutDuplicates(record.own, orders.own), orders: orders.own, gaps };
}

function withoutDuplicates(record: readonly FhirResource[], orders: readonly FhirResource[]): FhirResource[] {
  // A resource without an id is like no other.
  const nameOf = (resource: FhirResource) =>
    resource.id === undefined ? resource : `${resource.resourceType}/${resource.id}`;
  const newest = new Map<unknown, FhirResource>();
  for (const resource of record) {
    const known = newest.get(nameOf(resource));
    if (known === undefined || isLater(resource, known)) newest.set(nameOf(resource), resource);
  }
  for (const order of orders) newest.set(nameOf(order), order);
  return [...newest.values()];
}

function isLater(one: FhirResource, other: FhirResource): boolean {
  const updated = Date.parse(one.meta?.lastUpdated ?? '') - Date.parse(other.meta?.lastUpdated ?? '');
  return (updated || Number(one.meta?.versionId) - Number(other.meta?.versionId)) > 0;
}

/** The medication and service orders of the context, and its entries with what they refer to. */
function draftOrders({ context }: CdsRequest) {
  const entries = entriesOf(context.draftOrders);
  const orders = entries.flatMap(({ resource }) => orderOf(resource, context.patientId));
  const nameless = orders.filter(({ id }) => id === undefined);
  const gaps = nameless.map(({ resourceType }): Gap => ({ kind: 'unreadable', resourceType, count: 1 }));
  return { entries, orders: orders.filter(({ id }) => id !== undefined), gaps };
}

/** Some clients send one category instead of a list, and drafts without a subject: the context says whose they are. */
function orderOf(resource: FhirResource, patientId: string): FhirResource[] {
  if (!['MedicationRequest', 'ServiceRequest'].includes(resource.resourceType)) return [];
  const order: Record<string, unknown> = { ...resource };
  order['subject'] ??= { reference: `Patient/${patientId}` };
  if (order['category'] !== undefined) order['category'] = [order['category']].flat();
  // Still the order it was: two elements took the form that FHIR gives them.
  return [order as unknown as FhirResource];
}

/** Only a draft can be judged before it is signed: on order-select the selected ones, on order-sign each. */
function isToBeJudged(order: FhirResource, { hook, context }: CdsRequest): boolean {
  if (order.resourceType !== 'MedicationRequest' || order.status !== 'draft' || order.id === undefined) return false;
  const names = [order.id, `MedicationRequest/${order.id}`];
  return hook === 'order-sign' || (hook === 'order-select' && names.some((name) => context.selections?.includes(name)));
}

function entriesOf(bundle: unknown): BundledResource[] {
  const page = readSearchPage(bundle);
  return typeof page === 'string' ? [] : page.entries;
}

function resourcesOf(entries: readonly BundledResource[]): FhirResource[] {
  return entries.map(({ resource }) => resource);
}

/** Each gap once, and counts of the same kind added up. */
function merged(gaps: readonly Gap[]): Gap[] {
  const known = new Map<string, Gap>();
  for (const gap of gaps) {
    const key = JSON.stringify({ ...gap, count: 0 });
    const before = known.get(key);
    known.set(key, before && 'count' in before && 'count' in gap ? { ...gap, count: before.count + gap.count } : gap);
  }
  return [...known.values()];
}

/** Bare codes of the active test orders since that day, by callback; empty when they cannot be had. */
export async function activeTestOrders(server: FhirServer, patientId: string, since: Date, serverBase?: string) {
  const day = since.toISOString().slice(0, 10);
  const found = await server.search(`ServiceRequest?patient=${patientId}&status=active&authored=ge${day}&_count=100`);
  if ('failure' in found) return [];
  const { own } = separateForeign(resourcesOf(found.entries), patientId, serverBase);
  // Not every server knows the parameters: what it answers is checked again.
  const orders = own.filter((order) => order.resourceType === 'ServiceRequest');
  const active = orders.filter(({ status, authoredOn }) => status === 'active' && (authoredOn ?? '') >= day);
  const codings = active.flatMap(({ code }): (Coding | null)[] => [code?.coding ?? []].flat());
  return [...new Set(codings.flatMap((coding) => coding?.code ?? []))];
}
