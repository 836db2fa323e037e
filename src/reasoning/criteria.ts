import { type ElmLibrary, type ElmNode, operandsOf } from './elm-library.js';

/** Answers one ELM expression that stands in a library; null when it is not known. */
export type Ask = (library: string, node: ElmNode) => Promise<unknown>;

/** One thing a rule asks, where it stands, and what it is. */
export interface Criterion {
  node: ElmNode;
  library: ElmLibrary;
  /** What the rule wants it to be: false below a `not`. */
  wanted: boolean;
  /** One way of several: another may do instead. */
  alternative: boolean;
  value: unknown;
}

type Place = Pick<Criterion, 'library' | 'wanted' | 'alternative'>;
type Keep = (value: unknown, wanted: boolean) => boolean;

/** All leaves of the `and`/`or`/`not` tree of an expression, in its order; of an `if` those of the branch that is taken. */
export function allCriteria(node: ElmNode, library: ElmLibrary, ask: Ask): Promise<Criterion[]> {
  return criteria(node, { library, wanted: true, alternative: false }, ask, () => true);
}

/** Those leaves because of which the expression is not what is wanted; none when it is. */
export function unmetCriteria(node: ElmNode, library: ElmLibrary, ask: Ask, wanted = true): Promise<Criterion[]> {
  return criteria(node, { library, wanted, alternative: false }, ask, (value, want) => value !== want);
}

async function criteria(node: ElmNode, place: Place, ask: Ask, keep: Keep): Promise<Criterion[]> {
  const value = await ask(place.library.name, node);
  if (!keep(value, place.wanted)) return [];
  const below = await partsOf(node, place, ask);
  if (below === undefined) return [{ node, ...place, value }];
  const found: Criterion[] = [];
  for (const [part, where] of below) found.push(...(await criteria(part, where, ask, keep)));
  return found;
}

/** Undefined for a leaf. */
async function partsOf(node: ElmNode, place: Place, ask: Ask): Promise<[ElmNode, Place][] | undefined> {
  const operands = operandsOf(node);
  const [first, second] = operands;
  switch (node['type']) {
    case 'And':
    case 'Or': {
      // What is not wanted of an `and` is won by failing any part of it.
      const alternative = place.alternative || (node['type'] === 'Or') === place.wanted;
      return operands.map((operand) => [operand, { ...place, alternative }]);
    }
    case 'Not':
      return operands.map((operand) => [operand, { ...place, wanted: !place.wanted }]);
    case 'Coalesce': // `Coalesce(x, false)`: the reader asks about x
      return first !== undefined && second?.['type'] === 'Literal' ? [[first, place]] : undefined;
    case 'If':
      return [[await branchTaken(node, place, ask), place]];
    default:
      return undefined;
  }
}

async function branchTaken(node: ElmNode, { library }: Place, ask: Ask): Promise<ElmNode> {
  // The parts that every `if` of ELM has.
  const { condition, then, else: otherwise } = node as Record<'condition' | 'then' | 'else', ElmNode>;
  return (await ask(library.name, condition)) === true ? then : otherwise;
}
