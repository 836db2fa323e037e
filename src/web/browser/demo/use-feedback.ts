import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Card, OverrideReason, Suggestion } from '../../../cds-hooks.js';
import { accepted, type FeedbackEntry, overridden, postFeedback } from '../service/feedback.js';
import { problemText } from '../service/post.js';

const UNDO_MS = 10_000;

/** One line of what was reported, and whether it was stored. */
export interface FeedbackLine {
  id: number;
  serviceId: string;
  text: string;
  entry: FeedbackEntry;
  state: 'sending' | 'stored' | 'failed';
  /** The status, or why it failed. */
  answer: string;
}

export interface FeedbackParts {
  base: URL;
  /** The draft tray does what a suggestion says, and undoes it. */
  onApply: (suggestion: Suggestion) => void;
  onRevert: (suggestion: Suggestion) => void;
}

/** Accepts with ten seconds to think again, dismisses at once, and reports both. */
export function useFeedback({ base, onApply, onRevert }: FeedbackParts) {
  const [lines, setLines] = useState<FeedbackLine[]>([]);
  const [taken, setTaken] = useState<ReadonlySet<string>>(new Set());
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [undoable, setUndoable] = useState<ReadonlySet<string>>(new Set());
  const timers = useRef(new Map<string, () => void>());
  const count = useRef(0);

  const update = (id: number, changes: Partial<FeedbackLine>): void => {
    setLines((before) => before.map((line) => (line.id === id ? { ...line, ...changes } : line)));
  };

  const send = useCallback(
    async (line: FeedbackLine) => {
      update(line.id, { state: 'sending', answer: '' });
      const exchange = await postFeedback(base, line.serviceId, line.entry);
      const isStored = exchange.status === 200;
      update(line.id, { state: isStored ? 'stored' : 'failed', answer: isStored ? '200' : problemText(exchange) });
    },
    [base],
  );

  const report = useCallback(
    (serviceId: string, text: string, entry: FeedbackEntry) => {
      count.current += 1;
      const line: FeedbackLine = { id: count.current, serviceId, text, entry, state: 'sending', answer: '' };
      setLines((before) => [...before, line]);
      void send(line);
    },
    [send],
  );

  /** Reports after ten seconds, unless it is undone. */
  const later = useCallback((id: string, then: () => void) => {
    setUndoable((before) => new Set([...before, id]));
    const settle = (): void => {
      if (!timers.current.delete(id)) return;
      clearTimeout(timer);
      setUndoable((before) => without(before, id));
      then();
    };
    const timer = setTimeout(settle, UNDO_MS);
    timers.current.set(id, settle);
  }, []);

  const withdraw = useCallback((id: string): boolean => {
    const isPending = timers.current.delete(id);
    if (isPending) setUndoable((before) => without(before, id));
    return isPending;
  }, []);

  const accept = (serviceId: string, card: Card, suggestion: Suggestion): void => {
    onApply(suggestion);
    setTaken((before) => new Set([...before, suggestion.uuid]));
    const at = new Date();
    later(suggestion.uuid, () => {
      report(serviceId, `Accepted: ${suggestion.label}`, accepted(card.uuid, suggestion.uuid, at));
    });
  };

  const undo = (suggestion: Suggestion): void => {
    if (!withdraw(suggestion.uuid)) return;
    onRevert(suggestion);
    setTaken((before) => without(before, suggestion.uuid));
  };

  const dismiss = (serviceId: string, card: Card, reason: OverrideReason | undefined, comment: string): void => {
    setClosed((before) => new Set([...before, card.uuid]));
    const at = new Date();
    later(card.uuid, () => {
      report(serviceId, `Dismissed: ${reason?.display ?? 'no reason'}`, overridden(card.uuid, reason, comment, at));
    });
  };

  const reopen = (card: Card): void => {
    if (withdraw(card.uuid)) setClosed((before) => without(before, card.uuid));
  };

  /** What is decided is decided: nothing pending is lost when the chart is left. */
  const settleAll = useCallback(() => {
    [...timers.current.values()].forEach((settle) => {
      settle();
    });
    setTaken(new Set());
    setClosed(new Set());
  }, []);

  useEffect(
    () => () => {
      settleAll();
    },
    [settleAll],
  );

  return { lines, taken, closed, undoable, accept, undo, dismiss, reopen, settleAll, retry: send };
}

function without(set: ReadonlySet<string>, id: string): ReadonlySet<string> {
  return new Set([...set].filter((each) => each !== id));
}
