import { createHash } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import { parseCdsRequest, type Card, type CdsRequest, type CdsResponse, type CdsService } from '../cds-hooks.js';
import { ServiceError } from '../errors.js';
import type { Log } from '../log.js';
import { noteCall } from './call-record.js';
import { withDeadline } from './deadline.js';
import type { ReadBody } from './read-body.js';
import { serverTiming } from './server-timing.js';

/** What holds for one call beside its body. */
export interface HookCall {
  /** Aborted when the deadline has passed or the client has hung up. */
  signal: AbortSignal;
  now: Date;
  /** Issuer of the client, once it has proven that; decides the FHIR servers it may name. */
  client?: string;
  /** Told when a stage of the story is done. */
  noteStage?: (stage: string) => void;
}

export type Advise = (request: CdsRequest, call: HookCall) => Promise<CdsResponse>;

export interface ServiceCallParts {
  services: readonly CdsService[];
  advise: Advise;
  readBody: ReadBody;
  clock: () => Date;
  log: Log;
  /** Told how long each stage of a hook that is answered took. */
  onStage?: ((stage: string, ms: number) => void) | undefined;
  /** Told of the cards of an answer once it is out. */
  onAnswered: (service: CdsService, cards: readonly Card[]) => void;
  settings: EvaluationTimeSettings & { hookDeadlineMs: number; serverTiming?: boolean };
}

/** When a request may say what "now" is. */
export interface EvaluationTimeSettings {
  allowEvaluationTime: boolean;
  /** FHIR servers whose records are seen from a moment of their own: honoured for them always. */
  historicalServers?: readonly string[];
}

/** `POST /cds-services/{id}`: unknown body in, cards out. */
export function answerCall({
  services,
  advise,
  readBody,
  clock,
  log,
  onStage,
  onAnswered,
  settings,
}: ServiceCallParts): RequestHandler {
  return async (request, response) => {
    const service = serviceCalled(services, request.params['id']);
    response.locals['service'] = service.id;
    const asked = parseCdsRequest(await readBody(request, response), service.hook);
    const now = evaluationTime(asked, settings) ?? clock();
    const startedAt = performance.now();
    noteCall(response, { asked: { instance: asked.hookInstance, patientId: asked.context.patientId } });
    const entry = () => ({ service: service.id, ms: Math.round(performance.now() - startedAt) });
    try {
      const timing = serverTiming(startedAt);
      const answer = await withDeadline(response, settings.hookDeadlineMs, (signal) =>
        advise(asked, { signal, now, ...clientOf(response), noteStage: timing.noteStage }),
      );
      if (settings.serverTiming === true) response.set('Server-Timing', timing.header());
      noteCall(response, { cards: answer.cards });
      response.json(answer);
      if (onStage !== undefined) timing.report(onStage);
      onAnswered(service, answer.cards);
      log.hookAnswered({ ...entry(), instance: shortHash(asked.hookInstance), cards: answer.cards.length });
    } catch (error) {
      if (!response.closed) throw error;
      log.hookAbandoned(entry());
    }
  };
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
  const isHonoured = allowEvaluationTime || historicalServers.includes(fhirServer.replace(/\/+$/, ''));
  return isHonoured && asked !== undefined ? new Date(asked) : undefined;
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
