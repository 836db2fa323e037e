/**
 * How a call went for its server: it answered (if only to refuse), it failed, or nothing can be said because the caller
 * gave the call up.
 */
export type CallHealth = 'answered' | 'failed' | 'given-up';

/** What a breaker must know of a call that was made. */
export interface JudgedCall {
  health: CallHealth;
  /** How long the server asked to be left alone. */
  restMs?: number;
}

const MOST_FAILURES = 5;
const WINDOW_MS = 30_000;
const REST_MS = 10_000;
/** What a server may ask for: a second at least, and never so much that a slip of its own keeps us away for hours. */
const [SHORTEST_REST_MS, LONGEST_REST_MS] = [1_000, 60_000];

/**
 * Leaves a server alone that is down: after five failures within 30 s, with no answer in between, no call is made for
 * 10 s or as long as the server asked. Then one call is the probe, and the others wait for how it goes.
 * A failure while other calls are answered is the query's, not the server's: one search that a server cannot do must not
 * cost the others.
 */
export class CircuitBreaker {
  readonly #clock: () => number;
  readonly #onChange: (isResting: boolean) => void;
  #failures: number[] = [];
  #answeredAt = -Infinity;
  #restsUntil: number | undefined;
  #probe: Promise<unknown> | undefined;

  /**
   * @param clock milliseconds that only go forward
   * @param onChange told when the server is left alone, and when it has answered again
   */
  constructor(clock: () => number, onChange: (isResting: boolean) => void = () => {}) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /**
   * Makes the call, which must not throw; undefined when it was not made.
   * @param patience settles when the caller can no longer wait for a probe
   */
  async run<Result extends JudgedCall>(
    call: () => Promise<Result>,
    patience: () => Promise<unknown>,
  ): Promise<Result | undefined> {
    if (this.#probe !== undefined) await Promise.race([this.#probe, patience()]);
    if (this.#restsUntil === undefined) return this.#noted(call);
    if (this.#probe !== undefined || this.#clock() < this.#restsUntil) return undefined;
    const probe = this.#noted(call);
    this.#probe = probe;
    try {
      return await probe;
    } finally {
      this.#probe = undefined;
    }
  }

  async #noted<Result extends JudgedCall>(call: () => Promise<Result>): Promise<Result> {
    const startedAt = this.#clock();
    const result = await call();
    if (result.health === 'answered') this.#noteAnswer();
    if (result.health === 'failed' && this.#answeredAt < startedAt) this.#noteFailure(result.restMs);
    return result;
  }

  #noteAnswer(): void {
    this.#answeredAt = this.#clock();
    this.#failures = [];
    if (this.#restsUntil === undefined) return;
    this.#restsUntil = undefined;
    this.#onChange(false);
  }

  #noteFailure(asked = REST_MS): void {
    const now = this.#clock();
    this.#failures = [...this.#failures.filter((time) => time > now - WINDOW_MS), now];
    if (this.#restsUntil === undefined && this.#failures.length < MOST_FAILURES) return;
    const rest = Math.min(Math.max(asked, SHORTEST_REST_MS), LONGEST_REST_MS);
    if (this.#restsUntil === undefined) this.#onChange(true);
    this.#restsUntil = Math.max(this.#restsUntil ?? now, now + rest);
  }
}
