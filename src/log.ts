import { pino, type DestinationStream } from 'pino';
import type { RefusalReason } from './errors.js';

/** A hook was answered with cards (or silence). */
export interface HookAnswered {
  service: string;
  /** Short hash of the hookInstance. */
  instance: string;
  cards: number;
  ms: number;
}

/** A request was refused or broke; codes and class names only, never a message. */
export interface RequestFailed {
  code: string;
  status: number;
  service?: string;
  /** Issuer of the client, as the configuration names it. */
  client?: string;
  /** Why the client was not trusted. */
  reason?: RefusalReason;
  /** How far the client's clock seems to be ahead or behind, where that is why. */
  skewSeconds?: number;
  ms: number;
  /** Class names of the error and its causes. */
  errors?: string[];
  /** Stack frames without the message. */
  where?: string[];
}

/** Feedback is on disk. */
export interface FeedbackStored {
  service: string;
  /** New and repeated events; an entry with several suggestions is several. */
  stored: number;
  repeated: number;
  /** Entries that could not be read. */
  unreadable: number;
  ms: number;
}

/** The feedback store could not be used; `reason` is the database's own code. */
export interface StoreFailed {
  task: string;
  reason: string;
  /** Cards that wait to be written, and cards given up. */
  waiting?: number;
  dropped?: number;
}

/** What the service writes down: one method per event, its fields listed in `FIELDS`; everything else is dropped. */
export interface Log {
  started(entry: { url: string; metrics?: string; services: number; ms: number }): void;
  /** The usual port of the metrics is taken: they are to be had nowhere. */
  metricsNotServed(entry: { port: number }): void;
  /** How many libraries run compiled, and the names of those that the interpreter runs. */
  knowledgeLoaded(entry: { compiled: number; interpreted: string[] }): void;
  /** Told to stop: not ready any more, but calls are still answered. */
  stopping(entry: { reason: string }): void;
  stopped(entry: { reason: string }): void;
  hookAnswered(entry: HookAnswered): void;
  /** The client went away before it was answered. */
  hookAbandoned(entry: { service: string; ms: number }): void;
  requestFailed(entry: RequestFailed): void;
  /** The keys of a client could not be fetched; those known before hold for a while. */
  keysNotFetched(entry: { client: string; errors: string[] }): void;
  /** Compiled libraries that met a value they are not compiled for, so that the interpreter ran them. */
  librariesInterpreted(entry: { libraries: string[] }): void;
  /** A library of the knowledge threw; its name and the class names of what it threw. */
  libraryFailed(entry: { library: string; errors: string[] }): void;
  /** A thread for large bodies was ended for what it was asked to do, or could not start. */
  threadEnded(entry: { reason: string }): void;
  feedbackStored(entry: FeedbackStored): void;
  storeFailed(entry: StoreFailed): void;
}

/** Types do not stop a caller from passing more, so the list is applied at run time too. */
export const FIELDS = {
  started: ['url', 'metrics', 'services', 'ms'],
  metricsNotServed: ['port'],
  knowledgeLoaded: ['compiled', 'interpreted'],
  stopping: ['reason'],
  stopped: ['reason'],
  librariesInterpreted: ['libraries'],
  hookAnswered: ['service', 'instance', 'cards', 'ms'],
  hookAbandoned: ['service', 'ms'],
  libraryFailed: ['library', 'errors'],
  threadEnded: ['reason'],
  feedbackStored: ['service', 'stored', 'repeated', 'unreadable', 'ms'],
  storeFailed: ['task', 'reason', 'waiting', 'dropped'],
  keysNotFetched: ['client', 'errors'],
  requestFailed: ['code', 'status', 'service', 'client', 'reason', 'skewSeconds', 'ms', 'errors', 'where'],
} as const satisfies Record<keyof Log, readonly string[]>;

/** A JSON-lines logger for `level` (pino's names, or silent), to standard output unless told otherwise. */
export function createLog(level: string, destination: DestinationStream = pino.destination({ sync: true })): Log {
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  const info = (event: keyof Log) => (entry: object) => {
    logger.info(allowed(event, entry), event);
  };
  const warning = (event: keyof Log) => (entry: object) => {
    logger.warn(allowed(event, entry), event);
  };
  const failure = (event: keyof Log) => (entry: object) => {
    logger.error(allowed(event, entry), event);
  };
  return {
    started: info('started'),
    knowledgeLoaded: info('knowledgeLoaded'),
    stopping: info('stopping'),
    stopped: info('stopped'),
    librariesInterpreted: info('librariesInterpreted'),
    hookAnswered: info('hookAnswered'),
    hookAbandoned: info('hookAbandoned'),
    feedbackStored: info('feedbackStored'),
    libraryFailed: failure('libraryFailed'),
    threadEnded: failure('threadEnded'),
    storeFailed: failure('storeFailed'),
    metricsNotServed: warning('metricsNotServed'),
    keysNotFetched: warning('keysNotFetched'),
    requestFailed: (entry) => {
      const write = entry.status >= 500 ? logger.error : logger.warn;
      write.call(logger, allowed('requestFailed', entry), 'requestFailed');
    },
  };
}

function allowed(event: keyof Log, entry: object): Record<string, unknown> {
  const known = entry as Record<string, unknown>; // its fields are read by the names in the list alone
  const kept: Record<string, unknown> = {};
  for (const name of FIELDS[event]) if (name in known) kept[name] = known[name];
  return kept;
}
