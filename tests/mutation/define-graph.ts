import { type ElmLibrary, homeOf, nodesOf } from '../../src/reasoning/elm-library.js';

/** Which define reads which, over all libraries; functions count as defines. */
export class DefineGraph {
  /** The defines that name a define, by its key. */
  readonly #readers = new Map<string, Set<string>>();

  constructor(libraries: Iterable<ElmLibrary>) {
    for (const library of libraries) {
      for (const [name, body] of library.expressions) this.#read(library, name, body);
      for (const [name, bodies] of library.functions) this.#read(library, name, bodies);
    }
  }

  #read(library: ElmLibrary, name: string, bodies: unknown): void {
    for (const node of nodesOf(bodies)) {
      if (node['type'] !== 'ExpressionRef' && node['type'] !== 'FunctionRef') continue;
      const read = keyOf(homeOf(node, library), String(node['name']));
      const readers = this.#readers.get(read) ?? new Set();
      this.#readers.set(read, readers.add(keyOf(library.name, name)));
    }
  }

  /** Keys of all defines whose value may change with this one, itself included. */
  dependents(library: string, name: string): ReadonlySet<string> {
    const found = new Set([keyOf(library, name)]);
    for (const each of found) this.#readers.get(each)?.forEach((reader) => found.add(reader));
    return found;
  }

  /** Names of the libraries in which the define is named, its own left out. */
  users(library: string, name: string): string[] {
    const readers = [...(this.#readers.get(keyOf(library, name)) ?? [])].map((key) => key.slice(0, key.indexOf('.')));
    return [...new Set(readers)].filter((user) => user !== library).sort();
  }
}

/** Names of libraries have no dot. */
export function keyOf(library: string, define: string): string {
  return `${library}.${define}`;
}
