import { ServiceError } from './errors.js';

export interface TurnLimits {
  /** Who may be at work at once. */
  atOnce: number;
  mostWaiting: number;
  waitMs: number;
}

interface Waiting {
  go: () => void;
  refuse: (error: ServiceError) => void;
}

/** First come, first served; nobody waits for longer than is of use, so that what is begun can still be finished in time. */
export class Turns {
  readonly #limits: TurnLimits;
  readonly #waiting = new Set<Waiting>();
  #atWork = 0;
  #isClosed = false;

  constructor(limits: TurnLimits) {
    this.#limits = limits;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** @throws ServiceError `not-ready` when the turn does not come, or the signal's reason */
  async wait(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#isClosed) throw closed();
    if (this.#atWork < this.#limits.atOnce) {
      this.#atWork += 1;
      return;
    }
    if (this.#waiting.size >= this.#limits.mostWaiting) throw tooMany();
    await this.#inLine(signal);
  }

  /** Whoever had a turn hands it on. */
  pass(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#atWork -= 1;
    else next.go();
  }

  close(): void {
    this.#isClosed = true;
    for (const each of this.#waiting) each.refuse(closed());
  }

  #inLine(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(waiting);
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
      };
      const go = () => {
        leave();
        resolve();
      };
      const refuse = (error: Error) => {
        leave();
        reject(error);
      };
      const waiting = { go, refuse };
      // What our signals are aborted with is an error.
      const onAbort = () => {
        refuse(signal.reason as Error);
      };
      const timer = setTimeout(() => {
        refuse(tooMany());
      }, this.#limits.waitMs);
      signal.addEventListener('abort', onAbort);
      this.#waiting.add(waiting);
    });
  }
}

function tooMany(): ServiceError {
  return new ServiceError('not-ready', 'Too many large requests are waiting; try again later.');
}

function closed(): ServiceError {
  return new ServiceError('not-ready', 'The service is stopping.');
}
