import { randomUUID } from 'node:crypto';
import type { CardTemplate } from './cards/card-template.js';
import { renderCards } from './cards/render-card.js';
import { isOrderable } from './cards/suggest-tests.js';
import type { CdsRequest, CdsResponse, Coding } from './cds-hooks.js';
import type { OpenedServer, ServerNamed } from './patient-data/fhir-gateway.js';
import { activeTestOrders } from './patient-data/active-test-orders.js';
import { gather } from './patient-data/gather.js';
import type { PrefetchQuery } from './patient-data/prefetch-templates.js';
import { hasUnreadableUnit } from './patient-data/units.js';
import type { Gap } from './patient-record.js';
import type { Policy } from './policy.js';
import type { Advice } from './reasoning/advice.js';
import { evaluate } from './reasoning/evaluate.js';
import type { Knowledge } from './reasoning/knowledge.js';
import { dayOf, type Moment } from './reasoning/moment.js';
import { rank } from './reasoning/rank.js';

const MILLISECONDS_PER_DAY = 86_400_000;

/** Everything the story needs that does not change from call to call. */
export interface AdviseParts {
  knowledge: Knowledge;
  policy: Policy;
  templates: ReadonlyMap<string, CardTemplate>;
  queries: readonly PrefetchQuery[];
  /** `client`: the issuer, whose own servers alone may be called; absent for callers that nobody asked who they are. */
  openFhirServer: (request: ServerNamed, signal: AbortSignal, client?: string) => OpenedServer | undefined;
  publicBaseUrl: string;
  /** Codes of orders that only the site knows, by the names the policy gives them. */
  siteOrders: ReadonlyMap<string, Coding>;
  /** The SMART app's address for callers whose EHR (by its FHIR server) can launch it. */
  smartAppUrl?: (fhirServer: string | undefined) => string | undefined;
  /** The site's offset at an instant. */
  momentAt: (now: Date) => Moment;
  /** Told of what every record lacks. */
  onGathered?: (had: { gaps: readonly Gap[]; unreadableUnits: number }) => void;
  /** Told of compiled libraries that the interpreter had to run. */
  onInterpreted: (libraries: readonly string[]) => void;
  /** Told of every library that could not be run. */
  onLibraryFailed: (failure: { library: string; cause: unknown }) => void;
}

/**
 * The whole story: gather the record, evaluate the knowledge over it, rank what it found, render cards.
 *
 * @throws ServiceError `data-not-available` when the patient's data could not be had
 */
export async function advise(
  request: CdsRequest,
  call: { signal: AbortSignal; now: Date; client?: string; noteStage?: (stage: 'gather' | 'evaluate') => void },
  parts: AdviseParts,
): Promise<CdsResponse> {
  const server = parts.openFhirServer(request, call.signal, call.client);
  const moment = parts.momentAt(call.now);
  const record = await gather(request, {
    queries: parts.queries,
    server,
    ingredientNames: parts.knowledge.ingredientNames,
    now: call.now,
    signal: call.signal,
  });
  parts.onGathered?.({ gaps: record.gaps, unreadableUnits: record.resources.filter(hasUnreadableUnit).length });
  call.noteStage?.('gather');
  const evaluation = await evaluate(parts.knowledge, record, moment);
  call.noteStage?.('evaluate');
  const unforeseen = evaluation.interpreted.filter((library) => parts.knowledge.compiled.has(library));
  if (unforeseen.length > 0) parts.onInterpreted(unforeseen);
  evaluation.failed.forEach(parts.onLibraryFailed);
  const advice = rank(evaluation, record.gaps, parts.policy.ranking);
  const ordered = await testsOrdered(advice, request, server, moment, parts);
  return {
    cards: renderCards(advice.cards, {
      templates: parts.templates,
      wording: parts.policy.wording,
      today: dayOf(moment),
      version: parts.policy.version,
      patientId: record.patientId,
      publicBaseUrl: parts.publicBaseUrl,
      siteOrders: parts.siteOrders,
      ordered,
      newId: randomUUID,
      smartAppUrl: parts.smartAppUrl?.(request.fhirServer),
    }),
  };
}

/** Tests already ordered are asked for only when one is about to be suggested. */
async function testsOrdered(
  advice: Advice,
  { context, fhirServer }: CdsRequest,
  server: OpenedServer | undefined,
  { now }: Moment,
  { policy: { wording }, siteOrders }: AdviseParts,
): Promise<ReadonlySet<string>> {
  const isSuggesting = advice.cards.some(({ tests }) =>
    tests.some((test) => isOrderable(test, { wording, siteOrders })),
  );
  if (server === undefined || !isSuggesting) return new Set();
  const since = new Date(now.getTime() - wording.tests['ordered-within-days'] * MILLISECONDS_PER_DAY);
  return new Set(await activeTestOrders(server, context.patientId, since, fhirServer));
}
