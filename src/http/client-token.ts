import {
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  jwtVerify,
  type ProtectedHeaderParameters,
} from 'jose';
import { type RefusalReason, ServiceError } from '../errors.js';
import type { ClientKeys, KeyFailure } from './client-keys.js';
import type { ReplayStore } from './replay-store.js';

/** A client that is believed once it has signed for itself. */
export interface TrustedClient {
  /** The claim `iss`. */
  issuer: string;
  keys: ClientKeys;
  /** What the header `jku` must say, if it is there; absent: it must not be there. */
  keyAddress?: string;
  algorithms: readonly string[];
  /** In place of the address that is called. */
  audience?: readonly string[];
  maxLifetimeSeconds: number;
}

export interface TokenChecks {
  clients: ReadonlyMap<string, TrustedClient>;
  replays: ReplayStore;
  clock: () => Date;
}

/** How far two clocks may be apart. */
const SKEW_SECONDS = 60;
const LONGEST_TOKEN = 8_192;
const LONGEST_ID = 1_024;

/**
 * Checks a JWT as CDS Hooks 2.0.1 describes it (Trusting CDS Clients).
 *
 * @param endpoint absolute URL of the endpoint called, from the configured base
 * @param noteClient told the client as soon as it is known, before anything is proven
 * @throws ServiceError `not-trusted` with its reason; `not-ready` when it cannot be known whether the token is new
 */
export async function checkToken(
  token: string,
  endpoint: string,
  { clients, replays, clock }: TokenChecks,
  noteClient: (issuer: string) => void,
): Promise<TrustedClient> {
  if (token.length > LONGEST_TOKEN) throw notTrusted('token-too-long');
  const { header, issuer } = decoded(token);
  const client = clients.get(issuer);
  if (client === undefined) throw notTrusted('unknown-issuer');
  noteClient(client.issuer);
  refuseHeader(header, client);
  const now = clock();
  const claims = await verified(token, client, client.audience ?? [endpoint, `${endpoint}/`], now);
  const { jti, expiresAt } = checkedClaims(claims, client, now);
  if (!(await replays.use(client.issuer, jti, new Date((expiresAt + SKEW_SECONDS) * 1_000))))
    throw notTrusted('replayed');
  return client;
}

/** The answer never says why (CDS Hooks, best practices); the log does. */
export function notTrusted(reason: RefusalReason, skewSeconds?: number): ServiceError {
  const skew = skewSeconds === undefined ? {} : { skewSeconds };
  return new ServiceError('not-trusted', 'The client is not trusted.', { reason, ...skew });
}

/** What is read before the signature is checked: it only chooses what to check with. */
function decoded(token: string): { header: ProtectedHeaderParameters; issuer: string } {
  try {
    const { iss } = decodeJwt(token);
    return { header: decodeProtectedHeader(token), issuer: typeof iss === 'string' ? iss : '' };
  } catch {
    throw notTrusted('malformed-token');
  }
}

/** Keys come from the configuration alone: `jwk`, `x5c` and `x5u` are not read, and `jku` only has to name the same. */
function refuseHeader({ alg, typ, kid, jku, crit }: ProtectedHeaderParameters, client: TrustedClient): void {
  if (alg === undefined || !client.algorithms.includes(alg)) throw notTrusted('wrong-algorithm');
  if (typeof typ !== 'string' || typ.toUpperCase() !== 'JWT') throw notTrusted('wrong-type');
  if (typeof kid !== 'string' || kid === '') throw notTrusted('no-key-id');
  if (crit !== undefined) throw notTrusted('critical-header');
  if (jku !== undefined && jku !== client.keyAddress) throw notTrusted('wrong-key-address');
}

async function verified(
  token: string,
  { keys, issuer, algorithms }: TrustedClient,
  audience: readonly string[],
  currentDate: Date,
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(
      token,
      async (header) => {
        const key = await keys.find(header);
        if (typeof key === 'string') throw new KeyNotFound(key);
        return key;
      },
      {
        issuer,
        audience: [...audience],
        algorithms: [...algorithms],
        clockTolerance: SKEW_SECONDS,
        requiredClaims: ['exp', 'iat', 'jti'],
        currentDate,
      },
    );
    return payload;
  } catch (error) {
    const reason = reasonOf(error);
    throw notTrusted(reason, isAboutTime(reason) ? skewOf(decodeJwt(token), currentDate) : undefined);
  }
}

function isAboutTime(reason: RefusalReason): boolean {
  return reason === 'expired' || reason === 'not-yet-valid';
}

/** How far ahead of ours the client's clock was when it made the token, or how long ago that is: the two cannot be told apart. */
function skewOf({ iat }: JWTPayload, now: Date): number | undefined {
  return typeof iat === 'number' && Number.isSafeInteger(Math.round(iat))
    ? Math.round(iat - now.getTime() / 1_000)
    : undefined;
}

class KeyNotFound extends Error {
  readonly failure: KeyFailure;

  constructor(failure: KeyFailure) {
    super(failure);
    this.failure = failure;
  }
}

function reasonOf(error: unknown): RefusalReason {
  if (error instanceof KeyNotFound) return error.failure;
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'wrong-signature';
  if (!(error instanceof errors.JWTClaimValidationFailed)) return 'malformed-token';
  if (error.reason === 'missing') return 'missing-claim';
  if (error.reason === 'invalid') return 'malformed-claim';
  return error.claim === 'aud' ? 'wrong-audience' : 'not-yet-valid';
}

/** What the library leaves to us: the ids' and times' shape, a life that is too long, and a client whose clock is ahead. */
function checkedClaims(
  { jti, iat, exp }: JWTPayload,
  { maxLifetimeSeconds }: TrustedClient,
  now: Date,
): { jti: string; expiresAt: number } {
  if (typeof jti !== 'string' || jti === '' || jti.length > LONGEST_ID) throw notTrusted('malformed-claim');
  if (typeof iat !== 'number' || typeof exp !== 'number') throw notTrusted('malformed-claim');
  if (iat > Math.floor(now.getTime() / 1_000) + SKEW_SECONDS) throw notTrusted('clock-skew', skewOf({ iat }, now));
  if (exp - iat > maxLifetimeSeconds) throw notTrusted('lives-too-long');
  return { jti, expiresAt: exp };
}
