import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import express, { type Express, type RequestHandler } from 'express';
import { ipKeyGenerator, rateLimit, type Options } from 'express-rate-limit';
import helmet from 'helmet';
import type { CdsService } from '../cds-hooks.js';
import { ServiceError } from '../errors.js';
import type { Log } from '../log.js';
import { type CallRecord, type HookStage, noteCall, noteService, recordCalls } from './call-record.js';
import { requireClient, type ClientAuth } from './client-auth.js';
import { allowOrigins, answerPreflight } from './cors.js';
import { answerDiscovery } from './discovery.js';
import { errorResponse } from './error-response.js';
import { answerExplain, type Explain, type ExplainCallParts } from './explain-call.js';
import { answerFeedback, rememberCards, type FeedbackParts } from './feedback.js';
import { answerFeedbackSummary, requireLocal } from './feedback-summary.js';
import { answerFrontPage, type About } from './front-page.js';
import { answerLive, answerReady } from './health.js';
import type { LargeBodies } from './large-body.js';
import { refuseWhenLate } from './lateness.js';
import { readBytes } from './read-body.js';
import { answerCall, serviceCalled, type Advise } from './service-call.js';
import { type SharedCounts, SharedLimit } from './shared-limit.js';

const EXPLAIN_PATH = '/app/explain';
/** An explanation asks every rule for its reasons: dearer than a call, and asked by people only. */
const EXPLAIN_PER_MINUTE = 240;
/** Whoever can set a header may ask, and an explanation takes several times as long as cards. */
const MOST_EXPLAINED_BYTES = 2_000_000;

/** The settings this layer needs; `Config` holds them all. */
export interface HttpSettings {
  corsOrigins: readonly string[];
  maxBodyBytes: number;
  hookDeadlineMs: number;
  rateLimitPerMinute: number;
  allowEvaluationTime: boolean;
  /** Only this machine can call. */
  isLocal: boolean;
  /** FHIR servers whose records are seen from a moment of their own. */
  historicalServers?: readonly string[];
  /** Says in a header how long each stage took. */
  serverTiming?: boolean;
}

/** Something the composer adds to the routes below. */
export interface Route {
  path: string;
  handler: RequestHandler;
}

export interface AppParts {
  config: HttpSettings;
  services: readonly CdsService[];
  advise: Advise;
  /** Absent: every body is answered in this thread. */
  large?: LargeBodies;
  isReady: () => boolean;
  log: Log;
  /** Told of every request once it is over; must not throw. */
  onCallEnded?: (call: CallRecord) => void;
  /** Told how long each stage of a hook took. */
  onStage?: (stage: HookStage, ms: number) => void;
  about: About;
  feedback: FeedbackParts['store'];
  /** Absent: nobody is asked who they are. */
  auth?: ClientAuth;
  demo?: Route;
  handouts?: Route;
  /** What the service says of itself, beside the front page. */
  documents?: Route;
  /** Our own pages, and what they ask; without them the front page stands alone. */
  pages?: Route;
  explain?: Explain;
  clock?: () => Date;
}

/** The whole HTTP surface: every route and middleware, in order. */
export function createApp({ clock = () => new Date(), ...parts }: AppParts): Express {
  const { config, services, advise, isReady, log, onStage, about, feedback, auth, explain } = parts;
  const limitRate = rateLimits({ counts: feedback.requestCounts, clock });
  const app = express().disable('x-powered-by').disable('etag');
  const onAnswered = rememberCards(feedback, { ...about, clock });
  const shared = { ...(parts.large === undefined ? {} : { large: parts.large }), clock, settings: config };
  const read = readBytes(config.maxBodyBytes);
  const call = answerCall({ services, advise, readBytes: read, log, onStage, onAnswered, ...shared });
  const report = answerFeedback({ services, store: feedback, log, settings: config });
  const known = auth ? requireClient(auth) : requireLocal(config.isLocal);

  app.use(noteStart, recordCalls(parts.onCallEnded), securityHeaders(), noStore);
  app.route('/health/live').get(answerLive).all(allowOnly('GET, HEAD'));
  app.route('/health/ready').get(answerReady(isReady)).all(allowOnly('GET, HEAD'));

  app.use('/cds-services/:id', noteService(services)).use(EXPLAIN_PATH, noteExplanation);
  app.use('/cds-services', allowOrigins(config.corsOrigins));
  app.options(['/cds-services', '/cds-services/:id', '/cds-services/:id/feedback'], answerPreflight);
  if (auth) app.use('/cds-services', limitRate('refusals', config.rateLimitPerMinute, REFUSALS_ONLY), known);
  app.use(limitRate('requests', config.rateLimitPerMinute));

  // The path of every chart that is opened comes first.
  app.route('/cds-services/:id').post(refuseWhenLate(), call).all(requireService(services), allowOnly('POST, OPTIONS'));
  const { pages, documents, handouts, demo } = parts;
  if (pages) app.use(pages.path, pages.handler);
  app.route('/').get(answerFrontPage(about, services)).all(allowOnly('GET, HEAD'));
  app.route('/cds-services').get(answerDiscovery(services)).all(allowOnly('GET, HEAD, OPTIONS'));
  app.route('/cds-services/:id/feedback').post(report).all(requireService(services), allowOnly('POST, OPTIONS'));
  app.route('/feedback/summary').get(known, answerFeedbackSummary(feedback)).all(allowOnly('GET, HEAD'));

  if (explain)
    app.use(EXPLAIN_PATH, limitRate('explanations', EXPLAIN_PER_MINUTE), explanations({ explain, ...shared }));
  for (const route of [documents, handouts]) if (route) app.use(route.path, route.handler);
  if (demo) app.use(demo.path, allowOrigins(config.corsOrigins), demo.handler);

  app.use(answerNotFound, errorResponse(log));
  return app;
}

/** What our own pages ask for. */
function explanations(
  parts: Omit<ExplainCallParts, 'readBytes'> & { settings: { maxBodyBytes: number } },
): RequestHandler {
  const body = readBytes(Math.min(parts.settings.maxBodyBytes, MOST_EXPLAINED_BYTES));
  const router = express.Router();
  router
    .route('/')
    .post(answerExplain({ ...parts, readBytes: body }))
    .all(allowOnly('POST'));
  return router;
}

const noteStart: RequestHandler = (_request, response, next) => {
  response.locals['startedAt'] = performance.now();
  next();
};

const noteExplanation: RequestHandler = (_request, response, next) => {
  noteCall(response, { kind: 'explanation' });
  next();
};

/** Answers are about one patient at one moment. */
const noStore: RequestHandler = (_request, response, next) => {
  response.setHeader('Cache-Control', 'no-store');
  next();
};

/** Helmet writes the same headers on every answer, so it is asked once. */
function securityHeaders(): RequestHandler {
  const none = ["'none'"];
  const directives = { defaultSrc: none, baseUri: none, formAction: none, frameAncestors: none };
  const headers = headersOf(helmet({ contentSecurityPolicy: { useDefaults: false, directives } }));
  return (_request, response, next) => {
    for (const [name, value] of headers) response.setHeader(name, value);
    next();
  };
}

function headersOf(write: (request: IncomingMessage, response: ServerResponse, next: () => void) => void) {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  write(response.req, response, () => undefined);
  return response.getHeaderNames().map((name): [string, string] => [name, String(response.getHeader(name))]);
}

/** Before a client is known, only refusals are counted: many clients may share the address of a proxy. */
const REFUSALS_ONLY: Partial<Options> = {
  skipSuccessfulRequests: true,
  requestWasSuccessful: (_request, { statusCode }) => statusCode !== 401,
};

const WINDOW_MS = 60_000;

/** Keyed by client, or by address where none is known: the forwarding headers of a stranger are not believed. */
function rateLimits({ counts, clock }: { counts: SharedCounts | undefined; clock: () => Date }) {
  return (name: string, perMinute: number, options: Partial<Options> = {}): RequestHandler =>
    rateLimit({
      windowMs: WINDOW_MS,
      limit: perMinute,
      // A later draft has the caller hashed into the header of every answer. Where several limits hold, the last is told.
      standardHeaders: 'draft-7',
      legacyHeaders: false,
      // Its checks print to the console, past the log.
      validate: false,
      keyGenerator: ({ ip = '' }, { locals }) =>
        typeof locals['client'] === 'string' ? `client ${locals['client']}` : ipKeyGenerator(ip),
      handler: (_request, _response, next) => {
        next(new ServiceError('too-many-requests', 'Too many requests; try again later.'));
      },
      ...(counts ? { store: new SharedLimit({ name, windowMs: WINDOW_MS, counts, clock }) } : {}),
      ...options,
    });
}

function requireService(services: readonly CdsService[]): RequestHandler {
  return (request, _response, next) => {
    serviceCalled(services, request.params['id']);
    next();
  };
}

function allowOnly(methods: string): RequestHandler {
  return (_request, response) => {
    response.set('Allow', methods);
    throw new ServiceError('method-not-allowed', `Only ${methods} can be used here.`);
  };
}

const answerNotFound: RequestHandler = () => {
  throw new ServiceError('unknown-service', 'There is nothing at this address.');
};
