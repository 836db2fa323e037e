import type { FeedbackEvent, IssuedCard } from '../../src/feedback/feedback-store.js';

/** A card shown on 11 May 2026, a Monday. */
export function issuedCard(uuid: string, changes: Partial<IssuedCard> = {}): IssuedCard {
  return {
    uuid,
    service: 'test-patient-view',
    hook: 'patient-view',
    topic: 'CauseOne',
    indicator: 'info',
    knowledgeVersion: '1.0.0',
    issuedAt: new Date('2026-05-11T08:00:00Z'),
    ...changes,
  };
}

export function overridden(card: string, changes: Partial<FeedbackEvent> = {}): FeedbackEvent {
  return { card, outcome: 'overridden', at: new Date('2026-05-12T09:00:00Z'), ...changes };
}

export function accepted(card: string, changes: Partial<FeedbackEvent> = {}): FeedbackEvent {
  return { card, outcome: 'accepted', at: new Date('2026-05-12T09:00:00Z'), ...changes };
}
