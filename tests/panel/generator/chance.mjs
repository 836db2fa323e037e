/** Chance that can be repeated: the same seed draws the same (mulberry32), and each patient has a seed of their own. */
export class Chance {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** Independent of how many patients there are before this one. */
  static ofPatient(seed, index) {
    return new Chance(Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
  }

  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  isTrue(probability) {
    return this.next() < probability;
  }

  /** A whole number, both ends included. */
  whole(least, most) {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  between([least, most]) {
    return least + this.next() * (most - least);
  }

  pick(items) {
    return items[this.whole(0, items.length - 1)];
  }
}
