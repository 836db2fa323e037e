import { Histogram, type Registry } from 'prom-client';
import type { CallRecord, HookStage } from '../http/call-record.js';
import { ClosedCounter } from './closed-counter.js';

const ABANDONED = 'abandoned';
const NO_REASON = 'none';
const STAGES = Object.keys({
  wait: true,
  parse: true,
  gather: true,
  evaluate: true,
  render: true,
} satisfies Record<HookStage, true>);
const INDICATORS = ['info', 'warning', 'critical'];
const LIKELIHOODS = ['likely', 'possible'];
const OUTCOMES = ['accepted', 'overridden'];
/** Seconds: a small hook takes less than a millisecond, the deadline of one is 4 s. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Everything a label of these metrics can say. */
export interface CallSets {
  services: readonly string[];
  /** HTTP statuses that are answered. */
  statuses: readonly string[];
  /** Codes of errors. */
  codes: readonly string[];
  /** Why clients are refused. */
  refusals: readonly string[];
  /** Ids of findings. */
  findings: readonly string[];
  /** Codes of reasons that cards offer for an override. */
  reasons: readonly string[];
}

/** What is counted of the calls: how they ended and what they said. */
export class CallMetrics {
  readonly #hooks: ClosedCounter;
  readonly #feedbackCalls: ClosedCounter;
  readonly #errors: ClosedCounter;
  readonly #refusals: ClosedCounter;
  readonly #cards: ClosedCounter;
  readonly #findings: ClosedCounter;
  readonly #feedback: ClosedCounter;
  readonly #repeats: ClosedCounter;
  readonly #seconds: Histogram;
  readonly #stages: Histogram;

  constructor(registry: Registry, sets: CallSets) {
    const counter = (name: string, help: string, labels: Record<string, readonly string[]> = {}) =>
      new ClosedCounter({ registry, name: `renal_cramp_${name}`, help, labels });
    const [service, status] = [sets.services, [...sets.statuses, ABANDONED]];
    this.#hooks = counter('hooks_total', 'Hook calls by service and HTTP status.', { service, status });
    this.#feedbackCalls = counter('feedback_calls_total', 'Feedback calls by HTTP status.', { status });
    this.#errors = counter('errors_total', 'Requests to any address that were refused or failed.', {
      code: sets.codes,
    });
    this.#refusals = counter('client_refusals_total', 'Clients that were not trusted.', { reason: sets.refusals });
    this.#cards = counter('cards_total', 'Cards shown, by the finding that leads each.', {
      finding: sets.findings,
      indicator: INDICATORS,
    });
    this.#findings = counter('findings_total', 'Findings shown on cards.', {
      finding: sets.findings,
      likelihood: LIKELIHOODS,
    });
    this.#feedback = counter('feedback_total', 'Feedback that was kept, repeats among it.', {
      outcome: OUTCOMES,
      reason: [NO_REASON, ...sets.reasons],
    });
    this.#repeats = counter('feedback_repeats_total', 'Feedback that was on record already.');
    const buckets = BUCKETS;
    this.#seconds = new Histogram({
      name: 'renal_cramp_hook_seconds',
      help: 'Time of a hook call, from its head to the end of its answer.',
      buckets,
      registers: [registry],
    });
    this.#stages = new Histogram({
      name: 'renal_cramp_hook_stage_seconds',
      help: 'Time of the stages of hooks that were answered.',
      labelNames: ['stage'],
      buckets,
      registers: [registry],
    });
    for (const stage of STAGES) this.#stages.zero({ stage });
  }

  /** A stage of a hook took so long. */
  stageDone(stage: HookStage, ms: number): void {
    this.#stages.observe({ stage }, ms / 1_000);
  }

  callEnded(call: CallRecord): void {
    if (call.code !== undefined) this.#errors.count(call.code);
    if (call.reason !== undefined) this.#refusals.count(call.reason);
    const status = call.isAbandoned ? ABANDONED : String(call.status);
    if (call.kind === 'feedback') this.#feedbackCalls.count(status);
    if (call.feedback !== undefined) this.#feedbackKept(call.feedback);
    if (call.kind !== 'hook') return;
    this.#hooks.count(call.service ?? '', status);
    this.#seconds.observe(call.ms / 1_000);
    if (!call.isAbandoned) this.#cardsShown(call.cards ?? []);
  }

  #cardsShown(cards: NonNullable<CallRecord['cards']>): void {
    for (const { findings, indicator } of cards) {
      this.#cards.count(findings[0]?.id, indicator);
      for (const { id, likelihood } of findings) this.#findings.count(id, likelihood);
    }
  }

  #feedbackKept({ events, repeated }: NonNullable<CallRecord['feedback']>): void {
    for (const { outcome, reason } of events) this.#feedback.count(outcome, reason?.code ?? NO_REASON);
    this.#repeats.count('', '', repeated);
  }
}
