import type { CodeMatcher } from './code-matcher.js';

/**
 * The retrieves of the knowledge that ask for codes at one element of one type: a record is looked through once for all of
 * them, code by code, instead of once for each.
 */
export class CodeTable {
  /** By the number of the retrieve. */
  readonly #asked: (() => CodeMatcher)[] = [];
  #numbers: Map<string, number[]> | undefined;

  constructor(
    readonly type: string,
    readonly path: string,
  ) {}

  /**
   * @param number of the retrieve
   * @param codes throws when there is no such value set: whoever asks for them is told why
   */
  add(number: number, codes: () => CodeMatcher): void {
    this.#asked[number] = codes;
    // Libraries are loaded one after another, and a constant of one may ask before the next is there.
    this.#numbers = undefined;
  }

  codesOf(number: number): CodeMatcher {
    const codes = this.#asked[number];
    if (codes === undefined) throw new Error(`the retrieve ${String(number)} asks for no codes`);
    return codes();
  }

  /** Of some codes those that each retrieve asks for, of whatever system, by the number of the retrieve. */
  askedFor(codes: Iterable<string>): (string[] | undefined)[] {
    this.#numbers ??= numbersByCode(this.#asked);
    const asked: (string[] | undefined)[] = [];
    for (const code of codes) {
      for (const number of this.#numbers.get(code) ?? []) (asked[number] ??= []).push(code);
    }
    return asked;
  }
}

function numbersByCode(asked: readonly (() => CodeMatcher)[]): Map<string, number[]> {
  const numbers = new Map<string, number[]>();
  asked.forEach((codes, number) => {
    for (const code of codesIn(codes)) {
      const known = numbers.get(code);
      if (known === undefined) numbers.set(code, [number]);
      else known.push(number);
    }
  });
  return numbers;
}

function codesIn(codes: () => CodeMatcher): Iterable<string> {
  try {
    return codes().codes;
  } catch {
    return [];
  }
}
