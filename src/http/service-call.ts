import type { RequestHandler, Response } from 'express';
import { parseCdsRequest, type CdsRequest, type CdsResponse, type CdsService } from '../cds-hooks.js';
import { ServiceError } from '../errors.js';
import type { Log } from '../log.js';
import { withoutTrailingSlashes } from '../trailing-slashes.js';
import { askedFor, type AskedFor, type HookCall, type HookStage, noteCall } from './call-record.js';
import { withDeadline } from './deadline.js';
import type { LargeAnswer, LargeBodies } from './large-body.js';
import { parseJson, type ReadBytes } from './read-body.js';
import { serverTiming } from './server-timing.js';
import { type ShownCard, shownCard } from './shown-card.js';

export type Advise = (request: CdsRequest, call: HookCall) => Promise<CdsResponse>;

export interface ServiceCallParts {
  services: readonly CdsService[];
  advise: Advise;
  large?: LargeBodies;
  readBytes: ReadBytes;
  clock: () => Date;
  log: Log;
  /** Told how long each stage of a hook that is answered took. */
  onStage?: ((stage: HookStage, ms: number) => void) | undefined;
  /** Told of the cards of an answer once it is out. */
  onAnswered: (service: CdsService, cards: readonly ShownCard[]) => void;
  settings: EvaluationTimeSettings & { hookDeadlineMs: number; serverTiming?: boolean };
}

/** When a request may say what "now" is. */
export interface EvaluationTimeSettings {
  allowEvaluationTime: boolean;
  /** FHIR servers whose records are seen from a moment of their own: honoured for them always. */
  historicalServers?: readonly string[];
}

/** `POST /cds-services/{id}`: unknown body in, cards out. */
export function answerCall(parts: ServiceCallParts): RequestHandler {
  const { services, readBytes, log, onStage, onAnswered, settings } = parts;
  return async (request, response) => {
    const service = serviceCalled(services, request.params['id']);
    response.locals['service'] = service.id;
    const answerTo = answering(await readBytes(request, response), service, response, parts);
    const startedAt = performance.now();
    const entry = () => ({ service: service.id, ms: Math.round(performance.now() - startedAt) });
    try {
      const timing = serverTiming(startedAt);
      const { text, cards, asked } = await withDeadline(response, settings.hookDeadlineMs, (signal) =>
        answerTo({ signal, noteStage: timing.noteStage, ...clientOf(response) }),
      );
      if (settings.serverTiming === true) response.set('Server-Timing', timing.header());
      noteCall(response, { cards });
      sendJson(response, text);
      if (onStage !== undefined) timing.report(onStage);
      onAnswered(service, cards);
      log.hookAnswered({ instance: asked.instance, cards: cards.length, ...entry() });
    } catch (error) {
      if (!response.closed) throw error;
      log.hookAbandoned(entry());
    }
  };
}

/** A body is parsed and checked at once, or left to another thread when it is large. */
function answering(
  body: Buffer,
  { hook }: CdsService,
  response: Response,
  { advise, large, clock, settings }: ServiceCallParts,
): (call: Omit<HookCall, 'now'>) => Promise<LargeAnswer> {
  // On record whatever comes of it.
  const noteAsked = (asked: () => AskedFor | undefined) => {
    noteCall(response, { asked });
  };
  if (large !== undefined && body.length >= large.from.advise)
    return (call) => large.advise(body, hook, { now: clock(), noteAsked, ...call });
  const request = parseCdsRequest(parseJson(body), hook);
  const asked = askedFor(request);
  noteAsked(() => asked);
  const now = evaluationTime(request, settings) ?? clock();
  return async (call) => {
    const answer = await advise(request, { now, ...call });
    return { text: JSON.stringify(answer), cards: answer.cards.map(shownCard), asked };
  };
}

/** As text, which leaves in one write together with the headers: Express would make a second one of its bytes. */
function sendJson(response: Response, text: string): void {
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  const length = Buffer.byteLength(text);
  response.setHeader('Content-Length', length);
  // Of ASCII alone, which most answers are, the bytes are the same: Node then measures it no second and third time.
  response.end(text, length === text.length ? 'latin1' : 'utf8');
}

function clientOf({ locals }: Response): { client?: string } {
  return typeof locals['client'] === 'string' ? { client: locals['client'] } : {};
}

/** The service at `/cds-services/{id}`; throws `unknown-service`. */
export function serviceCalled(services: readonly CdsService[], id: unknown): CdsService {
  const service = services.find((candidate) => candidate.id === id);
  if (!service) throw new ServiceError('unknown-service', 'There is no such service; see /cds-services.');
  return service;
}

/** The moment the request asks to be judged at, where that is honoured. */
export function evaluationTime(
  { evaluationTime: asked, fhirServer = '' }: CdsRequest,
  { allowEvaluationTime, historicalServers = [] }: EvaluationTimeSettings,
): Date | undefined {
  const isHonoured = allowEvaluationTime || historicalServers.includes(withoutTrailingSlashes(fhirServer));
  return isHonoured && asked !== undefined ? new Date(asked) : undefined;
}
