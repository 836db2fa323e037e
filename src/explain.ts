import { randomUUID } from 'node:crypto';
import type { CardTemplate } from './cards/card-template.js';
import { renderCards } from './cards/render-card.js';
import type { CdsRequest, Coding } from './cds-hooks.js';
import { gather } from './patient-data/gather.js';
import type { PrefetchQuery } from './patient-data/prefetch-templates.js';
import type { PatientRecord } from './patient-record.js';
import type { Policy } from './policy.js';
import { explain, type Explanation } from './reasoning/explain.js';
import type { Knowledge } from './reasoning/knowledge.js';
import { dayOf, type Moment } from './reasoning/moment.js';

export interface ExplainRequestParts {
  knowledge: Knowledge;
  policy: Policy;
  templates: ReadonlyMap<string, CardTemplate>;
  queries: readonly PrefetchQuery[];
  publicBaseUrl: string;
  siteOrders: ReadonlyMap<string, Coding>;
  /** The site's offset at an instant. */
  momentAt: (now: Date) => Moment;
}

export interface ExplainedRequest {
  explanation: Explanation;
  record: PatientRecord;
  now: Date;
  /** `YYYY-MM-DD` in the offset of the evaluation. */
  today: string;
}

/**
 * The story of `advise`, told whole and of the prefetch alone: no server is called, whatever the request names.
 *
 * @throws ServiceError `data-not-available` when the patient's data could not be had
 */
export async function explainRequest(
  request: CdsRequest,
  call: { signal: AbortSignal; now: Date },
  { knowledge, policy, templates, queries, publicBaseUrl, siteOrders, momentAt }: ExplainRequestParts,
): Promise<ExplainedRequest> {
  const moment = momentAt(call.now);
  const today = dayOf(moment);
  const record = await gather(request, {
    queries,
    server: undefined,
    ingredientNames: knowledge.ingredientNames,
    now: call.now,
    signal: call.signal,
  });
  const cardParts = {
    templates,
    wording: policy.wording,
    today,
    version: policy.version,
    patientId: record.patientId,
    publicBaseUrl,
    siteOrders,
    ordered: new Set<string>(),
    newId: randomUUID,
  };
  const explanation = await explain(record, moment, {
    knowledge,
    ranking: policy.ranking,
    render: (cards) => renderCards(cards, cardParts),
  });
  return { explanation, record, now: call.now, today };
}
