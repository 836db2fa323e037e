import type { GapReason } from '../patient-record.js';
import type { FhirServer } from '../fhir-server.js';

/** `not-made`: the server was left alone; `too-much`: it answered more than there was room for. */
export type CallOutcome = 'answered' | 'not-made' | 'too-much' | Exclude<GapReason, 'not-provided'>;

/** Watches the calls to FHIR servers, each known by its place among `originsOf`. */
export interface CallWatch {
  onCall: (server: number, outcome: CallOutcome) => void;
  /** A server is left alone because it is down, or no more. */
  onRest: (server: number, isResting: boolean) => void;
}

/** Each origin that may be called, once, in the order of the configuration. */
export function originsOf(allowed: ReadonlyMap<string, readonly FhirServer[]>): string[] {
  return [...new Set([...allowed.values()].flat().map(({ url }) => new URL(url).origin))];
}

/** @param attempt undefined when no call was made */
export function callOutcome(attempt: object | { failure: CallOutcome } | undefined): CallOutcome {
  if (attempt === undefined) return 'not-made';
  return 'failure' in attempt ? attempt.failure : 'answered';
}
