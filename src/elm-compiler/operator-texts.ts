import { type ElmNode, isNode, nodeIn, nodesIn, typeOf, withParts } from './elm-tree.js';
import { refuse } from './refusal.js';
import { quoted, type Scope } from './scope.js';

/** An operator that is a function of the runtime: the parts that are its arguments, in order. */
interface Operator {
  name: string;
  parts: readonly string[];
  /** How many arguments there are; the last ones may be missing where two numbers stand. */
  count: number | readonly [number, number];
  /** It takes a precision (`day`) as well. */
  precision?: true;
}

function of(name: string, count: number, ...parts: string[]): Operator {
  return { name, count, parts: parts.length === 0 ? ['operand'] : parts };
}

function timed(name: string): Operator {
  return { ...of(name, 2), precision: true };
}

const OPERATORS: Readonly<Record<string, Operator>> = {
  Equal: of('equal', 2),
  Less: of('less', 2),
  LessOrEqual: of('lessOrEqual', 2),
  Greater: of('greater', 2),
  GreaterOrEqual: of('greaterOrEqual', 2),
  Add: of('add', 2),
  Subtract: of('subtract', 2),
  Multiply: of('multiply', 2),
  Divide: of('divide', 2),
  Power: of('power', 2),
  Negate: of('negate', 1),
  Truncate: of('truncate', 1),
  Round: { name: 'round', parts: ['operand', 'precision'], count: [1, 2] },
  ToDecimal: of('toDecimal', 1),
  ToString: of('toText', 1),
  Concatenate: of('concatenate', 2),
  Combine: { name: 'combine', parts: ['source', 'separator'], count: [1, 2] },
  Split: of('split', 2, 'stringToSplit', 'separator'),
  Substring: { name: 'substring', parts: ['stringToSub', 'startIndex', 'length'], count: [2, 3] },
  PositionOf: of('positionOf', 2, 'pattern', 'string'),
  Lower: of('lower', 1),
  Matches: of('matches', 2),
  EndsWith: of('endsWith', 2),
  Exists: of('exists', 1),
  First: of('first', 1, 'source'),
  Last: of('last', 1, 'source'),
  Slice: of('slice', 3, 'source', 'startIndex', 'endIndex'),
  SingletonFrom: of('singletonFrom', 1),
  ToList: of('toList', 1),
  Flatten: of('flatten', 1),
  Distinct: of('distinctList', 1),
  Count: of('count', 1, 'source'),
  Sum: of('sum', 1, 'source'),
  Min: of('min', 1, 'source'),
  Max: of('max', 1, 'source'),
  Collapse: of('collapse', 2),
  In: timed('isIn'),
  After: timed('after'),
  Before: timed('before'),
  SameAs: timed('sameAs'),
  SameOrAfter: timed('sameOrAfter'),
  SameOrBefore: timed('sameOrBefore'),
  DifferenceBetween: timed('differenceBetween'),
  DurationBetween: timed('durationBetween'),
};

/** `cql.after(a, b, 'day')`; undefined when the node is no such operator. */
export function operatorText(node: ElmNode, scope: Scope): string | undefined {
  const operator = OPERATORS[typeOf(node)];
  if (operator === undefined) return undefined;
  const known = withParts(node, ...operator.parts, ...(operator.precision ? ['precision'] : []));
  const operands = operator.parts.flatMap((part) => nodesIn(known[part]));
  refuseWrongCount(node, operands.length, operator.count);
  const texts = operands.map((operand) => scope.text(operand, scope));
  if (operator.precision) texts.push(...precisionText(node));
  return `cql.${operator.name}(${texts.join(', ')})`;
}

function refuseWrongCount(node: ElmNode, found: number, count: Operator['count']): void {
  const [least, most] = typeof count === 'number' ? [count, count] : count;
  if (found < least || found > most) refuse(`${typeOf(node)} with ${String(found)} operands`);
}

function precisionText({ precision }: ElmNode): string[] {
  if (precision === undefined) return [];
  return typeof precision === 'string' ? [quoted(precision.toLowerCase())] : refuse('a precision that is no word');
}

const LEFT = '(left = ';

/**
 * The second operand is not looked at when the first one decides: the interpreter does look, which only shows when it throws.
 * `left` is a variable of what surrounds it (`withLeft`): it is read again before the second operand, which may use it too,
 * is begun.
 */
export function logicText(node: ElmNode, scope: Scope): string {
  const operands = logicOperands(node, 2);
  const [first, second] = operands.map((operand) => scope.text(operand, scope));
  const isAnd = typeOf(node) === 'And';
  if (operands.every(isNeverNull)) return `(${String(first)} ${isAnd ? '&&' : '||'} ${String(second)})`;
  const decided = isAnd ? 'false' : 'true';
  return `(${LEFT}${String(first)}) === ${decided} ? ${decided} : cql.${isAnd ? 'and' : 'or'}(left, ${String(second)}))`;
}

export function notText(node: ElmNode, scope: Scope): string {
  const operand = nodeIn(logicOperands(node, 1)[0], 'Not');
  const text = scope.text(operand, scope);
  return isNeverNull(operand) ? `!${text}` : `cql.not(${text})`;
}

/** Where only true is told from false and null (`if`, `where`): here a null decides an `and`, too. */
export function conditionText(node: ElmNode, scope: Scope): string {
  const type = typeOf(node);
  if (type !== 'And' && type !== 'Or') return scope.text(node, scope);
  const texts = logicOperands(node, 2).map((operand) => {
    const text = conditionText(operand, scope);
    if (isNeverNull(operand) || isLogic(operand)) return text;
    return type === 'And' ? `cql.isNoFalse(${text})` : `${text} === true`;
  });
  return `(${texts.join(type === 'And' ? ' && ' : ' || ')})`;
}

function logicOperands(node: ElmNode, count: number): ElmNode[] {
  const operands = nodesIn(withParts(node, 'operand').operand);
  refuseWrongCount(node, operands.length, count);
  return operands;
}

function isLogic(node: ElmNode): boolean {
  return ['And', 'Or', 'Not'].includes(typeOf(node));
}

/** Whether a condition is true or false whatever it is about. */
function isNeverNull(node: ElmNode): boolean {
  if (isLogic(node)) return nodesIn(node['operand']).every(isNeverNull);
  return ['IsNull', 'Exists', 'InValueSet'].includes(typeOf(node));
}

/** Whether a text needs `withLeft`. */
export function hasLeft(text: string): boolean {
  return text.includes(LEFT);
}

/** The body of a function, with the variable that its text keeps first operands in. */
export function withLeft(body: string): string {
  return hasLeft(body) ? `let left;\n${body}` : body;
}

/** Of two lists; what is neither is told apart by a cast, which only the interpreter looks at. */
export function unionText(node: ElmNode, scope: Scope): string {
  const operands = nodesIn(withParts(node, 'operand').operand);
  if (operands.length !== 2 || operands.some((each) => each['asTypeSpecifier'] !== undefined)) refuse('a cast union');
  return `cql.union(${operands.map((each) => scope.text(each, scope)).join(', ')})`;
}

/** `a ?? b ?? null`. */
export function coalesceText(node: ElmNode, scope: Scope): string {
  const operands = nodesIn(withParts(node, 'operand').operand);
  if (operands.length === 0) refuse('Coalesce of nothing');
  const texts = operands.map((operand) => scope.text(operand, scope));
  return texts.length === 1 ? `cql.coalesceList(${texts.join()})` : `(${texts.join(' ?? ')} ?? null)`;
}

export function isNullText(node: ElmNode, scope: Scope): string {
  const { operand } = withParts(node, 'operand');
  return isNode(operand) ? `(${scope.text(operand, scope)} == null)` : refuse('IsNull of nothing');
}
