import { refuse } from './refusal.js';

/** One object of ELM, as its JSON stands. */
export type ElmNode = Readonly<Record<string, unknown>>;

/** One compiled library, as the translator writes it. */
export interface ElmTree {
  library: {
    identifier: { id: string };
    includes?: { def?: { localIdentifier: string; path: string }[] };
    parameters?: { def?: ElmNode[] };
    valueSets?: { def?: ElmNode[] };
    codes?: { def?: ElmNode[] };
    codeSystems?: { def?: ElmNode[] };
    statements?: { def?: ElmStatement[] };
  };
}

export interface ElmStatement {
  name: string;
  type?: string;
  expression?: ElmNode;
  operand?: { name: string }[];
}

/** What stands on every node and means nothing for its value. */
const INSIGNIFICANT = new Set(['type', 'localId', 'locator', 'annotation', 'signature']);

/**
 * A node of which every significant part is known. Parts that are empty lists or missing say nothing.
 *
 * @throws Uncompilable when it has another part
 */
export function withParts<Name extends string>(
  node: ElmNode,
  ...names: Name[]
): Readonly<Partial<Record<Name, unknown>>> {
  for (const [part, value] of Object.entries(node)) {
    const isEmpty = value === undefined || (Array.isArray(value) && value.length === 0);
    if (isEmpty || INSIGNIFICANT.has(part)) continue;
    if (!names.some((name) => name === part)) refuse(`${typeOf(node)} with ${part}`);
  }
  // Every key that could stand there is one of the names.
  return node as Readonly<Partial<Record<Name, unknown>>>;
}

export function isNode(value: unknown): value is ElmNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws Uncompilable when it is missing */
export function nodeIn(value: unknown, where: string): ElmNode {
  return isNode(value) ? value : refuse(`${where} without a part`);
}

export function nodesIn(value: unknown): ElmNode[] {
  return [value].flat().filter(isNode);
}

/** @throws Uncompilable when it is no text */
export function textIn(value: unknown, where: string): string {
  return typeof value === 'string' ? value : refuse(`${where} without a name`);
}

export function typeOf(node: ElmNode): string {
  return String(node['type']);
}

/** Every object of a JSON tree. */
export function everyNode(tree: unknown): ElmNode[] {
  if (Array.isArray(tree)) return tree.flatMap(everyNode);
  if (!isNode(tree)) return [];
  return [tree, ...Object.values(tree).flatMap(everyNode)];
}
