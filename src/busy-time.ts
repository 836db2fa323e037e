import { sharedClock } from './job-slip.js';

/** Loading what a thread needs may take long on a busy machine. */
const START_MS = 10_000;

/** Counts the time a job keeps its thread busy, without that in which it waits for a reply. */
export class BusyTime {
  readonly #orderedAt = sharedClock();
  readonly #ms: number;
  readonly #job: { readonly begunAt: number | undefined };
  readonly #onOver: () => void;
  #timer: NodeJS.Timeout | undefined;
  #waited = 0;
  #since = 0;
  #questions = 0;
  #isStopped = false;

  /**
   * @param ms it may be busy for; a thread that has to start has ten seconds for that
   * @param job when it began, by the shared clock
   */
  constructor(ms: number, job: { readonly begunAt: number | undefined }, onOver: () => void) {
    this.#ms = ms;
    this.#job = job;
    this.#onOver = onOver;
    this.#timer = setTimeout(this.#look, Math.min(ms, START_MS));
  }

  /** Waits for a reply; several may be waited for at once. */
  async except<Reply>(waited: Promise<Reply>): Promise<Reply> {
    if (this.#questions === 0) this.#pause();
    this.#questions += 1;
    const reply = await waited;
    this.#questions -= 1;
    if (this.#questions === 0) this.#goOn();
    return reply;
  }

  /** Nothing counts any more. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  readonly #look = () => {
    const left = this.#left();
    if (left <= 0) this.#onOver();
    // Nothing tells when a thread that starts has begun, so it is looked after as often as one that is busy.
    else this.#timer = setTimeout(this.#look, Math.min(left, this.#ms));
  };

  #left(): number {
    const { begunAt } = this.#job;
    const until = begunAt === undefined ? this.#orderedAt + START_MS : begunAt + this.#waited + this.#ms;
    return until - sharedClock();
  }

  #pause(): void {
    clearTimeout(this.#timer);
    this.#since = sharedClock();
  }

  #goOn(): void {
    this.#waited += sharedClock() - this.#since;
    if (!this.#isStopped) this.#look();
  }
}
