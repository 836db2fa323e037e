import { createHash } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import { parseCdsRequest, type Card, type CdsRequest, type CdsResponse, type CdsService } from '../cds-hooks.js';
import { ServiceError } from '../errors.js';
import type { Log } from '../log.js';
import { withDeadline } from './deadline.js';
import type { ReadBody } from './read-body.js';

/** What holds for one call beside its body. */
export interface HookCall {
  /** Aborted when the deadline has passed or the client has hung up. */
  signal: AbortSignal;
  now: Date;
  /** Issuer of the client, once it has proven that; decides the FHIR servers it may name. */
  client?: string;
}

export type Advise = (request: CdsRequest, call: HookCall) => Promise<CdsResponse>;

export interface ServiceCallParts {
  services: readonly CdsService[];
  advise: Advise;
  readBody: ReadBody;
  clock: () => Date;
  log: Log;
  /** Told of the cards of an answer once it is out. */
  onAnswered: (service: CdsService, cards: readonly Card[]) => void;
  settings: { hookDeadlineMs: number; allowEvaluationTime: boolean };
}

/** `POST /cds-services/{id}`: unknown body in, cards out. */
export function answerCall({
  services,
  advise,
  readBody,
  clock,
  log,
  onAnswered,
  settings,
}: ServiceCallParts): RequestHandler {
  return async (request, response) => {
    const service = serviceCalled(services, request.params['id']);
    response.locals['service'] = service.id;
    const asked = parseCdsRequest(await readBody(request, response), service.hook);
    const now = evaluationTime(asked, settings.allowEvaluationTime) ?? clock();
    const startedAt = performance.now();
    const entry = () => ({ service: service.id, ms: Math.round(performance.now() - startedAt) });
    try {
      const answer = await withDeadline(response, settings.hookDeadlineMs, (signal) =>
        advise(asked, { signal, now, ...clientOf(response) }),
      );
      response.json(answer);
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

function evaluationTime(request: CdsRequest, isAllowed: boolean): Date | undefined {
  return isAllowed && request.evaluationTime !== undefined ? new Date(request.evaluationTime) : undefined;
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
