import { type ElmNode, nodeIn, nodesIn, textIn, typeOf, withParts } from './elm-tree.js';
import { refuse } from './refusal.js';
import { propertyOf } from './reference-texts.js';
import { quoted, type Scope, variable } from './scope.js';

const SORTED = '$$item';
const DIRECTIONS: Readonly<Record<string, string>> = { asc: 'asc', ascending: 'asc', desc: 'desc', descending: 'desc' };

/**
 * `cql.query(list, ($R) => { const $x = …; if (!where) return cql.none; return …; })`, in the order the engine has:
 * first without duplicates, then sorted. Several sources are crossed.
 */
export function queryText(node: ElmNode, scope: Scope): string {
  const query = withParts(node, 'source', 'let', 'relationship', 'where', 'return', 'sort');
  if (nodesIn(query.relationship).length > 0) refuse('a query with a relationship');
  const sources = nodesIn(query.source).map((source) => withParts(source, 'alias', 'expression'));
  const aliases = sources.map(({ alias }) => variable(textIn(alias, 'Query')));
  const lists = sources.map(({ expression }) => scope.text(nodeIn(expression, 'Query'), scope));
  const returned = withParts(nodeIn(query.return, 'Query'), 'distinct', 'expression');
  const step = `(${aliases.join(', ')}) => ${stepText(query, nodeIn(returned.expression, 'Query'), scope)}`;
  const all =
    lists.length === 1 ? `cql.query(${lists.join()}, ${step})` : `cql.crossed([${lists.join(', ')}], ${step})`;
  const distinct = returned.distinct === false ? all : `cql.distinctResult(${all})`;
  return query.sort === undefined ? distinct : sortText(distinct, nodeIn(query.sort, 'Query'), scope);
}

function stepText(query: { let?: unknown; where?: unknown }, returned: ElmNode, scope: Scope): string {
  const lets = nodesIn(query.let).map((each) => {
    const { identifier, expression } = withParts(each, 'identifier', 'expression');
    const value = scope.text(nodeIn(expression, 'let'), scope);
    return `const ${variable(textIn(identifier, 'let'))} = ${value};`;
  });
  const where =
    query.where === undefined ? [] : [`if (!${scope.text(nodeIn(query.where, 'where'), scope)}) return cql.none;`];
  const value = scope.text(returned, scope);
  if (lets.length + where.length === 0) return value.startsWith('{') ? `(${value})` : value;
  return `{\n${[...lets, ...where, `return ${value};`].join('\n')}\n}`;
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
  const [test, yes, no] = [condition, then, otherwise].map((part) => scope.text(nodeIn(part, 'If'), scope));
  return `(${String(test)} ? ${String(yes)} : ${String(no)})`;
}

/** Nested conditions; with a comparand it is computed once. */
export function caseText(node: ElmNode, scope: Scope): string {
  const { comparand, caseItem, else: otherwise } = withParts(node, 'comparand', 'caseItem', 'else');
  const last = scope.text(nodeIn(otherwise, 'Case'), scope);
  const tests = nodesIn(caseItem).map((item) => {
    const { when, then } = withParts(item, 'when', 'then');
    return [when, then].map((part) => scope.text(nodeIn(part, 'Case'), scope));
  });
  const chain = (test: (when: string) => string): string =>
    tests.reduceRight((rest, [when = '', then = '']) => `(${test(when)} ? ${then}\n: ${rest})`, last);
  if (comparand === undefined) return chain((when) => when);
  const value = scope.text(nodeIn(comparand, 'Case'), scope);
  return `(($$case) => ${chain((when) => `cql.isSame(${when}, $$case)`)})(${value})`;
}
