/** Counts by a name of several words. */
export type Counts = Record<string, number>;

/** No word of ours, and none of a record's codes, holds one. */
const BETWEEN = '\t';

/** Counts what was found, one name at a time; adds up and travels between threads as plain numbers. */
export class Tally {
  readonly #counts: Map<string, number>;

  constructor(counts: Counts = {}) {
    this.#counts = new Map(Object.entries(counts));
  }

  count(...words: readonly string[]): void {
    const name = words.map((word) => word.replaceAll(BETWEEN, ' ')).join(BETWEEN);
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  add(counts: Counts): void {
    for (const [name, more] of Object.entries(counts)) this.#counts.set(name, (this.#counts.get(name) ?? 0) + more);
  }

  get counts(): Counts {
    return Object.fromEntries(this.#counts);
  }

  of(...words: readonly string[]): number {
    return this.#counts.get(words.join(BETWEEN)) ?? 0;
  }

  /** Everything whose name begins so: the words that follow, and how often; the most frequent first, then by name. */
  below(...words: readonly string[]): { words: string[]; count: number }[] {
    const begin = `${words.join(BETWEEN)}${BETWEEN}`;
    const found = [...this.#counts].filter(([name]) => name.startsWith(begin));
    return found
      .sort(([one, more], [other, less]) => less - more || (one < other ? -1 : 1))
      .map(([name, count]) => ({ words: name.slice(begin.length).split(BETWEEN), count }));
  }
}
