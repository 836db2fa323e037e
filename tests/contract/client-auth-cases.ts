import { createPublicKey, type JsonWebKey } from 'node:crypto';
import type { TrustedClient } from '../../src/http/client-token.js';
import { BASE, DISCOVERY, encoded, FEEDBACK, SECONDS, SERVICE, SigningClient } from '../support/signing-client.js';

const ISSUER = 'https://ehr.example.org/fhir';
const KEYS_AT = 'https://ehr.example.org/keys';
const TYPED = 'https://typed.example.org/by-hand';

export const sandbox = await SigningClient.create('https://sandbox.example.org', 'RS384');
const small = await SigningClient.create('https://small.example.org', 'ES256');
const old = await SigningClient.create('https://old.example.org', 'RS256');
const strict = await SigningClient.create('https://strict.example.org', 'RS384');
const typing = await SigningClient.create('https://typing.example.org');
export const ehr = await SigningClient.create(ISSUER);
/** Has a key of its own, and says it is the EHR. */
export const thief = await SigningClient.create(ISSUER);

/** Those that are trusted. */
export const CLIENTS: readonly TrustedClient[] = [
  ehr.trusted({ keyAddress: KEYS_AT }),
  sandbox.trusted(),
  small.trusted(),
  old.trusted(),
  strict.trusted({ algorithms: ['ES384'] }),
  typing.trusted({ audience: [TYPED], maxLifetimeSeconds: 900 }),
];

// A JSON Web Key in the words of the library is one in Node's too.
const publicText = createPublicKey({ key: ehr.publicKey as JsonWebKey, format: 'jwk' }).export({
  type: 'spki',
  format: 'pem',
});
const absent = (claim: 'iss' | 'aud' | 'exp' | 'iat' | 'jti') => ({ [claim]: undefined });
const unsigned = (alg: string) => `Bearer ${encoded(ehr.header({ alg }))}.${encoded(ehr.claims())}.`;

/** Tokens that are taken, for the service of patient-view at the time that `signing-client` takes for now. */
export const TAKEN: readonly (readonly [name: string, bearer: () => string])[] = [
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
];

/** Tokens that are refused, with the reason that stands in the log. */
export const REFUSED: readonly (readonly [name: string, reason: string, bearer: () => string])[] = [
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
];
