import type { RequestHandler } from 'express';
import { z } from 'zod';
import { ServiceError } from '../errors.js';
import type { FeedbackStore, SummaryQuery } from '../feedback/feedback-store.js';

const query = z.strictObject({
  since: z.iso.date().exactOptional(),
  until: z.iso.date().exactOptional(),
  by: z.enum(['day', 'week', 'all']).default('week'),
});

/** `GET /feedback/summary?since=&until=&by=`: per topic and knowledge version, what became of the cards shown. */
export function answerFeedbackSummary(store: FeedbackStore): RequestHandler {
  return async (request, response) => {
    const asked = readQuery(request.query);
    response.json({ ...asked, rows: await store.summarise(asked) });
  };
}

function readQuery(value: unknown): SummaryQuery {
  const parsed = query.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ServiceError(
    'malformed-request',
    'The query may hold since and until (YYYY-MM-DD) and by (day, week or all).',
  );
}

/** For as long as clients cannot be told apart: only where nobody but this machine can call. */
export function requireLocal(isLocal: boolean): RequestHandler {
  return (_request, _response, next) => {
    if (!isLocal) throw new ServiceError('not-trusted', 'This address needs a client that is known.');
    next();
  };
}
