import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { closeServices, startService, type TestService } from '../support/http-service.js';
import { authOf, DISCOVERY, encoded, SECONDS, SigningClient } from '../support/signing-client.js';

const ehr = await SigningClient.create('https://ehr.example.org/fhir');
const stranger = await SigningClient.create('https://ehr.example.org/fhir');

/** What the specification leaves open; the rest must be just so. */
const times = fc.record({
  iat: fc.integer({ min: -400, max: 70 }),
  life: fc.integer({ min: 0, max: 310 }),
  nbf: fc.option(fc.integer({ min: -600, max: 70 }), { nil: undefined }),
});

const anything = fc.oneof(
  fc.string(),
  fc.constantFrom('', 'none', 'HS256', 'ES384', 'RS384', 'JWT', DISCOVERY, ehr.issuer, 'key-1'),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.string(), { maxLength: 3 }),
  fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
);

const CHARACTERS = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.');

describe('the door', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startService({
      auth: authOf([ehr.trusted()]),
      settings: { rateLimitPerMinute: 1_000_000 },
    });
  });
  afterAll(closeServices);

  async function statusFor(authorization: string): Promise<number> {
    const headers = { Authorization: authorization };
    const response = await fetch(`${service.url}/cds-services`, { headers });
    const body = await response.text();
    if (response.status === 401)
      expect(body).toBe(
        '{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"security","diagnostics":"The client is not trusted."}]}',
      );
    return response.status;
  }

  it('opens to well-made tokens within their time, and only then', async () => {
    await fc.assert(
      fc.asyncProperty(times, async ({ iat, life, nbf }) => {
        const claims = { aud: DISCOVERY, iat: SECONDS + iat, exp: SECONDS + iat + life };
        const token = ehr.bearer({ ...claims, ...(nbf === undefined ? {} : { nbf: SECONDS + nbf }) });
        const isInTime = iat + life > -60 && iat <= 60 && life <= 300 && (nbf ?? 0) <= 60;
        expect(await statusFor(token)).toBe(isInTime ? 200 : 401);
      }),
      { numRuns: 150 },
    );
  });

  it('stays closed to a token changed in any one character', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.constantFrom(...CHARACTERS), async (place, character) => {
        const token = ehr.bearer({ aud: DISCOVERY });
        const index = 'Bearer '.length + (place % (token.length - 'Bearer '.length));
        const changed = token.slice(0, index) + character + token.slice(index + 1);
        fc.pre(changed !== token);
        expect(await statusFor(changed)).toBe(401);
      }),
      { numRuns: 200 },
    );
  });

  it('stays closed to whatever else a header or a claim holds, signed by a stranger or not at all', async () => {
    const header = fc.constantFrom('alg', 'kid', 'typ', 'jku', 'jwk', 'x5c', 'x5u', 'crit', 'b64', 'zip');
    const claim = fc.constantFrom('iss', 'aud', 'exp', 'iat', 'jti', 'nbf', 'sub', 'tenant');
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(header, anything, { noNullPrototype: true }),
        fc.dictionary(claim, anything, { noNullPrototype: true }),
        async (headers, claims) => {
          expect(await statusFor(stranger.bearer({ aud: DISCOVERY, ...claims }, headers))).toBe(401);
          const bare = `${encoded(ehr.header(headers))}.${encoded(ehr.claims({ aud: DISCOVERY, ...claims }))}.`;
          expect(await statusFor(`Bearer ${bare}`)).toBe(401);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('stays closed to headers that are no token', async () => {
    const visible = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) });
    await fc.assert(
      fc.asyncProperty(visible, fc.boolean(), async (text, hasScheme) => {
        expect(await statusFor(hasScheme ? `Bearer ${text}` : text)).toBe(401);
      }),
      { numRuns: 150 },
    );
  });
});
