import { type Expression, Library } from 'cql-execution';
import type { ElmNode } from '../../src/reasoning/elm-library.js';
import type { Knowledge } from '../../src/reasoning/knowledge.js';
import { keyOf } from './define-graph.js';
import type { Mutant } from './mutant.js';
import { watchReads } from './number-reads.js';

/** Of loaded knowledge, what can be replaced. */
export type TunableKnowledge = Pick<Knowledge, 'libraries' | 'everyLibrary'>;

/** What was found of one patient, by the key of the define; the engine's own values. */
export type Values = ReadonlyMap<string, unknown>;

/** What came of a run on the right numbers. */
export interface Watched<Result> {
  result: Result;
  /** The numbers it read, see `readKey`. */
  reads: ReadonlySet<string>;
  values: Values;
}

interface Watch {
  reads: Set<string>;
  values: Map<string, unknown>;
}

type Expressions = Record<string, Expression | undefined>;

/**
 * Loaded knowledge whose numbers can be replaced without loading it again: the knowledge itself is changed, so nobody
 * else may use it.
 */
export class MutableKnowledge {
  readonly #numbers: Expressions;
  #watch: Watch | undefined;
  /** What need not be found again. */
  #known: { values: Values; unless: ReadonlySet<string> } | undefined;

  /** @param home name of the library with the numbers */
  constructor({ everyLibrary }: TunableKnowledge, home: string) {
    const numbers = everyLibrary.get(home);
    if (numbers === undefined) throw new Error(`There is no library ${home}: run the build.`);
    this.#numbers = expressionsOf(numbers.runnable);
    for (const { runnable, elm } of everyLibrary.values()) {
      const expressions = expressionsOf(runnable);
      for (const [name, body] of elm.expressions) {
        const expression = expressions[name];
        if (expression === undefined) continue;
        expressions[name] =
          elm.name === home ? this.#watched(name, expression, body) : this.#kept(keyOf(elm.name, name), expression);
      }
    }
  }

  /** Runs `play` on the right numbers. */
  async watched<Result>(play: () => Promise<Result>): Promise<Watched<Result>> {
    const watch: Watch = { reads: new Set(), values: new Map() };
    this.#watch = watch;
    try {
      return { result: await play(), ...watch };
    } finally {
      this.#watch = undefined;
    }
  }

  /**
   * Runs `play` with a wrong number.
   *
   * @param values what the same play found with the right numbers
   * @param dependents keys of the defines to find anew
   */
  async mutated<Result>(
    { define, expression }: Mutant,
    { values, dependents }: { values: Values; dependents: ReadonlySet<string> },
    play: () => Promise<Result>,
  ): Promise<Result> {
    const right = this.#numbers[define];
    this.#numbers[define] = made(define, expression);
    this.#known = { values, unless: dependents };
    try {
      return await play();
    } finally {
      this.#numbers[define] = right;
      this.#known = undefined;
    }
  }

  #watched(define: string, expression: Expression, body: ElmNode): Expression {
    return likewise(expression, async (context) => {
      const value: unknown = await expression.execute(context);
      const watch = this.#watch;
      const tell = (path: string) => {
        if (watch === this.#watch) watch?.reads.add(readKey(define, path));
      };
      if (watch !== undefined) watchReads(body, value, tell);
      return value;
    });
  }

  #kept(key: string, expression: Expression): Expression {
    return likewise(expression, async (context) => {
      const known = this.#known;
      if (known?.values.has(key) === true && !known.unless.has(key)) return known.values.get(key);
      const value: unknown = await expression.execute(context);
      this.#watch?.values.set(key, value);
      return value;
    });
  }
}

/** One number of one define, by the path of its literal. */
export function readKey(define: string, path: string): string {
  return `${define}:${path}`;
}

function expressionsOf(library: Library): Expressions {
  // Typed loosely by the engine.
  return library.expressions as Expressions;
}

/** The engine asks whether something is an expression by its prototype. */
function likewise(expression: Expression, execute: Expression['execute']): Expression {
  return Object.create(expression, { execute: { value: execute } }) as Expression; // its prototype says so
}

/** The engine makes expressions of a library's statements only: this one is never included anywhere. */
function made(name: string, expression: ElmNode): Expression {
  const statement = { name, context: 'Unfiltered', expression };
  const library = new Library({ library: { identifier: { id: name }, statements: { def: [statement] } } });
  const wrong = expressionsOf(library)[name];
  if (wrong === undefined) throw new Error(`The engine makes nothing of the define "${name}".`);
  return wrong;
}
