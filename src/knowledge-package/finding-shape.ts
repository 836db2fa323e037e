import { ServiceError } from '../errors.js';
import { type ElmNode, isNode, nodesOf, readElmLibrary } from '../reasoning/elm-library.js';

/** What a library's `Finding` is, read from its ELM. */
export interface FindingShape {
  library: string;
  kind: 'cause' | 'draft' | 'safety' | 'insufficient';
  /** Names of the elements of the tuple; another cannot be asked for. */
  elements: ReadonlySet<string>;
}

const KINDS: readonly FindingShape['kind'][] = ['cause', 'draft', 'safety', 'insufficient'];

/**
 * The shapes of all libraries with a `Finding`, by library name.
 *
 * @param elm ELM by library name, as JSON
 * @throws ServiceError `invalid-knowledge` naming the library whose finding says no kind
 */
export function findingShapes(elm: ReadonlyMap<string, string>): FindingShape[] {
  return [...elm].flatMap(([library, text]) => {
    // The build's own ELM.
    const finding = readElmLibrary(library, JSON.parse(text) as object).expressions.get('Finding');
    return finding === undefined ? [] : [shapeOf(library, finding)];
  });
}

function shapeOf(library: string, finding: ElmNode): FindingShape {
  const tuples = nodesOf(finding).filter(({ type }) => type === 'Tuple');
  const elements = tuples.map(elementsOf).find((each) => each.has('kind'));
  const kind = KINDS.find((each) => each === elements?.get('kind'));
  if (elements === undefined || kind === undefined) {
    throw new ServiceError('invalid-knowledge', `The finding of ${library} does not say what kind it is.`);
  }
  return { library, kind, elements: new Set(elements.keys()) };
}

/** The values of literals by element name; undefined for what is no literal. */
function elementsOf({ element }: ElmNode): Map<string, unknown> {
  const nodes = Array.isArray(element) ? element.filter(isNode) : [];
  return new Map(
    nodes.map(({ name, value }): [string, unknown] => [String(name), isNode(value) ? value['value'] : undefined]),
  );
}
