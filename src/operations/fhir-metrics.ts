import { Gauge, type Registry } from 'prom-client';
import type { CallOutcome } from '../patient-data/call-watch.js';
import { ClosedCounter } from './closed-counter.js';

const OUTCOMES = Object.keys({
  answered: true,
  failed: true,
  'not-permitted': true,
  'timed-out': true,
  'too-much': true,
  'not-made': true,
} satisfies Record<CallOutcome, true>);

/** What is counted of the calls to FHIR servers, which are told apart by their place in the configuration alone. */
export class FhirMetrics {
  readonly #calls: ClosedCounter;
  readonly #resting: Gauge;

  /** @param servers how many there are */
  constructor(registry: Registry, servers: number) {
    const places = Array.from({ length: servers }, (_, place) => String(place));
    this.#calls = new ClosedCounter({
      registry,
      name: 'renal_cramp_fhir_calls_total',
      help: 'Calls to FHIR servers; not-made: the server was left alone.',
      labels: { server: places, outcome: OUTCOMES },
    });
    this.#resting = new Gauge({
      name: 'renal_cramp_fhir_server_resting',
      help: '1 while a FHIR server is left alone because it is down.',
      labelNames: ['server'],
      registers: [registry],
    });
    for (const server of places) this.#resting.set({ server }, 0);
  }

  callDone(server: number, outcome: CallOutcome): void {
    this.#calls.count(String(server), outcome);
  }

  resting(server: number, isResting: boolean): void {
    this.#resting.set({ server: String(server) }, Number(isResting));
  }
}
