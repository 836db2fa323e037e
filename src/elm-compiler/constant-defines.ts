import { type ElmNode, type ElmTree, everyNode, isNode, typeOf } from './elm-tree.js';

/** Kinds of node whose value depends on what stands below them alone. */
const CONSTANT = new Set(['Literal', 'Null', 'List', 'Tuple', 'Quantity', 'Instance', 'ToDecimal', 'Negate', 'As']);

/** Names of the defines of a library that say the same of every patient, so that they are computed once. */
export function constantDefines(name: string, libraries: ReadonlyMap<string, ElmTree>): string[] {
  const statements = libraries.get(name)?.library.statements?.def ?? [];
  const defines = statements.filter(({ type }) => type !== 'FunctionDef');
  return defines.filter((each) => isConstant(each.expression, name, libraries)).map((each) => each.name);
}

function isConstant(tree: unknown, name: string, libraries: ReadonlyMap<string, ElmTree>): boolean {
  return everyNode(tree).every((node) => {
    if (node['type'] === undefined || isTypeSpecifier(node)) return true;
    if (typeOf(node) !== 'ExpressionRef') return CONSTANT.has(typeOf(node));
    return isConstantReference(node, name, libraries);
  });
}

function isConstantReference(node: ElmNode, name: string, libraries: ReadonlyMap<string, ElmTree>): boolean {
  const includes = libraries.get(name)?.library.includes?.def ?? [];
  const included = includes.find(({ localIdentifier }) => localIdentifier === node['libraryName']);
  const home = node['libraryName'] === undefined ? name : (included?.path ?? '');
  const statements = libraries.get(home)?.library.statements?.def ?? [];
  const define = statements.find((each) => each.type !== 'FunctionDef' && each.name === node['name']);
  return isNode(define?.expression) && isConstant(define.expression, home, libraries);
}

function isTypeSpecifier(node: ElmNode): boolean {
  return typeOf(node).endsWith('TypeSpecifier');
}
