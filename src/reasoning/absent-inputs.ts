import { type Ask, type Criterion, unmetCriteria } from './criteria.js';
import { type ElmLibrary, type ElmNode, homeOf, isNode, nodesOf, operandsOf } from './elm-library.js';

interface Search {
  libraries: ReadonlyMap<string, { elm: ElmLibrary }>;
  ask: Ask;
  found: Set<string>;
  /** References already followed. */
  seen: Set<string>;
}

interface Definition {
  library: ElmLibrary;
  expression: ElmNode;
}

/**
 * Names of the inputs that a criterion which is not met lacks: defines of the library that reads the record, reached
 * through what is not met, null or an empty list, and elements of the Patient (`Patient.birthDate`).
 */
export async function absentInputs(
  criterion: Criterion,
  libraries: ReadonlyMap<string, { elm: ElmLibrary }>,
  ask: Ask,
): Promise<string[]> {
  const search: Search = { libraries, ask, found: new Set(), seen: new Set() };
  await searchCriterion(criterion, search);
  return [...search.found];
}

/** A named criterion is not met because of its own criteria; only those are looked into. */
async function searchCriterion({ node, library, wanted }: Criterion, search: Search): Promise<void> {
  const home = definitionOf(node, library, search);
  if (home === undefined || home.library.retrieves) return searchBelow(node, library, search);
  if (isSeen(home.library, `${String(node['name'])} ${String(wanted)}`, search)) return;
  const causes = await unmetCriteria(home.expression, home.library, search.ask, wanted);
  for (const cause of causes) await searchCriterion(cause, search);
}

async function searchBelow(tree: unknown, library: ElmLibrary, search: Search): Promise<void> {
  for (const node of nodesOf(tree)) {
    if (node['type'] === 'ExpressionRef') await searchReference(node, library, search);
    if (node['type'] === 'FunctionRef') await searchFunction(node, library, search);
    if (node['type'] === 'Property') await searchPatient(node, library, search);
  }
}

async function searchReference(node: ElmNode, library: ElmLibrary, search: Search): Promise<void> {
  const home = definitionOf(node, library, search);
  const name = String(node['name']);
  if (home === undefined || isSeen(home.library, name, search)) return;
  if (!isAbsent(await search.ask(library.name, node))) return searchDefaults(home, search);
  if (home.library.retrieves) search.found.add(name);
  else await searchBelow(home.expression, home.library, search);
}

/** `Coalesce("Stage By GFR", "Stage By Condition", 'unknown')`: a literal stands in for what is absent. */
async function searchDefaults({ library, expression }: Definition, search: Search): Promise<void> {
  if (library.retrieves) return;
  for (const node of nodesOf(expression).filter(({ type }) => type === 'Coalesce')) {
    const operands = operandsOf(node);
    const references = operands.filter(({ type }) => type === 'ExpressionRef');
    const values: unknown[] = [];
    for (const reference of references) values.push(await search.ask(library.name, reference));
    if (operands.at(-1)?.['type'] === 'Literal' && values.every(isAbsent))
      await searchBelow(references, library, search);
  }
}

/** Its operands are found where it is called; its body may name more. */
async function searchFunction(node: ElmNode, library: ElmLibrary, search: Search): Promise<void> {
  const home = search.libraries.get(homeOf(node, library))?.elm;
  const name = String(node['name']);
  if (home === undefined || home.retrieves || isSeen(home, `${name}()`, search)) return;
  await searchBelow(home.functions.get(name), home, search);
}

async function searchPatient(node: ElmNode, library: ElmLibrary, search: Search): Promise<void> {
  const { source, path } = node;
  if (!isNode(source) || source['type'] !== 'ExpressionRef' || source['name'] !== 'Patient') return;
  if (isAbsent(await search.ask(library.name, node))) search.found.add(`Patient.${String(path)}`);
}

function definitionOf(node: ElmNode, library: ElmLibrary, { libraries }: Search): Definition | undefined {
  if (node['type'] !== 'ExpressionRef') return undefined;
  const home = libraries.get(homeOf(node, library))?.elm;
  const expression = home?.expressions.get(String(node['name']));
  return home === undefined || expression === undefined ? undefined : { library: home, expression };
}

function isAbsent(value: unknown): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}

function isSeen(library: ElmLibrary, name: string, { seen }: Search): boolean {
  const key = `${library.name}.${name}`;
  const known = seen.has(key);
  seen.add(key);
  return known;
}
