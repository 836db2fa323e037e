import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import { type CdsRequest, HOOK_NAMES, type HookName, parseCdsRequest } from '../cds-hooks.js';
import { ServiceError } from '../errors.js';
import { askedFor, type AskedFor, type HookCall, noteCall } from './call-record.js';
import { withDeadline } from './deadline.js';
import type { LargeBodies } from './large-body.js';
import { parseJson, type ReadBytes } from './read-body.js';
import { type EvaluationTimeSettings, evaluationTime } from './service-call.js';

/** Everything concluded about one request; what it looks like is not decided here. */
export type Explain = (request: CdsRequest, call: HookCall) => Promise<object>;

export interface ExplainCallParts {
  explain: Explain;
  large?: LargeBodies;
  readBytes: ReadBytes;
  clock: () => Date;
  settings: EvaluationTimeSettings & { hookDeadlineMs: number };
}

const hookNamed = z.object({ hook: z.enum(HOOK_NAMES) });

/** `POST /app/explain`, for our own pages: a hook request with prefetch in, all that was concluded out; keeps nothing. */
export function answerExplain(parts: ExplainCallParts): RequestHandler {
  return async (request, response) => {
    refuseOtherOrigins(request);
    const answerTo = explaining(await parts.readBytes(request, response), response, parts);
    response.type('json').send(await withDeadline(response, parts.settings.hookDeadlineMs, answerTo));
  };
}

function explaining(
  body: Buffer,
  response: Response,
  { explain, large, clock, settings }: ExplainCallParts,
): (signal: AbortSignal) => Promise<string> {
  const noteAsked = (asked: () => AskedFor | undefined) => {
    noteCall(response, { asked });
  };
  if (large !== undefined && body.length >= large.from.explain)
    return async (signal) => (await large.explain(body, { signal, now: clock(), noteAsked })).text;
  const asked = parseExplainRequest(parseJson(body));
  const about = askedFor(asked);
  noteAsked(() => about);
  const now = evaluationTime(asked, settings) ?? clock();
  return async (signal) => JSON.stringify(await explain(asked, { signal, now }));
}

/** The request of any hook, without a token; throws `malformed-request`. */
export function parseExplainRequest(body: unknown): CdsRequest {
  const asked = parseCdsRequest(body, hookOf(body));
  if (asked.fhirAuthorization === undefined) return asked;
  throw new ServiceError('malformed-request', 'An explanation is made of the prefetch alone: send no token.');
}

function hookOf(body: unknown): HookName {
  const parsed = hookNamed.safeParse(body);
  if (parsed.success) return parsed.data.hook;
  throw new ServiceError('malformed-request', 'The body must be the request of a hook of this service.');
}

/** A browser names the page's origin with every POST; compared with the address it called, so that no setting can be wrong. */
function refuseOtherOrigins(request: Request): void {
  const origin = request.get('Origin') ?? '';
  const isOwn = URL.canParse(origin) && new URL(origin).host === request.get('Host');
  const site = request.get('Sec-Fetch-Site') ?? 'same-origin';
  if (isOwn && site === 'same-origin') return;
  throw new ServiceError('not-trusted', 'Only the pages of this service can ask for an explanation.');
}
