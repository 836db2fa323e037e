import { type ElmNode, isNode } from '../../src/reasoning/elm-library.js';

/** One number of a define, and what stands around it. */
export interface ElmNumber {
  define: string;
  /** Keys that lead to the literal in the define's expression. */
  path: string[];
  /** Its element of a tuple: `points`, `lowest`, `low` … */
  element?: string;
  /** Of the tuple around it, where a define has several: `moderate`, `mmol/L` … */
  row?: string;
  unit?: string;
  /** Of the tuple around it. */
  decimals?: number;
  type: 'integer' | 'decimal';
  /** As a reader sees it: below zero when the literal is negated. */
  value: number;
  negated: boolean;
}

interface Surroundings {
  path: string[];
  negated: boolean;
  element?: string;
  row?: string;
  unit?: string;
  decimals?: number;
}

/** Every number of a define, in the order written. */
export function numbersOf(define: string, expression: ElmNode): ElmNumber[] {
  return numbersIn(expression, { path: [], negated: false }).map((number) => ({ define, ...number }));
}

/** A copy of the define's expression with another number in that place. */
export function withNumber(expression: ElmNode, { path, negated }: ElmNumber, value: string): ElmNode {
  const copy = structuredClone(expression);
  // The path was read from this expression.
  const literal = path.reduce((node, key) => node[key] as ElmNode, copy) as Record<string, unknown>;
  literal['value'] = negated ? value.replace(/^-|^/, (sign) => (sign === '-' ? '' : '-')) : value;
  return copy;
}

function numbersIn(node: unknown, around: Surroundings): Omit<ElmNumber, 'define'>[] {
  if (Array.isArray(node)) return node.flatMap((item, index) => numbersIn(item, deeper(around, String(index))));
  if (!isNode(node)) return [];
  if (node['type'] === 'Quantity')
    return [{ ...around, unit: String(node['unit']), ...signed(node, around), type: 'decimal' }];
  if (node['type'] === 'Literal') return literalOf(node, around);
  const inside = { ...around, ...saidByElements(node), negated: around.negated !== (node['type'] === 'Negate') };
  const element = typeof node['name'] === 'string' ? { element: node['name'] } : {};
  return Object.entries(node).flatMap(([key, child]) => numbersIn(child, { ...deeper(inside, key), ...element }));
}

function deeper(around: Surroundings, key: string): Surroundings {
  return { ...around, path: [...around.path, key] };
}

function literalOf(node: ElmNode, around: Surroundings): Omit<ElmNumber, 'define'>[] {
  const type = /\}(Integer|Decimal)$/.exec(String(node['valueType']))?.[1];
  if (type === undefined) return [];
  return [{ ...around, ...signed(node, around), type: type === 'Integer' ? 'integer' : 'decimal' }];
}

function signed({ value }: ElmNode, { negated }: Surroundings): { value: number } {
  return { value: negated ? -Number(value) : Number(value) };
}

/** What the elements of a tuple or an instance say of their neighbours: its name or unit, and how its results are shown. */
function saidByElements({ type, element }: ElmNode): Pick<Surroundings, 'row' | 'unit' | 'decimals'> {
  if ((type !== 'Tuple' && type !== 'Instance') || !Array.isArray(element)) return {};
  const literals = new Map(
    element.filter(isNode).map(({ name, value }) => [name, isNode(value) ? value['value'] : undefined]),
  );
  const [name, unit, decimals] = ['name', 'unit', 'decimals'].map((key) => literals.get(key));
  return {
    ...(typeof name === 'string' ? { row: name } : {}),
    ...(typeof unit === 'string' ? { unit } : {}),
    ...(decimals === undefined ? {} : { decimals: Number(decimals) }),
  };
}
