import { createHmac, KeyObject, randomUUID, sign } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK, type JWTPayload } from 'jose';
import type { ClientAuth } from '../../src/http/client-auth.js';
import { fixedKeys } from '../../src/http/client-keys.js';
import type { TrustedClient } from '../../src/http/client-token.js';
import { replaysInMemory } from '../../src/http/replay-store.js';

export const BASE = 'https://cds.example.org/renal';
export const DISCOVERY = `${BASE}/cds-services`;
export const SERVICE = `${DISCOVERY}/test-patient-view`;
export const FEEDBACK = `${SERVICE}/feedback`;
export const NOW = new Date('2026-11-22T08:00:00Z');
export const SECONDS = NOW.getTime() / 1_000;

type Fields = Record<string, unknown>;

/** A CDS client with a key pair of its own. A field that is undefined is left out of its tokens. */
export class SigningClient {
  readonly issuer: string;
  readonly algorithm: string;
  readonly publicKey: JWK;
  readonly #privateKey: KeyObject;

  private constructor(issuer: string, algorithm: string, publicKey: JWK, privateKey: KeyObject) {
    this.issuer = issuer;
    this.algorithm = algorithm;
    this.publicKey = publicKey;
    this.#privateKey = privateKey;
  }

  static async create(issuer: string, algorithm = 'ES384', kid = 'key-1'): Promise<SigningClient> {
    const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid };
    return new SigningClient(issuer, algorithm, jwk, KeyObject.from(privateKey));
  }

  header(changes: Fields = {}): Fields {
    return { alg: this.algorithm, kid: this.publicKey.kid, typ: 'JWT', ...changes };
  }

  claims(changes: Fields = {}): JWTPayload {
    const now = { iat: SECONDS, exp: SECONDS + 300, jti: randomUUID() };
    return { iss: this.issuer, aud: SERVICE, ...now, ...changes };
  }

  /** The value of the Authorization header. */
  bearer(claims: Fields = {}, header: Fields = {}): string {
    return this.bearerOf(this.claims(claims), this.header(header));
  }

  /** Signs whatever it is given with its own key and algorithm, whatever the header says. */
  bearerOf(payload: unknown, header: Fields = this.header()): string {
    const input = `${encoded(header)}.${encoded(payload)}`;
    const digest = `sha${this.algorithm.slice(2)}`;
    const signature = sign(digest, Buffer.from(input), { key: this.#privateKey, dsaEncoding: 'ieee-p1363' });
    return `Bearer ${input}.${signature.toString('base64url')}`;
  }

  /** Signs with a secret, as if the algorithm were a symmetric one. */
  bearerBySecret(secret: string, header: Fields): string {
    const input = `${encoded(this.header(header))}.${encoded(this.claims())}`;
    return `Bearer ${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
  }

  trusted(more: Partial<TrustedClient> = {}): TrustedClient {
    const algorithms = ['ES384', 'RS384', 'ES256', 'RS256'];
    const keys = fixedKeys({ keys: [this.publicKey] });
    return { issuer: this.issuer, keys, algorithms, maxLifetimeSeconds: 300, ...more };
  }
}

export function encoded(part: unknown): string {
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
}

export function authOf(clients: readonly TrustedClient[], clock = () => NOW): ClientAuth {
  const byIssuer = new Map(clients.map((client) => [client.issuer, client]));
  return { publicBaseUrl: BASE, clients: byIssuer, replays: replaysInMemory({ clock }), clock };
}
