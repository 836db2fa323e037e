import type { FeedbackEvent, IssuedCard } from './feedback-store.js';
import type { FeedbackCommentRow, FeedbackEventRow, FeedbackKey, IssuedCardRow } from './tables.js';

export function cardRow(card: IssuedCard): IssuedCardRow {
  const { uuid, service, hook, topic, indicator, knowledgeVersion, issuedAt } = card;
  const issued_at = issuedAt.toISOString();
  return { uuid, service, hook, topic, indicator, knowledge_version: knowledgeVersion, issued_at };
}

/** The rows in the order of their keys: two calls with the same events in another order would wait for each other. */
export function eventRows(
  events: readonly FeedbackEvent[],
  service: string,
  now: Date,
): { event: FeedbackEventRow; comment?: FeedbackCommentRow }[] {
  const byKey = new Map<string, FeedbackEvent>();
  for (const event of events) {
    const key = sortKey(keyOf(event));
    // The same event again, perhaps without the reason or comment that it came with before.
    byKey.set(key, { ...byKey.get(key), ...event });
  }
  return [...byKey.entries()]
    .sort(([a], [b]) => (a < b ? -1 : Number(a > b)))
    .map(([, event]) => toRows(event, service, now.toISOString()));
}

function toRows(event: FeedbackEvent, service: string, received_at: string) {
  const { reason, comment } = event;
  const key = keyOf(event);
  const row: FeedbackEventRow = {
    ...key,
    service,
    reason_system: reason?.system ?? null,
    reason_code: reason?.code ?? null,
    reason_display: reason?.display ?? null,
    received_at,
  };
  return { event: row, ...(comment === undefined ? {} : { comment: { ...key, comment, received_at } }) };
}

function keyOf({ card, suggestion = '', outcome, at }: FeedbackEvent): FeedbackKey {
  return { card, suggestion, outcome, outcome_timestamp: at?.toISOString() ?? '' };
}

function sortKey({ card, suggestion, outcome, outcome_timestamp }: FeedbackKey): string {
  return JSON.stringify([card, suggestion, outcome, outcome_timestamp]);
}
