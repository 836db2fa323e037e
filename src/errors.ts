/** Stable codes of everything that can go wrong; `http/error-response.ts` alone turns them into a status. */
export const SERVICE_ERROR_CODES = [
  'malformed-request',
  'not-trusted',
  'unknown-service',
  'method-not-allowed',
  'data-not-available',
  'too-large',
  'wrong-media-type',
  'too-many-requests',
  'not-ready',
  'store-not-available',
  'invalid-config',
  'invalid-knowledge',
  'fhir-request-failed',
] as const;
export type ServiceErrorCode = (typeof SERVICE_ERROR_CODES)[number];

/** Why a client was not trusted: a closed set, for the log alone. */
export const REFUSAL_REASONS = [
  'no-token',
  'several-tokens',
  'token-too-long',
  'malformed-token',
  'unknown-issuer',
  'wrong-algorithm',
  'wrong-type',
  'no-key-id',
  'critical-header',
  'wrong-key-address',
  'unknown-key',
  'keys-not-available',
  'wrong-signature',
  'wrong-audience',
  'missing-claim',
  'malformed-claim',
  'expired',
  'not-yet-valid',
  'clock-skew',
  'lives-too-long',
  'replayed',
] as const;
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** What goes with an error beside its code and message. */
export interface ServiceErrorDetails {
  cause?: unknown;
  /** Only with `not-trusted`. */
  reason?: RefusalReason;
  /** Seconds that the client's clock seems to be ahead (or, below zero, behind); only with `not-trusted`. */
  skewSeconds?: number;
  /** Where one error stands for several: each in a line of its own, which names the setting or file. */
  problems?: readonly string[];
}

/** The one error class: `message` is public (no identifier, token or library text), `cause` is for the log only. */
export class ServiceError extends Error {
  readonly code: ServiceErrorCode;
  readonly reason?: RefusalReason;
  readonly skewSeconds?: number;
  /** What is wrong, in one line each. */
  readonly problems: readonly string[];

  constructor(code: ServiceErrorCode, message: string, details: ServiceErrorDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : {});
    this.name = 'ServiceError';
    this.code = code;
    this.problems = details.problems ?? [message];
    if (details.reason !== undefined) this.reason = details.reason;
    if (details.skewSeconds !== undefined) this.skewSeconds = details.skewSeconds;
  }
}
