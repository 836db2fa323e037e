/** One object of ELM, as its JSON stands. */
export type ElmNode = Readonly<Record<string, unknown>>;

/** One compiled library, as its definitions can be read rather than run. */
export interface ElmLibrary {
  name: string;
  /** Names of the libraries it includes, by alias. */
  includes: ReadonlyMap<string, string>;
  /** What each define says, by name. */
  expressions: ReadonlyMap<string, ElmNode>;
  /** Bodies of its functions, by name; one name may have several. */
  functions: ReadonlyMap<string, readonly ElmNode[]>;
  /** It reads the patient's resources itself. */
  retrieves: boolean;
}

interface ElmJson {
  library?: {
    includes?: { def?: { localIdentifier: string; path: string }[] };
    contexts?: { def?: { name: string }[] };
    statements?: { def?: { name: string; type?: string; expression?: ElmNode }[] };
  };
}

/** Reads the ELM of one library, as our own build wrote it. */
export function readElmLibrary(name: string, { library = {} }: ElmJson): ElmLibrary {
  const statements = (library.statements?.def ?? []).flatMap(({ expression, ...statement }) =>
    expression === undefined ? [] : [{ ...statement, expression }],
  );
  // The translator writes the retrieve of the context's patient into every library.
  const contexts = new Set(library.contexts?.def?.map((context) => context.name));
  const bodiesOf = (wanted: string): ElmNode[] =>
    statements.flatMap((each) => (isFunction(each) && each.name === wanted ? [each.expression] : []));
  return {
    name,
    includes: new Map(library.includes?.def?.map(({ localIdentifier, path }) => [localIdentifier, path])),
    expressions: new Map(statements.filter((each) => !isFunction(each)).map((each) => [each.name, each.expression])),
    functions: new Map(statements.filter(isFunction).map((each) => [each.name, bodiesOf(each.name)])),
    retrieves: statements.some((each) => !contexts.has(each.name) && hasRetrieve(each.expression)),
  };
}

function isFunction({ type }: { type?: string }): boolean {
  return type === 'FunctionDef';
}

function hasRetrieve(expression: ElmNode): boolean {
  return nodesOf(expression).some(({ type }) => type === 'Retrieve');
}

/** Name of the library in which a reference that stands in `library` is defined. */
export function homeOf(reference: ElmNode, library: ElmLibrary): string {
  return library.includes.get(String(reference['libraryName'])) ?? library.name;
}

/** What an operator works on; none for anything else. */
export function operandsOf({ operand }: ElmNode): ElmNode[] {
  return operand === undefined ? [] : [operand].flat().filter(isNode);
}

/** Every object of a JSON tree, each before what is in it. */
export function nodesOf(tree: unknown): ElmNode[] {
  const nodes: ElmNode[] = [];
  collectNodes(tree, nodes);
  return nodes;
}

/** Into one list: every start asks all of the knowledge, and a list for each level took a twelfth of it. */
function collectNodes(tree: unknown, into: ElmNode[]): void {
  if (typeof tree !== 'object' || tree === null) return;
  // An array's values are its items.
  if (isNode(tree)) into.push(tree);
  for (const value of Object.values(tree)) collectNodes(value, into);
}

export function isNode(value: unknown): value is ElmNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
