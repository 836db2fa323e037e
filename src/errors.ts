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

/** The one error class: `message` is public (no identifier, token or library text), `cause` is for the log only. */
export class ServiceError extends Error {
  readonly code: ServiceErrorCode;

  constructor(code: ServiceErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'ServiceError';
    this.code = code;
  }
}
