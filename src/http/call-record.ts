import { hash } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import type { CdsRequest, CdsService } from '../cds-hooks.js';
import type { RefusalReason } from '../errors.js';
import type { FeedbackEvent } from '../feedback/feedback-store.js';
import type { ShownCard } from './shown-card.js';

/** What the time of a hook is told by; the first two where its body is parsed in a thread of its own. */
export type HookStage = 'wait' | 'parse' | 'gather' | 'evaluate' | 'render';

/** What holds for one call beside its body. */
export interface HookCall {
  /** Aborted when the deadline has passed or the client has hung up. */
  signal: AbortSignal;
  now: Date;
  /** Issuer of the client, once it has proven that; decides the FHIR servers it may name. */
  client?: string;
  /** Told when a stage of the story is done, and how long it took where it ran in another thread. */
  noteStage?: (stage: HookStage, ms?: number) => void;
}

/** Who asked about whom; only for records that tell neither. */
export interface AskedFor {
  /** Short hash of the hookInstance, by which the lines of one call are found. */
  instance: string;
  patientId: string;
}

/** Characters of hexadecimal: enough that no two calls are taken for one. */
const INSTANCE_LENGTH = 12;

export function askedFor({ hookInstance, context }: CdsRequest): AskedFor {
  return { instance: hash('sha256', hookInstance).slice(0, INSTANCE_LENGTH), patientId: context.patientId };
}

/** Feedback that is on disk. */
export interface KeptFeedback {
  events: readonly FeedbackEvent[];
  stored: number;
  repeated: number;
}

/** How one request ended: what is counted and what is put on record of it. */
export interface CallRecord {
  kind: 'hook' | 'feedback' | 'explanation' | 'other';
  status: number;
  /** The client went away before it was answered. */
  isAbandoned: boolean;
  ms: number;
  /** Id of a service that there is. */
  service?: string;
  /** Issuer of the client: proven, unless `code` is `not-trusted`. */
  client?: string;
  /** Code of the error, `unexpected` for one that has none. */
  code?: string;
  reason?: RefusalReason;
  asked?: AskedFor;
  cards?: readonly ShownCard[];
  feedback?: KeptFeedback;
}

type Notes = Partial<Omit<CallRecord, 'status' | 'isAbandoned' | 'ms' | 'asked'>> & {
  /** Asked when the record is made: by then another thread may have read of whom the request is. */
  asked?: () => AskedFor | undefined;
};

/** Notes something of this call for its record. */
export function noteCall(response: Response, notes: Notes): void {
  Object.assign(response.locals, notes);
}

/** Tells `onEnded` of every request once it is over; that must not throw. */
export function recordCalls(onEnded: (call: CallRecord) => void = () => {}): RequestHandler {
  return (_request, response, next) => {
    response.once('close', () => {
      onEnded(recordOf(response));
    });
    next();
  };
}

/** Notes which service is called before anybody is asked who they are, so that refusals are on record with it. */
export function noteService(services: readonly CdsService[]): RequestHandler {
  const ids = new Set<unknown>(services.map(({ id }) => id));
  return (request, response, next) => {
    const { id } = request.params;
    // Routes are found whatever the letters, and with a slash at the end.
    const path = request.path.toLowerCase().replace(/(?<=.)\/$/, '');
    const kind = path === '/feedback' ? 'feedback' : 'hook';
    const isCall = request.method !== 'OPTIONS' && ['/', '/feedback'].includes(path);
    if (isCall) noteCall(response, { kind, ...(typeof id === 'string' && ids.has(id) ? { service: id } : {}) });
    next();
  };
}

function recordOf(response: Response): CallRecord {
  // as: what else is in there is not read, and these are written by `noteCall` alone.
  const { startedAt, kind, service, client, code, reason, asked, cards, feedback } = response.locals as Notes & {
    startedAt?: number;
  };
  const about = asked?.();
  const record: CallRecord = {
    kind: kind ?? 'other',
    status: response.statusCode,
    isAbandoned: !response.writableFinished,
    ms: performance.now() - (startedAt ?? performance.now()),
  };
  if (service !== undefined) record.service = service;
  if (client !== undefined) record.client = client;
  if (code !== undefined) record.code = code;
  if (reason !== undefined) record.reason = reason;
  if (about !== undefined) record.asked = about;
  if (cards !== undefined) record.cards = cards;
  if (feedback !== undefined) record.feedback = feedback;
  return record;
}
