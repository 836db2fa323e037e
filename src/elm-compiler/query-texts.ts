import { type ElmNode, isNode, nodeIn, nodesIn, textIn, typeOf, withParts } from './elm-tree.js';
import { conditionText, hasLeft, withLeft } from './operator-texts.js';
import { propertyOf } from './reference-texts.js';
import { refuse } from './refusal.js';
import { type Let, rowText } from './row-texts.js';
import { binding, quoted, type Scope, variable } from './scope.js';

const SORTED = '$$item';
const DIRECTIONS: Readonly<Record<string, string>> = { asc: 'asc', ascending: 'asc', desc: 'desc', descending: 'desc' };

/**
 * `cql.query(list, ($R) => { if (!where) return cql.none; const $x = …; return …; })`, in the order the engine has:
 * first without duplicates, then sorted. Several sources are crossed.
 */
export function queryText(node: ElmNode, scope: Scope): string {
  const { lists, step, distinct, sort } = queryParts(node, scope);
  const all =
    lists.length === 1 ? `cql.query(${lists.join()}, ${step})` : `cql.crossed([${lists.join(', ')}], ${step})`;
  const answer = distinct ? `cql.distinctResult(${all})` : all;
  return sort === undefined ? answer : sortText(answer, nodeIn(sort, 'Query'), scope);
}

/** `First` or `Exists` of a query looks no further than the answer: `cql.firstOf(list, step)`. */
export function endingText(node: ElmNode, scope: Scope, part: 'source' | 'operand', name: string): string | undefined {
  const query = node[part];
  if (!isNode(query) || typeOf(query) !== 'Query') return undefined;
  const { lists, step, distinct, sort } = queryParts(query, scope);
  if (lists.length !== 1 || distinct || sort !== undefined) return undefined;
  withParts(node, part);
  return `cql.${name}(${lists.join()}, ${step})`;
}

function queryParts(node: ElmNode, scope: Scope) {
  const query = withParts(node, 'source', 'let', 'relationship', 'where', 'return', 'sort');
  if (nodesIn(query.relationship).length > 0) refuse('a query with a relationship');
  const sources = nodesIn(query.source).map((source) => withParts(source, 'alias', 'expression'));
  const aliases = sources.map(({ alias }) => textIn(alias, 'Query'));
  const lists = sources.map(({ expression }) => scope.text(nodeIn(expression, 'Query'), scope));
  const returned = withParts(nodeIn(query.return, 'Query'), 'distinct', 'expression');
  const inside = binding(scope, [...aliases, ...letsOf(query).map(({ name }) => name)]);
  const body = stepText(query, nodeIn(returned.expression, 'Query'), inside);
  const step = `(${aliases.map(variable).join(', ')}) => ${body}`;
  return { lists, step, distinct: returned.distinct !== false, sort: query.sort };
}

function letsOf(query: { let?: unknown }): Let[] {
  return nodesIn(query.let).map((each) => {
    const { identifier, expression } = withParts(each, 'identifier', 'expression');
    return { name: textIn(identifier, 'let'), expression: nodeIn(expression, 'let') };
  });
}

/** What `where` does not read is computed for those that pass it. */
function stepText(query: { let?: unknown; where?: unknown; sort?: unknown }, returned: ElmNode, scope: Scope): string {
  const where = query.where === undefined ? undefined : conditionText(nodeIn(query.where, 'where'), scope);
  const lets = letsOf(query).map((each) => ({ ...each, text: scope.text(each.expression, scope) }));
  const first = usedBy(where ?? '', lets);
  const later = lets.filter((each) => !first.includes(each));
  const test = where === undefined ? [] : [`if (!${where}) return cql.none;`];
  // Of what is sorted, most is looked at for its place in the order alone.
  const isRow = query.sort !== undefined && typeOf(returned) === 'Tuple';
  const value = isRow ? rowText(returned, later, scope) : scope.text(returned, scope);
  const lines = [...first.map(letText), ...test, ...(isRow ? [] : later.map(letText))];
  if (lines.length === 0 && !hasLeft(value)) return value.startsWith('{') ? `(${value})` : value;
  return `{\n${withLeft([...lines, `return ${value};`].join('\n'))}\n}`;
}

function letText({ name, text }: { name: string; text: string }): string {
  return `const ${variable(name)} = ${text};`;
}

/** The lets a text reads, and those that these read. */
function usedBy<Named extends { name: string; text: string }>(text: string, lets: readonly Named[]): Named[] {
  let used: Named[] = [];
  for (const each of lets.toReversed()) {
    const readers = [text, ...used.map((reader) => reader.text)];
    const isRead = readers.some((reader) => new RegExp(`\\$${each.name}(?!\\w)`).test(reader));
    if (isRead) used = [each, ...used];
  }
  return used;
}

function sortText(list: string, sort: ElmNode, scope: Scope): string {
  const [by, ...further] = nodesIn(withParts(sort, 'by').by);
  if (by === undefined || further.length > 0) refuse('a sort by several keys');
  const direction = DIRECTIONS[String(by['direction'])] ?? refuse('a sort in another direction');
  return `cql.sorted(${list}, (${SORTED}) => ${keyText(by, scope)}, ${quoted(direction)})`;
}

function keyText(by: ElmNode, scope: Scope): string {
  switch (typeOf(by)) {
    case 'ByColumn':
      return propertyOf(SORTED, textIn(withParts(by, 'path', 'direction').path, 'ByColumn'));
    case 'ByExpression': {
      const { expression } = withParts(by, 'expression', 'direction');
      return scope.text(nodeIn(expression, 'ByExpression'), { ...scope, sorted: SORTED });
    }
    default:
      return refuse(`a sort ${typeOf(by)}`);
  }
}

export function ifText(node: ElmNode, scope: Scope): string {
  const { condition, then, else: otherwise } = withParts(node, 'condition', 'then', 'else');
  const test = conditionText(nodeIn(condition, 'If'), scope);
  const [yes, no] = [then, otherwise].map((part) => scope.text(nodeIn(part, 'If'), scope));
  return `(${test} ? ${withoutCasts(test, String(yes))} : ${String(no)})`;
}

/**
 * Without the casts of a variable to the type of which it was just asked. No name within hides another's: `compile-cql` takes
 * the translator's warning of that for an error.
 */
function withoutCasts(test: string, then: string): string {
  const [, name, type] = /^cql\.is\((\$\w+), (\w+)\)$/.exec(test) ?? [];
  return name === undefined || type === undefined ? then : then.replaceAll(`cql.as(${name}, ${type})`, () => name);
}

/** Nested conditions; with a comparand it is computed once. */
export function caseText(node: ElmNode, scope: Scope): string {
  const { comparand, caseItem, else: otherwise } = withParts(node, 'comparand', 'caseItem', 'else');
  const last = scope.text(nodeIn(otherwise, 'Case'), scope);
  const tests = nodesIn(caseItem).map((item) => {
    const { when, then } = withParts(item, 'when', 'then');
    const test = nodeIn(when, 'Case');
    const text = comparand === undefined ? conditionText(test, scope) : scope.text(test, scope);
    const result = scope.text(nodeIn(then, 'Case'), scope);
    return [text, comparand === undefined ? withoutCasts(text, result) : result];
  });
  const chain = (test: (when: string) => string): string =>
    tests.reduceRight((rest, [when = '', then = '']) => `(${test(when)} ? ${then}\n: ${rest})`, last);
  if (comparand === undefined) return chain((when) => when);
  const value = scope.text(nodeIn(comparand, 'Case'), scope);
  return `(($$case) => ${chain((when) => `cql.isSame(${when}, $$case)`)})(${value})`;
}
