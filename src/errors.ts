/** Stable codes of everything that can go wrong; `http/error-response.ts` alone turns them into a status. */
export type ServiceErrorCode =
  | 'malformed-request'
  | 'not-trusted'
  | 'unknown-service'
  | 'method-not-allowed'
  | 'data-not-available'
  | 'too-large'
  | 'wrong-media-type'
  | 'too-many-requests'
  | 'not-ready'
  | 'store-not-available'
  | 'invalid-config'
  | 'invalid-knowledge'
  | 'fhir-request-failed';

/** Why a client was not trusted: a closed set, for the log alone. */
export type RefusalReason =
  | 'no-token'
  | 'several-tokens'
  | 'token-too-long'
  | 'malformed-token'
  | 'unknown-issuer'
  | 'wrong-algorithm'
  | 'wrong-type'
  | 'no-key-id'
  | 'critical-header'
  | 'wrong-key-address'
  | 'unknown-key'
  | 'keys-not-available'
  | 'wrong-signature'
  | 'wrong-audience'
  | 'missing-claim'
  | 'malformed-claim'
  | 'expired'
  | 'not-yet-valid'
  | 'clock-skew'
  | 'lives-too-long'
  | 'replayed';

/** The one error class: `message` is public (no identifier, token or library text), `cause` is for the log only. */
export class ServiceError extends Error {
  readonly code: ServiceErrorCode;
  /** Only with `not-trusted`. */
  readonly reason?: RefusalReason;

  constructor(code: ServiceErrorCode, message: string, options?: { cause?: unknown; reason?: RefusalReason }) {
    super(message, options);
    this.name = 'ServiceError';
    this.code = code;
    if (options?.reason !== undefined) this.reason = options.reason;
  }
}
