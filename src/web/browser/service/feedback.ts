import type { OverrideReason } from '../../../cds-hooks.js';
import { type Exchange, post } from './post.js';

/** One entry of the feedback of a service (CDS Hooks 2.0.1, Feedback). */
export type FeedbackEntry =
  | { card: string; outcome: 'accepted'; acceptedSuggestions: { id: string }[]; outcomeTimestamp: string }
  | {
      card: string;
      outcome: 'overridden';
      overrideReason?: { reason?: { code: string; system: string }; userComment?: string };
      outcomeTimestamp: string;
    };

export function accepted(card: string, suggestion: string, at: Date): FeedbackEntry {
  return { card, outcome: 'accepted', acceptedSuggestions: [{ id: suggestion }], outcomeTimestamp: at.toISOString() };
}

export function overridden(card: string, reason: OverrideReason | undefined, comment: string, at: Date): FeedbackEntry {
  const given = {
    ...(reason === undefined ? {} : { reason: { code: reason.code, system: reason.system } }),
    ...(comment === '' ? {} : { userComment: comment }),
  };
  const isGiven = Object.keys(given).length > 0;
  return {
    card,
    outcome: 'overridden',
    ...(isGiven ? { overrideReason: given } : {}),
    outcomeTimestamp: at.toISOString(),
  };
}

export function postFeedback(base: URL, serviceId: string, entry: FeedbackEntry): Promise<Exchange> {
  const url = new URL(`cds-services/${serviceId}/feedback`, base);
  return post(url, { feedback: [entry] }, new AbortController().signal);
}
