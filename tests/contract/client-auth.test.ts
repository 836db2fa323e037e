import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { patientViewCall } from '../support/hook-requests.js';
import { closeServices, expectOutcome, startService, type TestService } from '../support/http-service.js';
import {
  authOf,
  BASE,
  DISCOVERY,
  encoded,
  FEEDBACK,
  NOW,
  SECONDS,
  SERVICE,
  SigningClient,
} from '../support/signing-client.js';

const ISSUER = 'https://ehr.example.org/fhir';
const KEYS_AT = 'https://ehr.example.org/keys';
const TYPED = 'https://typed.example.org/by-hand';

const sandbox = await SigningClient.create('https://sandbox.example.org', 'RS384');
const small = await SigningClient.create('https://small.example.org', 'ES256');
const old = await SigningClient.create('https://old.example.org', 'RS256');
const strict = await SigningClient.create('https://strict.example.org', 'RS384');
const typing = await SigningClient.create('https://typing.example.org');
const ehr = await SigningClient.create(ISSUER);
const thief = await SigningClient.create(ISSUER);

// A JSON Web Key in the words of the library is one in Node's too.
const publicText = createPublicKey({ key: ehr.publicKey as JsonWebKey, format: 'jwk' }).export({
  type: 'spki',
  format: 'pem',
});
const absent = (claim: 'iss' | 'aud' | 'exp' | 'iat' | 'jti') => ({ [claim]: undefined });
const unsigned = (alg: string) => `Bearer ${encoded(ehr.header({ alg }))}.${encoded(ehr.claims())}.`;

describe('CDS Hooks, trusting clients', () => {
  let service: TestService;
  let now = NOW;
  beforeAll(async () => {
    const auth = authOf(
      [
        ehr.trusted({ keyAddress: KEYS_AT }),
        sandbox.trusted(),
        small.trusted(),
        old.trusted(),
        strict.trusted({ algorithms: ['ES384'] }),
        typing.trusted({ audience: [TYPED], maxLifetimeSeconds: 900 }),
      ],
      () => now,
    );
    service = await startService({ auth });
  });
  afterAll(closeServices);
  beforeEach(() => {
    now = NOW;
    service.calls.length = 0;
  });

  const call = (authorization: string | undefined, path = '/cds-services/test-patient-view') =>
    fetch(service.url + path, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        ...(authorization === undefined ? {} : { Authorization: authorization }),
      },
      body: JSON.stringify(patientViewCall()),
    });

  async function expectRefusal(response: Response, reason: string): Promise<void> {
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(await expectOutcome(response, 401, 'security')).toBe('The client is not trusted.');
    expect(service.logged().at(-1)).toMatchObject({ msg: 'requestFailed', code: 'not-trusted', reason });
    expect(service.calls).toEqual([]);
  }

  it.each<[string, () => string]>([
    ['A11.84 signed with ES384', () => ehr.bearer()],
    ['A11.84 signed with RS384', () => sandbox.bearer()],
    ['A11.84 signed with ES256', () => small.bearer()],
    ['A11.84 signed with RS256', () => old.bearer()],
    ['A11.81 with the address of its keys', () => ehr.bearer({}, { jku: KEYS_AT })],
    ['A11.82 with a list of audiences', () => ehr.bearer({ aud: ['https://other.example.org', SERVICE] })],
    ['A11.82 with a tenant', () => ehr.bearer({ tenant: 'ward-7' })],
    ['B3.1 for the address with a trailing slash', () => ehr.bearer({ aud: `${SERVICE}/` })],
    ['B3.15 with exp 59 s ago', () => ehr.bearer({ iat: SECONDS - 300, exp: SECONDS - 59 })],
    ['with iat 60 s ahead', () => ehr.bearer({ iat: SECONDS + 60, exp: SECONDS + 360 })],
    ['with nbf 60 s ahead', () => ehr.bearer({ nbf: SECONDS + 60 })],
    [
      'C1.11 with nbf 5 min before iat, exp 15 min after it, a sub and a typed aud',
      () => typing.bearer({ aud: TYPED, sub: 'client-id', nbf: SECONDS - 300, exp: SECONDS + 900 }),
    ],
    ['with a key of its own in the header, which is not read', () => ehr.bearer({}, { jwk: thief.publicKey })],
    ['with a certificate address, which is not read', () => ehr.bearer({}, { x5u: 'http://127.0.0.1:9/x' })],
  ])('takes a token %s', async (_name, bearer) => {
    expect((await call(bearer())).status).toBe(200);
    expect(service.calls).toHaveLength(1);
  });

  it.each<[string, string, () => string | undefined]>([
    ['A11.80 no header', 'no-token', () => undefined],
    ['A11.80 an empty token', 'no-token', () => 'Bearer '],
    ['A11.80 another scheme', 'no-token', () => 'Basic dXNlcjpwYXNz'],
    ['A11.80 words after the token', 'no-token', () => `${ehr.bearer()} x`],
    ['no JWT', 'malformed-token', () => 'Bearer a.b.c'],
    ['five parts', 'malformed-token', () => `${ehr.bearer()}.x.y`],
    ['claims that are no JSON', 'malformed-token', () => ehr.bearerOf('{"iss')],
    ['claims that are a list', 'malformed-token', () => ehr.bearerOf([ehr.claims()])],
    ['a header that is no JSON', 'malformed-token', () => `Bearer ${encoded('{')}.${encoded(ehr.claims())}.x`],
    ['8,193 characters', 'token-too-long', () => `Bearer ${'x'.repeat(8_193)}`],
    ['A11.84 alg none', 'wrong-algorithm', () => unsigned('none')],
    ['A11.84 alg nOnE', 'wrong-algorithm', () => unsigned('nOnE')],
    ['A11.84 no alg', 'wrong-algorithm', () => ehr.bearer({}, { alg: undefined })],
    [
      'A11.84 HS256 with the public key',
      'wrong-algorithm',
      () => ehr.bearerBySecret(String(publicText), { alg: 'HS256' }),
    ],
    ['A11.84 PS384', 'wrong-algorithm', () => sandbox.bearer({}, { alg: 'PS384' })],
    ['an algorithm that this client must not use', 'wrong-algorithm', () => strict.bearer()],
    ['ES256 for a P-384 key', 'unknown-key', () => ehr.bearer({}, { alg: 'ES256' })],
    ['RS384 for an elliptic key', 'unknown-key', () => ehr.bearer({}, { alg: 'RS384' })],
    ['RS256 for a signature by RS384', 'wrong-signature', () => sandbox.bearer({}, { alg: 'RS256' })],
    ['A11.81 no kid', 'no-key-id', () => ehr.bearer({}, { kid: undefined })],
    ['A11.81 an empty kid', 'no-key-id', () => ehr.bearer({}, { kid: '' })],
    ['A11.81 a kid that is no text', 'no-key-id', () => ehr.bearer({}, { kid: 1 })],
    ['B3.15 an unknown kid', 'unknown-key', () => ehr.bearer({}, { kid: 'key-2' })],
    ['A11.81 no typ', 'wrong-type', () => ehr.bearer({}, { typ: undefined })],
    ['A11.81 another typ', 'wrong-type', () => ehr.bearer({}, { typ: 'at+jwt' })],
    ['a critical header', 'critical-header', () => ehr.bearer({}, { crit: ['b64'], b64: true })],
    ['A11.83 another jku', 'wrong-key-address', () => ehr.bearer({}, { jku: 'https://evil.example.org/keys' })],
    ['A11.83 the jku with a slash', 'wrong-key-address', () => ehr.bearer({}, { jku: `${KEYS_AT}/` })],
    ['A11.83 the jku in capitals', 'wrong-key-address', () => ehr.bearer({}, { jku: KEYS_AT.toUpperCase() })],
    ['A11.83 a jku where none is configured', 'wrong-key-address', () => sandbox.bearer({}, { jku: KEYS_AT })],
    ['A11.82 no iss', 'unknown-issuer', () => ehr.bearer(absent('iss'))],
    ['A11.83 an iss not on the list', 'unknown-issuer', () => ehr.bearer({ iss: 'https://evil.example.org' })],
    ['A11.83 an iss with a slash more', 'unknown-issuer', () => ehr.bearer({ iss: `${ISSUER}/` })],
    ['A11.83 the iss anonymous', 'unknown-issuer', () => ehr.bearer({ iss: 'anonymous' })],
    ['A11.83 the iss __proto__', 'unknown-issuer', () => ehr.bearer({ iss: '__proto__' })],
    ['an iss that is a list', 'unknown-issuer', () => ehr.bearer({ iss: [ISSUER] })],
    ['the iss of another client', 'wrong-signature', () => ehr.bearer({ iss: typing.issuer, aud: TYPED })],
    ['a stolen key id', 'wrong-signature', () => thief.bearer({}, { jwk: thief.publicKey })],
    ['A11.82 no aud', 'missing-claim', () => ehr.bearer(absent('aud'))],
    ['A11.82 an empty list of audiences', 'wrong-audience', () => ehr.bearer({ aud: [] })],
    ['A11.82 the aud of the feedback', 'wrong-audience', () => ehr.bearer({ aud: FEEDBACK })],
    ['A11.82 the aud of discovery', 'wrong-audience', () => ehr.bearer({ aud: DISCOVERY })],
    ['A11.82 the aud of another service', 'wrong-audience', () => ehr.bearer({ aud: `${DISCOVERY}/test-order-sign` })],
    ['A11.82 the base alone', 'wrong-audience', () => ehr.bearer({ aud: BASE })],
    [
      'A11.86 the address by Host',
      'wrong-audience',
      () => ehr.bearer({ aud: `${service.url}/cds-services/test-patient-view` }),
    ],
    ['A11.82 the aud by http', 'wrong-audience', () => ehr.bearer({ aud: SERVICE.replace('https', 'http') })],
    ['A11.82 the aud with a query', 'wrong-audience', () => ehr.bearer({ aud: `${SERVICE}?a=b` })],
    ['C1.11 the address for a client with a typed aud', 'wrong-audience', () => typing.bearer()],
    ['A11.82 no exp', 'missing-claim', () => ehr.bearer(absent('exp'))],
    ['an exp that is text', 'malformed-claim', () => ehr.bearer({ exp: String(SECONDS + 300) })],
    ['B3.15 exp 60 s ago', 'expired', () => ehr.bearer({ iat: SECONDS - 300, exp: SECONDS - 60 })],
    ['A11.82 no iat', 'missing-claim', () => ehr.bearer(absent('iat'))],
    ['an iat that is text', 'malformed-claim', () => ehr.bearer({ iat: String(SECONDS) })],
    ['iat 61 s ahead', 'clock-skew', () => ehr.bearer({ iat: SECONDS + 61, exp: SECONDS + 300 })],
    ['a clock 5 min ahead', 'clock-skew', () => ehr.bearer({ iat: SECONDS + 300, exp: SECONDS + 600 })],
    ['nbf 61 s ahead', 'not-yet-valid', () => ehr.bearer({ nbf: SECONDS + 61 })],
    ['an nbf that is text', 'malformed-claim', () => ehr.bearer({ nbf: 'now' })],
    ['a life of 301 s', 'lives-too-long', () => ehr.bearer({ exp: SECONDS + 301 })],
    ['a life of ten years', 'lives-too-long', () => ehr.bearer({ exp: SECONDS + 315_360_000 })],
    ['a life over what its client may have', 'lives-too-long', () => typing.bearer({ aud: TYPED, exp: SECONDS + 901 })],
    ['A11.82 no jti', 'missing-claim', () => ehr.bearer(absent('jti'))],
    ['an empty jti', 'malformed-claim', () => ehr.bearer({ jti: '' })],
    ['a jti that is a number', 'malformed-claim', () => ehr.bearer({ jti: 7 })],
    ['a jti of 1,025 characters', 'malformed-claim', () => ehr.bearer({ jti: 'j'.repeat(1_025) })],
    ['no signature', 'wrong-signature', () => ehr.bearer().replace(/[^.]*$/, '')],
    [
      'claims changed after signing',
      'wrong-signature',
      () => ehr.bearer().replace(/\.[^.]*\./, `.${encoded(ehr.claims({ tenant: 'other' }))}.`),
    ],
  ])('A11.85 refuses, and does not say why: %s', async (_name, reason, bearer) => {
    await expectRefusal(await call(bearer()), reason);
  });

  it('A11.80 wants a token on discovery, on each service and on feedback, whether they exist or not', async () => {
    const paths = ['', '/test-patient-view', '/test-patient-view/feedback', '/none', '/none/at/all'];
    const answers = await Promise.all(paths.map((path) => fetch(`${service.url}/cds-services${path}`)));
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
  });

  it('A11.80 wants none on health and on the pages that say what this is', async () => {
    const answers = await Promise.all(['/health/live', '/health/ready', '/'].map((path) => fetch(service.url + path)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it('A11.82 lets each token in where it is meant for, and nowhere else', async () => {
    const discover = (aud: string) =>
      fetch(`${service.url}/cds-services`, { headers: { Authorization: ehr.bearer({ aud }) } });
    expect((await discover(DISCOVERY)).status).toBe(200);
    expect((await discover(SERVICE)).status).toBe(401);
    const feedback = '/cds-services/test-patient-view/feedback';
    await expectRefusal(await call(ehr.bearer({ aud: SERVICE }), feedback), 'wrong-audience');
    expect((await call(ehr.bearer({ aud: FEEDBACK }), feedback)).status).not.toBe(401);
  });

  it('A12.87 lets a preflight pass without a token', async () => {
    const response = await fetch(`${service.url}/cds-services/test-patient-view`, { method: 'OPTIONS' });
    expect(response.status).toBe(204);
  });

  it('A11.85 takes a token once, and refuses it one second later', async () => {
    const bearer = ehr.bearer();
    expect((await call(bearer)).status).toBe(200);
    service.calls.length = 0;
    now = new Date(NOW.getTime() + 1_000);
    await expectRefusal(await call(bearer), 'replayed');
  });

  it('A11.85 refuses the id of a used token in another one, but not when another client used it', async () => {
    const jti = 'the-same-id';
    expect((await call(ehr.bearer({ jti }))).status).toBe(200);
    expect((await call(sandbox.bearer({ jti }))).status).toBe(200);
    service.calls.length = 0;
    await expectRefusal(await call(ehr.bearer({ jti, exp: SECONDS + 299 })), 'replayed');
  });

  it('A11.85 takes only one of twenty that come at once', async () => {
    const bearer = ehr.bearer();
    const answers = await Promise.all(Array.from({ length: 20 }, () => call(bearer)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(19);
  });

  it('a refused token is not used up', async () => {
    const bearer = ehr.bearer({ jti: 'early', nbf: SECONDS + 90 });
    await expectRefusal(await call(bearer), 'not-yet-valid');
    now = new Date(NOW.getTime() + 60_000);
    expect((await call(bearer)).status).toBe(200);
  });

  it('A11.85 writes no token, no claim and no key id into the log', async () => {
    const bearer = thief.bearer({ jti: 'canary-id', tenant: 'canary-tenant' }, { kid: 'canary-kid' });
    await call(bearer);
    const lines = JSON.stringify(service.logged());
    expect(lines).not.toContain('canary');
    expect(lines).not.toContain(bearer.slice(7, 40));
    expect(service.logged().at(-1)).toMatchObject({ reason: 'unknown-key', client: ISSUER });
  });
});
