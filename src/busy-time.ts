/** Loading what a thread needs may take long on a busy machine. */
const START_MS = 10_000;

/** Counts the time a job keeps its thread busy, without that in which it waits for a reply. */
export class BusyTime {
  readonly #onOver: () => void;
  #left: number;
  #since = 0;
  #timer: NodeJS.Timeout | undefined;
  #questions = 0;
  #isOver = false;

  /** From now on the thread may start; the `ms` count from `begin` on. */
  constructor(ms: number, onOver: () => void) {
    this.#left = ms;
    this.#onOver = onOver;
    this.#timer = setTimeout(onOver, START_MS);
  }

  begin(): void {
    clearTimeout(this.#timer);
    this.#since = performance.now();
    if (!this.#isOver) this.#timer = setTimeout(this.#onOver, this.#left);
  }

  /** Waits for a reply; several may be waited for at once. */
  async except<Reply>(waited: Promise<Reply>): Promise<Reply> {
    if (this.#questions === 0) this.#pause();
    this.#questions += 1;
    const reply = await waited;
    this.#questions -= 1;
    if (this.#questions === 0) this.begin();
    return reply;
  }

  /** Nothing counts any more. */
  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  #pause(): void {
    clearTimeout(this.#timer);
    this.#left -= performance.now() - this.#since;
  }
}
