import type { CdsRequest } from '../cds-hooks.js';
import { ServiceError } from '../errors.js';
import { flattened } from '../flattened.js';
import type { Gap, GapReason, PatientRecord } from '../patient-record.js';
import { draftOrders, foreignOrderGaps } from './draft-orders.js';
import { isEmptyAnswerTo } from './empty-answer.js';
import type { OpenedServer } from './fhir-gateway.js';
import { withNamedIngredients } from './medication-name.js';
import { medicationsResolved, type BundledResource } from './medication-reference.js';
import { aliasesOf, areOfOtherServer, ownResources, withoutDuplicates, type Owner } from './own-resources.js';
import { type EnoughRead, reachesBeyondLookBack, type PrefetchQuery } from './prefetch-templates.js';
import { answersQuery } from './query-codes.js';
import { readableEntries } from './readable-entries.js';
import { sharesOf } from './answer-shares.js';
import { allOf, begun } from './at-once.js';
import { entriesOf, readSearchPage, type SearchPage } from './search-page.js';
import { withReadableUnits } from './units.js';

export interface GatherTools {
  queries: readonly PrefetchQuery[];
  /** Undefined when the request's server may not be called. */
  server: OpenedServer | undefined;
  /** Lower case, single spaces; see `withIngredientNames`. */
  ingredientNames: ReadonlySet<string>;
  now: Date;
  signal: AbortSignal;
}

/** Of one hook, by prefetch as by callback: so many are judged while others wait. */
const MOST_RESOURCES = 5_000;

/** What every step needs of the call. */
interface Call extends Pick<GatherTools, 'queries' | 'now' | 'server'> {
  request: CdsRequest;
  patientId: string;
  owner: Owner;
  /** Types of resource that some query asks for. */
  wanted: ReadonlySet<string>;
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
  const owner = { patientId, fhirServer: request.fhirServer };
  const call = { wanted, request, patientId, owner, ...tools };
  const answers = await answersTo(call);
  tools.signal.throwIfAborted();
  refuseWithoutEssentials(answers, patientId);

  const own = ownOf(call, answers);
  const { resources, gaps } = await medicationsResolved(own.resources, own.entries, request.fhirServer, call.server);
  const readable = resources.map((resource) =>
    withReadableUnits(withNamedIngredients(resource, tools.ingredientNames)),
  );
  const patient = readable.find((resource) => resource.resourceType === 'Patient');
  if (patient === undefined) throw notAvailable();
  const record: PatientRecord = {
    patientId,
    patient,
    resources: readable,
    ordersInContext: own.ordersInContext,
    draftsToJudge: own.draftsToJudge,
    gaps: merged([...flattened(answers.map((answer) => answer.gaps)), ...own.gaps, ...gaps]),
  };
  if (encounterId !== undefined) record.encounterId = encounterId;
  return record;
}

/** What of the answers and of the context's orders is this patient's, and all entries that may be referred to. */
function ownOf({ request, owner, wanted }: Call, answers: readonly Answer[]) {
  const found = flattened(answers.map(({ entries }) => entries));
  const drafts = draftOrders(request);
  const { patientId, fhirServer } = owner;
  const whose = { patientId, fhirServer, aliases: aliasesOf(ofPatient(answers), owner) };
  const record = ownResources(found.filter(isWanted(wanted)), whose);
  const orders = ownResources(drafts.orders, whose);
  const count = record.foreign + orders.foreign;
  const foreign: Gap[] = count === 0 ? [] : [{ kind: 'foreign', count }];
  const judged = orders.own.filter(({ resourceType }) => resourceType === 'MedicationRequest');
  return {
    resources: withoutDuplicates(record.own, orders.own),
    entries: [...drafts.entries, ...found],
    ordersInContext: orders.own.flatMap(({ id }) => id ?? []),
    draftsToJudge: judged.flatMap(({ id }) => id ?? []).filter((id) => drafts.judged.has(id)),
    gaps: [...drafts.gaps, ...foreignOrderGaps(drafts.orders, orders.own), ...foreign],
  };
}

function isWanted(wanted: ReadonlySet<string>): (entry: BundledResource) => boolean {
  return ({ resource }) => wanted.has(resource.resourceType);
}

async function answersTo(call: Call): Promise<Answer[]> {
  const { prefetch = {} } = call.request;
  const unknown = Object.entries(prefetch).filter(([key]) => !call.queries.some((query) => query.key === key));
  const asked = call.queries.map((query) => begun(() => answerTo(call, query, prefetch[query.key])));
  const others = unknown.map(([key, value]) => begun(() => answerByContent(call, key, value)));
  const found = await allOf([...asked, ...others]);
  const [answers, extras] = [found.slice(0, asked.length), found.slice(asked.length)];
  const shares = sharesOf([...answers, ...extras], MOST_RESOURCES);
  const usable = answers.map((answer) => usableAnswer(call, answer, shares.get(answer)));
  const usableExtras = extras.map((answer) => usableAnswer(call, answer, shares.get(answer)));
  const extra = flattened(usableExtras.map(({ entries }) => entries)).filter(isWanted(call.wanted));
  const { own } = ownResources(extra, call.owner);
  // Sites name the keys themselves: what came under another name answers a query that nothing else answered.
  const isNone = (query: PrefetchQuery) => unknown.some(([, value]) => isEmptyAnswerTo(query, value, call.owner));
  const isMet = ({ had, query }: Answer) =>
    !had && prefetch[query.key] === undefined && (own.some(answersQuery(query)) || isNone(query));
  return [...usable.map((answer) => (isMet(answer) ? answerOf(answer.query, []) : answer)), ...usableExtras];
}

/** Without what no rule can read, and without what there is no room for. */
function usableAnswer({ wanted }: Call, { query, entries, gaps, had }: Answer, share = 0): Answer {
  const readable = readableEntries(entries.slice(0, share), wanted, query.resourceType);
  const isCut = entries.length > share && query.resourceType !== '';
  const cut = isCut ? pageGaps(query, { unreadable: 0, complete: false }) : [];
  return answerOf(query, readable.entries, [...gaps, ...readable.gaps, ...cut], had);
}

async function fetchedAnswer({ server, patientId, owner, now }: Call, query: PrefetchQuery): Promise<Answer> {
  if (server === undefined) return notHad(query, 'not-provided');
  const address = query.template.replace('{{context.patientId}}', patientId);
  const isRead = query.resourceType === 'Patient';
  const found = await (isRead ? server.read('Patient', patientId) : server.search(address, enoughOf(query, now)));
  if ('failure' in found) return notHad(query, found.failure);
  if ('resource' in found) return answerOf(query, [found]);
  const entries = withoutUrls(found.entries);
  if (areOfOtherServer(entries, owner)) return notHad(query, 'failed');
  const had = found.complete || entries.length > 0;
  return answerOf(query, entries, pageGaps(query, found), had);
}

function answerTo(call: Call, query: PrefetchQuery, value: unknown): Answer | Promise<Answer> {
  if (value === undefined) return fetchedAnswer(call, query);
  if (value === null) return answerOf(query, []);
  const page = readSearchPage(query.resourceType === 'Patient' ? asBundle(value) : value);
  if (page === 'failed') return notHad(query, 'failed');
  if (page === 'unreadable') return answerOf(query, [], pageGaps(query, { unreadable: 1, complete: true }), false);
  // Nothing is known of this patient by it: as if the key were missing.
  if (call.queries.includes(query) && areOfOtherServer(page.entries, call.owner)) return fetchedAnswer(call, query);
  const { next, entries, unreadable, partial } = page;
  if (next === undefined || reachesBeyondLookBack(query, entries, call.now))
    return answerOf(query, entries, pageGaps(query, { unreadable, complete: !partial }));
  return continuedAnswer(call, query, { ...page, next });
}

async function continuedAnswer(call: Call, query: PrefetchQuery, page: SearchPage & { next: string }): Promise<Answer> {
  const { next, entries, unreadable, partial } = page;
  const rest = await furtherPages(call, query, next);
  const complete = rest.complete && !partial;
  const gaps = pageGaps(query, { unreadable: unreadable + rest.unreadable, complete });
  return answerOf(query, [...entries, ...withoutUrls(rest.entries)], gaps);
}

/** What came under a key that no query has: the first resource of use tells its type, and what is not FHIR is no loss. */
function answerByContent(call: Call, key: string, value: unknown): Answer | Promise<Answer> {
  const entries = entriesOf(asBundle(value));
  const useful = entries.find(isWanted(call.wanted));
  const resourceType = useful?.resource.resourceType;
  const query = { key, template: '', resourceType: resourceType ?? '', essential: false };
  return resourceType === undefined ? answerOf(query, entries) : answerTo(call, query, asBundle(value));
}

/** A read answers with the resource itself. */
function asBundle(value: unknown): unknown {
  const page = readSearchPage(value);
  return page === 'unreadable' ? { resourceType: 'Bundle', entry: [{ resource: value }] } : value;
}

async function furtherPages({ server, now }: Call, query: PrefetchQuery, next: string) {
  const found = await server?.search(next, enoughOf(query, now), query.resourceType);
  return found === undefined || 'failure' in found ? { entries: [], unreadable: 0, complete: false } : found;
}

function enoughOf({ resourceType, lookBackDays }: PrefetchQuery, now: Date): EnoughRead {
  return { resourceType, now, ...(lookBackDays === undefined ? {} : { lookBackDays }) };
}

/** What the client's own server answered is its own, though it may know itself by another name than the client's. */
function withoutUrls(entries: readonly BundledResource[]): BundledResource[] {
  return entries.map(({ resource }) => ({ resource }));
}

function answerOf(query: PrefetchQuery, entries: BundledResource[], gaps: Gap[] = [], had = true): Answer {
  return { query, entries, gaps, had };
}

function notHad(query: PrefetchQuery, reason: GapReason): Answer {
  return answerOf(query, [], [{ kind: 'not-had', resourceType: query.resourceType, reason }], false);
}

function pageGaps({ resourceType }: PrefetchQuery, page: { unreadable: number; complete: boolean }): Gap[] {
  const gaps: Gap[] = [];
  if (page.unreadable > 0) gaps.push({ kind: 'unreadable', resourceType, count: page.unreadable });
  if (!page.complete) gaps.push({ kind: 'incomplete', resourceType });
  return gaps;
}

function refuseWithoutEssentials(answers: readonly Answer[], patientId: string): void {
  const asked = answers.filter(({ query }) => query.essential);
  const isOther = ({ resource }: BundledResource) => resource.resourceType === 'Patient' && resource.id !== patientId;
  if (ofPatient(asked).some(isOther)) throw notAvailable();
  const others = asked.filter(({ query }) => query.resourceType !== 'Patient');
  if (others.length > 0 && !others.some(({ had }) => had)) throw notAvailable();
}

/** What the query for the Patient brought. */
function ofPatient(answers: readonly Answer[]): BundledResource[] {
  const asked = answers.filter(({ query }) => query.essential && query.resourceType === 'Patient');
  return flattened(asked.map(({ entries }) => entries));
}

/** One text for every reason: which check failed is nothing to tell a caller. */
function notAvailable(): ServiceError {
  return new ServiceError('data-not-available', 'The data of this patient could not be had.');
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
