import type { ErrorRequestHandler, Response } from 'express';
import type { OperationOutcome, OperationOutcomeIssue } from 'fhir/r4.js';
import { ServiceError, type ServiceErrorCode } from '../errors.js';
import type { Log, RequestFailed } from '../log.js';
import { noteCall } from './call-record.js';

interface Answer {
  status: number;
  /** FHIR issue type. */
  issue: OperationOutcomeIssue['code'];
  /** Seconds. */
  retryAfter?: number;
}

/** What the client is told for each code. */
const ANSWERS: Record<ServiceErrorCode, Answer> = {
  'malformed-request': { status: 400, issue: 'invalid' },
  'not-trusted': { status: 401, issue: 'security' },
  'unknown-service': { status: 404, issue: 'not-found' },
  'method-not-allowed': { status: 405, issue: 'not-supported' },
  'data-not-available': { status: 412, issue: 'incomplete' },
  'fhir-request-failed': { status: 412, issue: 'incomplete' },
  'too-large': { status: 413, issue: 'too-long' },
  'wrong-media-type': { status: 415, issue: 'not-supported' },
  'too-many-requests': { status: 429, issue: 'throttled', retryAfter: 60 },
  'not-ready': { status: 503, issue: 'transient', retryAfter: 5 },
  'store-not-available': { status: 503, issue: 'transient', retryAfter: 30 },
  'invalid-config': { status: 500, issue: 'exception' },
  'invalid-knowledge': { status: 500, issue: 'exception' },
};

/** Everything that is ever answered. */
export const ANSWERED_STATUSES: readonly number[] = [
  ...new Set([200, ...Object.values(ANSWERS).map(({ status }) => status)]),
];

const UNEXPECTED: Answer = { status: 500, issue: 'exception' };
const HIDDEN_TEXT = 'Something went wrong in the service.';
const MOST_FRAMES = 5;
const MOST_CAUSES = 4;

/** The last middleware: every error leaves as an OperationOutcome, and is logged by code. */
export function errorResponse(log: Log): ErrorRequestHandler {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- Express knows an error handler by its four parameters.
  return (thrown: unknown, _request, response, _next) => {
    const error =
      thrown instanceof URIError ? new ServiceError('malformed-request', 'The path cannot be read.') : thrown;
    const answer = answerTo(error);
    const described = describe(error);
    log.requestFailed({ ...logFields(response), ...described, status: answer.status });
    noteCall(response, {
      code: described.code,
      ...(described.reason === undefined ? {} : { reason: described.reason }),
    });
    // Half an answer is out already. Express would close the connection too, but print the error first.
    if (response.headersSent) {
      response.destroy();
      return;
    }
    sendOutcome(response, answer, error);
  };
}

function sendOutcome(response: Response, answer: Answer, error: unknown): void {
  if (answer.status === 401) response.set('WWW-Authenticate', 'Bearer');
  // The rate limiter knows better when to come back.
  if (answer.retryAfter !== undefined && !response.get('Retry-After'))
    response.set('Retry-After', String(answer.retryAfter));
  const text = error instanceof ServiceError && answer.status !== 500 ? error.message : HIDDEN_TEXT;
  response
    .status(answer.status)
    .type('application/fhir+json')
    .send(JSON.stringify(outcome(answer.issue, text)));
}

/** A bare HTTP answer, for requests that break before they are one. */
export function rawErrorResponse(error: ServiceError): string {
  const { status, issue } = answerTo(error);
  const body = JSON.stringify(outcome(issue, error.message));
  const headers = ['Content-Type: application/fhir+json; charset=utf-8', `Content-Length: ${Buffer.byteLength(body)}`];
  return [`HTTP/1.1 ${status} Refused`, ...headers, 'Connection: close', '', body].join('\r\n');
}

function answerTo(error: unknown): Answer {
  return error instanceof ServiceError ? ANSWERS[error.code] : UNEXPECTED;
}

function outcome(code: OperationOutcomeIssue['code'], diagnostics: string): OperationOutcome {
  return { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code, diagnostics }] };
}

/** The service called, by whom, and the time it took, as the routes have noted them. */
function logFields({ locals }: Response): { service?: string; client?: string; ms: number } {
  const ms = typeof locals['startedAt'] === 'number' ? Math.round(performance.now() - locals['startedAt']) : 0;
  return {
    ...(typeof locals['service'] === 'string' ? { service: locals['service'] } : {}),
    ...(typeof locals['client'] === 'string' ? { client: locals['client'] } : {}),
    ms,
  };
}

/** An unexpected error is logged with its place, but never with its message, which may hold patient data. */
function describe(error: unknown): Omit<RequestFailed, 'status' | 'ms'> {
  const code = error instanceof ServiceError ? error.code : 'unexpected';
  if (error instanceof ServiceError && error.reason !== undefined) {
    const { reason, skewSeconds } = error;
    return { code, reason, ...(skewSeconds === undefined ? {} : { skewSeconds }) };
  }
  const chain = causes(error);
  if (code !== 'unexpected' && chain.length < 2) return { code };
  const errors = chain.map((link) => link.constructor.name);
  return answerTo(error).status === 500 ? { code, errors, where: chain.flatMap(frames) } : { code, errors };
}

function causes(error: unknown, depth = 0): Error[] {
  return error instanceof Error && depth < MOST_CAUSES ? [error, ...causes(error.cause, depth + 1)] : [];
}

/** The stack behind the message; none when the message is not found in it, since then the two cannot be told apart. */
function frames({ stack = '', message }: Error): string[] {
  const start = stack.indexOf(message);
  const lines = start < 0 ? [] : stack.slice(start + message.length).split('\n');
  return lines
    .filter((line) => /^ {4}at /.test(line))
    .slice(0, MOST_FRAMES)
    .map((line) => line.trim());
}
