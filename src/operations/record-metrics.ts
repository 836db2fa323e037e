import type { Registry } from 'prom-client';
import type { Gap, GapReason } from '../patient-record.js';
import { ClosedCounter } from './closed-counter.js';

const REASONS = Object.keys({
  'not-provided': true,
  failed: true,
  'not-permitted': true,
  'timed-out': true,
} satisfies Record<GapReason, true>);

/** Names of resource types that are asked for, and of libraries. */
export interface RecordSets {
  resourceTypes: readonly string[];
  libraries: readonly string[];
}

/** What is counted of the records that hooks are about, and of the knowledge over them. */
export class RecordMetrics {
  readonly #notHad: ClosedCounter;
  readonly #incomplete: ClosedCounter;
  readonly #foreign: ClosedCounter;
  readonly #unreadable: ClosedCounter;
  readonly #units: ClosedCounter;
  readonly #failed: ClosedCounter;
  readonly #interpreted: ClosedCounter;

  constructor(registry: Registry, { resourceTypes: type, libraries: library }: RecordSets) {
    const counter = (name: string, help: string, labels: Record<string, readonly string[]> = {}) =>
      new ClosedCounter({ registry, name: `renal_cramp_${name}`, help, labels });
    this.#notHad = counter('data_not_had_total', 'Queries without an answer, of hooks that were evaluated.', {
      type,
      reason: REASONS,
    });
    this.#incomplete = counter('data_incomplete_total', 'Queries answered in part.', { type });
    this.#foreign = counter('foreign_resources_total', "Resources left out because they are not the patient's.");
    this.#unreadable = counter('unreadable_resources_total', 'Resources left out because they cannot be read.', {
      type,
    });
    this.#units = counter('unreadable_units_total', 'Results whose unit cannot be read, or that have none.');
    this.#failed = counter('library_failures_total', 'Libraries of the knowledge that could not be run.', { library });
    this.#interpreted = counter('library_interpreted_total', 'Compiled libraries that had to be interpreted.', {
      library,
    });
  }

  gathered({ gaps, unreadableUnits }: { gaps: readonly Gap[]; unreadableUnits: number }): void {
    this.#units.count('', '', unreadableUnits);
    for (const gap of gaps) {
      if (gap.kind === 'not-had') this.#notHad.count(gap.resourceType, gap.reason);
      if (gap.kind === 'incomplete') this.#incomplete.count(gap.resourceType);
      if (gap.kind === 'foreign') this.#foreign.count('', '', gap.count);
      if (gap.kind === 'unreadable') this.#unreadable.count(gap.resourceType, '', gap.count);
    }
  }

  libraryFailed(library: string): void {
    this.#failed.count(library);
  }

  librariesInterpreted(libraries: readonly string[]): void {
    for (const library of libraries) this.#interpreted.count(library);
  }
}
