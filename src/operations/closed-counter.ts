import { Counter, type Registry } from 'prom-client';

/** Where everything counts that is not in the set. */
const OTHER = 'other';

export interface ClosedCounterOptions {
  registry: Registry;
  name: string;
  help: string;
  /** At most two labels, each with all its values. */
  labels: Readonly<Record<string, readonly string[]>>;
}

/**
 * A counter whose labels take the values of closed sets and `other`, whatever it is given: what a caller sends never
 * becomes a series. Counting is an addition in an array; labels are written out when they are asked for.
 */
export class ClosedCounter {
  readonly #names: readonly string[];
  readonly #values: readonly (readonly string[])[];
  readonly #places: readonly ReadonlyMap<string, number>[];
  readonly #counts: Float64Array;

  constructor({ registry, name, help, labels }: ClosedCounterOptions) {
    this.#names = Object.keys(labels);
    this.#values = Object.values(labels).map((values) => [...new Set([...values, OTHER])]);
    this.#places = this.#values.map((values) => new Map(values.map((value, place) => [value, place])));
    this.#counts = new Float64Array(this.#values.reduce((product, { length }) => product * length, 1));
    const write = (counter: Counter) => {
      this.#write(counter);
    };
    new Counter({
      name,
      help,
      labelNames: this.#names,
      registers: [registry],
      collect() {
        write(this);
      },
    });
  }

  /** The values in the order of the labels. */
  count(first = '', second = '', by = 1): void {
    const place = this.#place(0, first) * this.#sizeOf(1) + this.#place(1, second);
    this.#counts[place] = (this.#counts[place] ?? 0) + by;
  }

  #place(label: number, value: string): number {
    const places = this.#places[label];
    return places === undefined ? 0 : (places.get(value) ?? places.size - 1);
  }

  #sizeOf(label: number): number {
    return this.#values[label]?.length ?? 1;
  }

  #write(counter: Counter): void {
    counter.reset();
    this.#counts.forEach((count, index) => {
      const second = this.#sizeOf(1);
      const values = [this.#values[0]?.[Math.floor(index / second)], this.#values[1]?.[index % second]];
      counter.inc(Object.fromEntries(this.#names.map((name, label) => [name, values[label] ?? OTHER])), count);
    });
  }
}
