import { beforeEach, describe, expect, it } from '@jest/globals';
import { checkToken, type TrustedClient } from '../../../src/http/client-token.js';
import { NOW, SECONDS, SERVICE } from '../../support/signing-client.js';
import { CLIENTS, ehr, REFUSED, TAKEN } from '../../contract/client-auth-cases.js';

let noted: string[];
let used: unknown[][];
let isNew: boolean;
beforeEach(() => {
  noted = [];
  used = [];
  isNew = true;
});

/** The client that the token is believed to come from; rejected as `checkToken` does. */
function check(bearer: string, now = NOW): Promise<TrustedClient> {
  const checks = {
    clients: new Map(CLIENTS.map((client) => [client.issuer, client])),
    replays: {
      use: async (...parts: unknown[]) => {
        used.push(parts);
        return isNew;
      },
    },
    clock: () => now,
  };
  return checkToken(bearer.replace('Bearer ', ''), SERVICE, checks, (issuer) => noted.push(issuer));
}

const refusalOf = async (bearer: string, now?: Date): Promise<unknown> =>
  check(bearer, now).catch((error: unknown) => error);

describe('a token', () => {
  it.each(TAKEN)('is taken %s', async (_name, bearer) => {
    await check(bearer());
    expect(used).toHaveLength(1);
  });

  it.each(REFUSED)('is refused: %s', async (_name, reason, bearer) => {
    expect(await refusalOf(bearer())).toMatchObject({ code: 'not-trusted', reason });
    expect(used).toEqual([]);
  });

  it('names its client, and is remembered for as long as any clock may take it', async () => {
    const trusted = await check(ehr.bearer({ jti: 'one', exp: SECONDS + 300 }));
    expect(trusted.issuer).toBe(ehr.issuer);
    expect(noted).toEqual([ehr.issuer]);
    expect(used).toEqual([[ehr.issuer, 'one', new Date((SECONDS + 360) * 1_000)]]);
  });

  it('that is refused names its client too, and is not remembered', async () => {
    expect(await refusalOf(ehr.bearer({}, { kid: 'other' }))).toMatchObject({ reason: 'unknown-key' });
    expect([noted, used]).toEqual([[ehr.issuer], []]);
  });

  it('of nobody we know names nobody', async () => {
    expect(await refusalOf(ehr.bearer({ iss: 'https://other.example.org' }))).toMatchObject({
      reason: 'unknown-issuer',
    });
    expect(noted).toEqual([]);
  });

  it('is taken with its type in small letters, and with the longest id', async () => {
    await check(ehr.bearer({ jti: 'j'.repeat(1_024) }, { typ: 'jwt' }));
    expect(used).toHaveLength(1);
  });

  it('with a type that is no text is refused', async () => {
    expect(await refusalOf(ehr.bearer({}, { typ: 7 }))).toMatchObject({ code: 'not-trusted', reason: 'wrong-type' });
  });

  it('is read up to 8,192 characters', async () => {
    expect(await refusalOf('x'.repeat(8_192))).toMatchObject({ reason: 'malformed-token' });
    expect(await refusalOf('x'.repeat(8_193))).toMatchObject({ reason: 'token-too-long' });
  });

  it('that was used is refused', async () => {
    isNew = false;
    expect(await refusalOf(ehr.bearer())).toMatchObject({ reason: 'replayed', message: 'The client is not trusted.' });
  });
});

describe('a clock that is off', () => {
  const HALF_PAST = new Date(NOW.getTime() + 600);

  it.each([
    ['ahead', 'clock-skew', 300, { iat: SECONDS + 300, exp: SECONDS + 600 }, NOW],
    ['ahead, in a token that holds later', 'not-yet-valid', 300, { iat: SECONDS + 300, nbf: SECONDS + 300 }, NOW],
    ['behind', 'expired', -360, { iat: SECONDS - 360, exp: SECONDS - 60 }, NOW],
    ['ahead by a minute and a bit', 'clock-skew', 60, { iat: SECONDS + 61 }, HALF_PAST],
    ['behind, within a second', 'expired', -361, { iat: SECONDS - 360, exp: SECONDS - 60 }, HALF_PAST],
  ])('is told with the refusal: %s', async (_name, reason, skewSeconds, claims, now) => {
    expect(await refusalOf(ehr.bearer(claims), now)).toMatchObject({ reason, skewSeconds });
  });

  it('is not made up from a time that is none', async () => {
    const refusal = await refusalOf(ehr.bearer({ iat: 1e300, exp: SECONDS - 60 }));
    expect(refusal).toMatchObject({ reason: 'expired' });
    expect(refusal).not.toHaveProperty('skewSeconds', expect.any(Number));
  });

  it('is not told where the refusal is about something else', async () => {
    const refusal = await refusalOf(ehr.bearer({ aud: 'https://other.example.org' }));
    expect(refusal).toMatchObject({ reason: 'wrong-audience' });
    expect(refusal).not.toHaveProperty('skewSeconds', expect.any(Number));
  });
});
