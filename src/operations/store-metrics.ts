import type { Registry } from 'prom-client';
import type { StoreFailure } from '../feedback/feedback-store.js';
import { ClosedCounter } from './closed-counter.js';

const TASKS = Object.keys({
  cards: true,
  feedback: true,
  summary: true,
  purge: true,
  tokens: true,
  limits: true,
} satisfies Record<StoreFailure['task'], true>);
const STREAMS = ['log', 'audit'];

/** What is counted of what the service writes: the feedback store, the log and the audit records. */
export class StoreMetrics {
  readonly #failures: ClosedCounter;
  readonly #dropped: ClosedCounter;
  readonly #lines: ClosedCounter;

  constructor(registry: Registry) {
    const counter = (name: string, help: string, labels: Record<string, readonly string[]> = {}) =>
      new ClosedCounter({ registry, name: `renal_cramp_${name}`, help, labels });
    this.#failures = counter('store_failures_total', 'Uses of the feedback store that failed.', { task: TASKS });
    this.#dropped = counter('store_cards_dropped_total', 'Cards given up while the feedback store was away.');
    this.#lines = counter('lines_lost_total', 'Lines that could not be written.', { stream: STREAMS });
  }

  storeFailed({ task, dropped = 0 }: Pick<StoreFailure, 'task' | 'dropped'>): void {
    this.#failures.count(task);
    this.#dropped.count('', '', dropped);
  }

  /** The audit log is a stream of its own where it is a file. */
  linesLost(stream: 'log' | 'audit', lines: number): void {
    this.#lines.count(stream, '', lines);
  }
}
