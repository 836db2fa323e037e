import type { GapReason } from '../patient-record.js';
import type { JudgedCall } from './circuit-breaker.js';
import { isRecord } from '../is-record.js';

/** A call that brought nothing. */
export interface FailedCall extends JudgedCall {
  failure: Exclude<GapReason, 'not-provided'>;
  /** It may go better after this pause. */
  retryMs?: number;
  /** The server does not believe the token. */
  isTokenRefused?: true;
}

/** Statuses after which a second try is worth while. */
const PASSING = new Set<unknown>([429, 500, 502, 503]);

/**
 * What an error of the client means. Only the status decides: the library's messages and bodies may hold what must not
 * leave here.
 * @param retryMs pause before a second try where the server names none
 */
export function callFailure(error: unknown, retryMs: number): FailedCall {
  const status = statusOf(error);
  if (status === 401) return { failure: 'not-permitted', health: 'answered', isTokenRefused: true };
  if (status === 403) return { failure: 'not-permitted', health: 'answered' };
  const asked = retryAfterMs(error);
  const rest = asked === undefined ? {} : { restMs: asked };
  if (PASSING.has(status)) return { failure: 'failed', health: 'failed', ...rest, retryMs: jittered(asked, retryMs) };
  const isDown = status === undefined ? isFromFetch(error) : status > 500;
  return { failure: 'failed', health: isDown ? 'failed' : 'answered', ...rest };
}

/** Hooks that failed together do not come back together. */
function jittered(asked: number | undefined, retryMs: number): number {
  return (asked ?? retryMs) + Math.random() * retryMs;
}

function statusOf(error: unknown): number | undefined {
  const response = isRecord(error) ? error['response'] : undefined;
  const status = isRecord(response) ? response['status'] : undefined;
  return typeof status === 'number' ? status : undefined;
}

/** Whether the connection failed, and not the reading of what came: errors of fetch are the only ones with a cause. */
function isFromFetch(error: unknown): boolean {
  return isRecord(error) && error['cause'] !== undefined;
}

/** The header in seconds; a date there is taken as too far away. */
function retryAfterMs(error: unknown): number | undefined {
  const config = isRecord(error) ? error['config'] : undefined;
  const headers = isRecord(config) ? config['headers'] : undefined;
  const text = headers instanceof Headers ? headers.get('retry-after') : null;
  if (text === null) return undefined;
  return /^\d{1,6}$/.test(text) ? Number(text) * 1_000 : Infinity;
}
