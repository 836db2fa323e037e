import { FINDING_EXPRESSION } from '../../src/reasoning/knowledge.js';
import { DefineGraph, keyOf } from './define-graph.js';
import { MutableKnowledge, readKey, type TunableKnowledge, type Watched } from './mutable-knowledge.js';
import type { Mutant } from './mutant.js';

/** A case that can be played again and again. */
export interface PlayableCase {
  name: string;
  /** The library it is about. */
  library: string;
  /** What is wrong with the answer; empty when it is as expected. */
  play: () => Promise<string[]>;
}

/** What the cases make of a mutant. */
export interface Verdict {
  /** Name of the first case that notices. */
  noticedBy?: string;
  /** How many cases found their answer by reading the number. */
  readBy: number;
}

type ReadyCase = PlayableCase & Pick<Watched<unknown>, 'reads' | 'values'>;

/** Plays the cases against mutants. */
export class MutantJudge {
  readonly #home: string;
  readonly #graph: DefineGraph;
  readonly #knowledge: MutableKnowledge;
  readonly #cases: ReadyCase[] = [];
  readonly #failing: string[] = [];

  private constructor(knowledge: TunableKnowledge, home: string) {
    this.#home = home;
    this.#graph = new DefineGraph([...knowledge.everyLibrary.values()].map(({ elm }) => elm));
    this.#knowledge = new MutableKnowledge(knowledge, home);
  }

  /**
   * Plays every case once on the right numbers.
   *
   * @param home name of the library with the numbers
   */
  static async open(knowledge: TunableKnowledge, cases: readonly PlayableCase[], home: string): Promise<MutantJudge> {
    const judge = new MutantJudge(knowledge, home);
    for (const each of cases) await judge.#admit(each);
    return judge;
  }

  async #admit(each: PlayableCase): Promise<void> {
    const { result: wrongs, reads, values } = await this.#knowledge.watched(() => wrongsOf(each));
    if (wrongs.length === 0) this.#cases.push({ ...each, reads, values });
    else this.#failing.push(`${each.name}: ${wrongs[0] ?? ''}`);
  }

  /** Cases that fail on the right numbers, with what is wrong: they take no part. */
  get failing(): readonly string[] {
    return this.#failing;
  }

  /** Plays until a case notices. */
  async judge(mutant: Mutant): Promise<Verdict> {
    const dependents = this.#graph.dependents(this.#home, mutant.define);
    const reading = this.#casesReading(mutant, dependents);
    for (const each of reading) {
      const found = { values: each.values, dependents };
      const wrongs = await this.#knowledge.mutated(mutant, found, () => wrongsOf(each));
      if (wrongs.length > 0) return { noticedBy: each.name, readBy: reading.length };
    }
    return { readBy: reading.length };
  }

  /** A case whose answer was found without the number cannot notice; those about a library that reads it come first. */
  #casesReading({ define, path }: Mutant, dependents: ReadonlySet<string>): ReadyCase[] {
    const reading = this.#cases.filter(({ reads }) => reads.has(readKey(define, path)));
    const isAbout = ({ library }: ReadyCase) => dependents.has(keyOf(library, FINDING_EXPRESSION));
    return [...reading.filter(isAbout), ...reading.filter((each) => !isAbout(each))];
  }
}

/** An answer that cannot even be given is wrong. */
async function wrongsOf({ play }: PlayableCase): Promise<string[]> {
  try {
    return await play();
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
