import { describe, expect, it } from '@jest/globals';
import { callFailure } from '../../../src/patient-data/call-failure.js';

/** As the client throws it for an answer that is an error. */
const answered = (status: unknown, retryAfter?: string) => ({
  response: { status },
  config: { headers: new Headers(retryAfter === undefined ? {} : { 'retry-after': retryAfter }) },
});

const RETRY_MS = 100;
const failureOf = (error: unknown) => callFailure(error, RETRY_MS);

describe('a call that failed', () => {
  it('with 401 was answered, and its token is not shown again', () => {
    expect(failureOf(answered(401))).toEqual({ failure: 'not-permitted', health: 'answered', isTokenRefused: true });
  });

  it('with 403 was answered, and the token may do for something else', () => {
    expect(failureOf(answered(403))).toEqual({ failure: 'not-permitted', health: 'answered' });
  });

  it.each([400, 404, 410, 412, 422])('with %i was answered, and another try is of no use', (status) => {
    expect(failureOf(answered(status))).toEqual({ failure: 'failed', health: 'answered' });
  });

  it.each([501, 504, 507])('with %i says that the server is down', (status) => {
    expect(failureOf(answered(status))).toEqual({ failure: 'failed', health: 'failed' });
  });

  it.each([429, 500, 502, 503])('with %i may go better a little later, and not at the same time for all', (status) => {
    const failures = Array.from({ length: 50 }, () => failureOf(answered(status)));
    for (const failure of failures) expect(failure).toMatchObject({ failure: 'failed', health: 'failed' });
    const pauses = failures.map(({ retryMs = NaN }) => retryMs);
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(RETRY_MS);
    expect(Math.max(...pauses)).toBeLessThan(2 * RETRY_MS);
    expect(new Set(pauses).size).toBeGreaterThan(1);
    expect(failures.every((failure) => !('restMs' in failure))).toBe(true);
  });

  it('is tried again after as long as the server asks, and the server is left alone for it', () => {
    const failure = failureOf(answered(503, '2'));
    expect(failure).toMatchObject({ failure: 'failed', health: 'failed', restMs: 2_000 });
    expect(failure.retryMs).toBeGreaterThanOrEqual(2_000);
    expect(failure.retryMs).toBeLessThan(2_000 + RETRY_MS);
    expect(failureOf(answered(504, '999999'))).toEqual({ failure: 'failed', health: 'failed', restMs: 999_999_000 });
  });

  it.each(['Sun, 17 May 2099 00:00:00 GMT', '1000000', '-1', '1.5', '2 s', 'in 2', ''])(
    'with Retry-After %j is not tried again in the time of a hook',
    (time) => {
      expect(failureOf(answered(503, time))).toMatchObject({ restMs: Infinity, retryMs: Infinity });
    },
  );

  it('without an answer says that the server is down when the connection failed', () => {
    const cause = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    expect(failureOf(new TypeError('fetch failed', { cause }))).toEqual({ failure: 'failed', health: 'failed' });
  });

  it.each<[string, unknown]>([
    ['its answer could not be read', new SyntaxError('Unexpected token <')],
    ['a status is no number', answered('503')],
    ['an answer holds no status', { response: null, config: null }],
    ['something else was thrown', 'canary'],
    ['nothing was thrown', undefined],
  ])('says nothing against the server when %s', (_name, error) => {
    expect(failureOf(error)).toEqual({ failure: 'failed', health: 'answered' });
  });

  it('without the headers of its answer is one where the server names no pause', () => {
    const failure = failureOf({ response: { status: 503 }, config: { headers: { 'retry-after': '2' } } });
    expect(failure).toEqual({ failure: 'failed', health: 'failed', retryMs: expect.any(Number) });
    expect(failure.retryMs).toBeLessThan(2 * RETRY_MS);
  });
});
