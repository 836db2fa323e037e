import type { ElmNode, ElmTree } from './elm-tree.js';
import { refuse } from './refusal.js';

/** The row whose element an expression is. */
export const ROW = '$$row';

/** What the text of an expression may refer to. */
export interface Scope {
  /** The library the expression stands in. */
  library: LibraryNames;
  libraries: ReadonlyMap<string, ElmTree>;
  constants: Constants;
  /** Inside `sort by`: the variable whose elements bare names mean. */
  sorted?: string;
  /** Aliases, lets and operands that surround the expression. */
  visible: readonly string[];
  /** Those of them that stand on the row the expression is an element of. */
  onRow?: ReadonlySet<string>;
  /** Text of the expression, for each kind of node. */
  text: (node: ElmNode, scope: Scope) => string;
}

/** The names of one library, sorted by what they mean. */
export interface LibraryNames {
  name: string;
  /** Names of the libraries it includes, by alias. */
  includes: ReadonlyMap<string, string>;
  expressions: ReadonlySet<string>;
  /** How many operands each function takes. */
  functions: ReadonlyMap<string, number>;
  /** Aliases, lets and operands. */
  variables: ReadonlySet<string>;
}

/** Values that are the same in every request stand at the top of the module, each once. */
export class Constants {
  readonly #names = new Map<string, string>();

  nameOf(text: string, kind: string): string {
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    const name = `${kind}${String(this.#names.size + 1)}`;
    this.#names.set(text, name);
    return name;
  }

  get declarations(): string[] {
    return [...this.#names].map(([text, name]) => `const ${name} = ${text};`);
  }
}

/** A variable of CQL as one of JavaScript: the dollar keeps it apart from everything else in the module. */
export function variable(name: string): string {
  if (!/^\w+$/.test(name)) refuse(`the variable name ${name}`);
  return `$${name}`;
}

/** A variable where it is read: on a row it is a member of it. */
export function variableIn(name: string, { onRow }: Scope): string {
  return onRow?.has(name) === true ? `${ROW}.${variable(name)}` : variable(name);
}

/** The same scope inside what binds further variables. */
export function binding(scope: Scope, names: readonly string[]): Scope {
  const { onRow, ...around } = scope;
  const visible = [...new Set([...scope.visible, ...names])];
  return onRow === undefined
    ? { ...around, visible }
    : { ...around, visible, onRow: new Set([...onRow].filter((name) => !names.includes(name))) };
}

export function quoted(text: string): string {
  return JSON.stringify(text);
}

/** The name of the method that is a function of CQL. */
export function functionMethod(name: string): string {
  return quoted(`function ${name}`);
}
