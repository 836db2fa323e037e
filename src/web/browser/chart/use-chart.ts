import { useCallback, useRef, useState } from 'preact/hooks';
import type { Card, CdsService, HookName } from '../../../cds-hooks.js';
import { answerIn, type Exchange, post } from '../service/post.js';
import type { Explained } from '../service/explained.js';
import { type Filled, fillPrefetch, type ReadFhir } from '../smart/fill-prefetch.js';
import { type HookAsked, hookRequest } from './hook-request.js';
import { type Record, recordOf } from './record.js';

/** One answer to one hook, and why it was so. */
export interface Judged {
  hook: HookName;
  /** Absent in the app, which asks for the explanation alone. */
  call?: Exchange;
  cards?: Card[];
  /** Absent while it is still being asked. */
  explaining?: Exchange;
  explained?: Explained;
}

/** All that is known of the patient on the screen. */
export interface Chart {
  patientId: string;
  /** FHIR instant. */
  seenFrom: string;
  phase: 'reading' | 'judging' | 'explaining' | 'done' | 'cancelled';
  filled?: Filled;
  record?: Record;
  /** Milliseconds that filling took. */
  filledIn?: number;
  judged?: Judged;
}

export interface ChartParts {
  base: URL;
  services: readonly CdsService[];
  /** Changes what was read before it is drawn and judged. */
  amend?: ((filled: Filled, patientId: string, seenFrom: string) => Filled) | undefined;
  /** Ask the service for cards too, as an EHR does; the app asks for the explanation alone. */
  callsHook: boolean;
}

export interface OpenParts {
  server: string;
  read: ReadFhir;
  patientId: string;
  seenFrom: string;
  /** The record is seen from a moment of its own, which the service is told. */
  isHistorical: boolean;
}

/** Reads a patient's record once, has it judged, and drops every answer that comes too late. */
export function useChart(parts: ChartParts) {
  const [chart, setChart] = useState<Chart>();
  const running = useRef<AbortController | undefined>(undefined);
  const opened = useRef<{ open: OpenParts; filled: Filled } | undefined>(undefined);

  const begin = (): AbortSignal => {
    running.current?.abort();
    running.current = new AbortController();
    return running.current.signal;
  };

  const judge = useCallback(
    async (asked: HookAsked, signal: AbortSignal = begin()): Promise<Judged | undefined> => {
      const now = opened.current;
      if (now === undefined) return undefined;
      setChart((before) => before && { ...before, phase: 'judging' });
      // The card does not wait for its explanation, which asks every rule for its reasons.
      const showCards = (judged: Judged): void => {
        if (!signal.aborted) setChart((before) => before && { ...before, phase: 'explaining', judged });
      };
      const judged = await judgedBy(parts, asked, now, signal, showCards);
      if (signal.aborted) return undefined;
      setChart((before) => before && { ...before, phase: 'done', judged });
      return judged;
    },
    [parts],
  );

  const open = useCallback(
    async (what: OpenParts, asked: HookAsked): Promise<Judged | undefined> => {
      const signal = begin();
      const { patientId, seenFrom } = what;
      // Nothing of the patient before may stay beside the name of this one.
      setChart({ patientId, seenFrom, phase: 'reading' });
      const begun = performance.now();
      try {
        const templates = parts.services.find(({ hook }) => hook === 'patient-view')?.prefetch ?? {};
        const read = await fillPrefetch(templates, patientId, what.read, signal);
        if (signal.aborted) return undefined;
        const filled = parts.amend?.(read, patientId, seenFrom) ?? read;
        opened.current = { open: what, filled };
        setChart({
          patientId,
          seenFrom,
          phase: 'judging',
          filled,
          record: recordOf(filled, patientId),
          filledIn: performance.now() - begun,
        });
        return await judge(asked, signal);
      } catch (error) {
        if (!signal.aborted) throw error;
        return undefined;
      }
    },
    [parts, judge],
  );

  const cancel = useCallback(() => {
    running.current?.abort();
    setChart((before) => before && { ...before, phase: 'cancelled' });
  }, []);

  const close = useCallback(() => {
    running.current?.abort();
    opened.current = undefined;
    setChart(undefined);
  }, []);

  return { chart, open, judge, cancel, close };
}

async function judgedBy(
  { base, services, callsHook }: ChartParts,
  asked: HookAsked,
  { open, filled }: { open: OpenParts; filled: Filled },
  signal: AbortSignal,
  showCards: (judged: Judged) => void,
): Promise<Judged> {
  const service = services.find(({ hook }) => hook === asked.hook);
  const request = hookRequest(asked, open, filled.prefetch);
  const judged: Judged = { hook: asked.hook };
  if (callsHook && service) {
    const sent = asked.sendsPrefetch ? request : { ...request, prefetch: undefined };
    judged.call = await post(new URL(`cds-services/${service.id}`, base), sent, signal);
    // Answers of our own service, of the same build.
    const answer = answerIn(judged.call) as { cards: Card[] } | undefined;
    if (answer !== undefined) judged.cards = answer.cards;
    showCards({ ...judged });
  }
  const explaining = await post(new URL('app/explain', base), request, signal);
  const explained = answerIn(explaining) as Explained | undefined;
  return { ...judged, explaining, ...(explained === undefined ? {} : { explained }) };
}
