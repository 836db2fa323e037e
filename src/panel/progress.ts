export interface ProgressStream {
  isTTY?: boolean;
  write: (text: string) => unknown;
}

const PLAIN_EVERY_MS = 10_000;
const BAR_EVERY_MS = 200;
const BAR_WIDTH = 24;

export interface Standing {
  patients: number;
  bad: number;
  /** From 0 to 1; undefined while nobody knows how much there is. */
  share: number | undefined;
}

/** Tells how far a run is: a bar that moves on a terminal, a plain line now and then elsewhere. */
export class Progress {
  readonly #stream: ProgressStream;
  readonly #clock: () => number;
  readonly #begun: Standing & { at: number };
  #told: number;

  /** @param begun when, and with what a broken run had done before: that does not count for the rate */
  constructor(stream: ProgressStream, clock: () => number, begun: Standing & { at: number }) {
    this.#stream = stream;
    this.#clock = clock;
    this.#begun = begun;
    this.#told = begun.at;
  }

  tell(standing: Standing): void {
    const now = this.#clock();
    const pause = this.#stream.isTTY === true ? BAR_EVERY_MS : PLAIN_EVERY_MS;
    if (now - this.#told < pause) return;
    this.#told = now;
    this.#write(standing, now);
  }

  end(standing: Standing): void {
    this.#write({ ...standing, share: 1 }, this.#clock());
    if (this.#stream.isTTY === true) this.#stream.write('\n');
  }

  #write(standing: Standing, now: number): void {
    const text = this.#text(standing, now);
    if (this.#stream.isTTY !== true) this.#stream.write(`${text}\n`);
    else this.#stream.write(`\r${bar(standing.share)}${text}\u001b[K`);
  }

  #text({ patients, bad, share }: Standing, now: number): string {
    const seconds = Math.max(0.001, (now - this.#begun.at) / 1_000);
    const rate = (patients - this.#begun.patients) / seconds;
    const parts = [`${patients} patients`, `${rate < 10 ? rate.toFixed(1) : Math.round(rate)} a second`];
    if (share !== undefined && share < 1) {
      const [done, from] = [share - (this.#begun.share ?? 0), share];
      parts.push(
        `${Math.floor(from * 100)} %`,
        ...(done > 0 ? [`${timeText(((1 - from) / done) * seconds)} left`] : []),
      );
    }
    return [...parts, ...(bad > 0 ? [`${bad} could not be judged`] : [])].join(', ');
  }
}

function bar(share: number | undefined): string {
  if (share === undefined) return '';
  const full = Math.round(share * BAR_WIDTH);
  return `[${'='.repeat(full)}${' '.repeat(BAR_WIDTH - full)}] `;
}

function timeText(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
