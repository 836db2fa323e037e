import type { RequestHandler } from 'express';
import type { CdsService } from '../cds-hooks.js';
import type { FeedbackStore } from '../feedback/feedback-store.js';
import type { Log } from '../log.js';
import { noteCall } from './call-record.js';
import { withDeadline } from './deadline.js';
import { readFeedback } from './feedback-body.js';
import { readBody } from './read-body.js';
import { serviceCalled } from './service-call.js';
import type { ShownCard } from './shown-card.js';

/** A hundred entries with the longest comment. */
const MOST_BYTES = 1_000_000;

export interface FeedbackParts {
  services: readonly CdsService[];
  store: FeedbackStore;
  log: Log;
  settings: { maxBodyBytes: number; hookDeadlineMs: number };
}

/** `POST /cds-services/{id}/feedback`: 200 without a body as soon as what could be read is on disk. */
export function answerFeedback({ services, store, log, settings }: FeedbackParts): RequestHandler {
  const read = readBody(Math.min(settings.maxBodyBytes, MOST_BYTES));
  return async (request, response) => {
    const service = serviceCalled(services, request.params['id']);
    response.locals['service'] = service.id;
    const { events, unreadable } = readFeedback(await read(request, response));
    const startedAt = performance.now();
    try {
      const kept = await withDeadline(response, settings.hookDeadlineMs, () => store.record(service.id, events));
      noteCall(response, { feedback: { events, ...kept } });
      response.status(200).end();
      log.feedbackStored({ service: service.id, ...kept, unreadable, ms: Math.round(performance.now() - startedAt) });
    } catch (error) {
      // Nobody is left to be told.
      if (!response.closed) throw error;
    }
  };
}

/** Notes the cards of an answer, so that feedback on them finds its topic; says nothing of the patient. */
export function rememberCards(
  store: FeedbackStore,
  { knowledgeVersion, clock }: { knowledgeVersion: string; clock: () => Date },
): (service: CdsService, cards: readonly ShownCard[]) => void {
  return (service, cards) => {
    const issuedAt = clock();
    store.remember(
      cards.map(({ uuid, topic, indicator }) => ({
        uuid,
        service: service.id,
        hook: service.hook,
        topic,
        indicator,
        knowledgeVersion,
        issuedAt,
      })),
    );
  };
}
