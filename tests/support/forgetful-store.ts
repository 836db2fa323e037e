import type { FeedbackEvent, FeedbackStore, IssuedCard } from '../../src/feedback/feedback-store.js';

export interface ForgetfulStore extends FeedbackStore {
  /** What it was told, in order. */
  cards: IssuedCard[];
  recorded: { service: string; events: readonly FeedbackEvent[] }[];
}

/** A feedback store that keeps nothing, for tests that are about something else; `changes` replace what it answers. */
export function forgetfulStore(changes: Partial<FeedbackStore> = {}): ForgetfulStore {
  const cards: IssuedCard[] = [];
  const recorded: ForgetfulStore['recorded'] = [];
  return {
    cards,
    recorded,
    remember: (issued) => void cards.push(...issued),
    record: async (service, events) => {
      recorded.push({ service, events });
      return { stored: events.length, repeated: 0 };
    },
    summarise: async () => [],
    close: async () => {},
    ...changes,
  };
}
