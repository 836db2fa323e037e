import type { DataRequirement } from 'fhir/r4.js';
import { ServiceError } from '../errors.js';
import { type ElmLibrary, type ElmNode, homeOf, nodesOf, readElmLibrary } from '../reasoning/elm-library.js';

/** One retrieve: of a type, by the codes of a value set, by single codes, or of all. */
export interface Retrieved {
  resourceType: DataRequirement['type'];
  path: string;
  valueSets: string[];
  codes: { system: string; code: string }[];
}

interface Definitions {
  valueSets?: { def?: { name: string; id: string }[] };
  codes?: { def?: { name: string; id: string; codeSystem: { name: string } }[] };
  codeSystems?: { def?: { name: string; id: string }[] };
}

/**
 * What a library's defines retrieve, wherever the retrieves stand: references are followed into the included libraries, so
 * that only what is used counts.
 *
 * @param elm ELM by library name, as JSON
 */
export function retrievesOf(name: string, elm: ReadonlyMap<string, string>): Retrieved[] {
  const libraries = new Map([...elm].map(([each, text]) => [each, parsed(each, text)]));
  const found = new Map<string, Retrieved>();
  const seen = new Set<string>();
  const walk = (library: string, node: ElmNode): void => {
    const home = libraries.get(library);
    if (home === undefined) throw new ServiceError('invalid-knowledge', `There is no library ${library}.`);
    for (const each of nodesOf(node)) {
      if (each['type'] === 'Retrieve') keep(found, retrieved(each, home, libraries));
      for (const { key, library: where, body } of referred(each, home, libraries)) {
        if (seen.has(key)) continue;
        seen.add(key);
        walk(where, body);
      }
    }
  };
  const own = libraries.get(name);
  for (const expression of own?.read.expressions.values() ?? []) walk(name, expression);
  return [...found].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, each]) => each);
}

interface Parsed {
  read: ElmLibrary;
  definitions: Definitions;
}

function parsed(name: string, text: string): Parsed {
  // The build's own ELM.
  const elm = JSON.parse(text) as { library: Definitions };
  return { read: readElmLibrary(name, elm as object), definitions: elm.library };
}

function referred(node: ElmNode, { read }: Parsed, libraries: ReadonlyMap<string, Parsed>) {
  const { type, name } = node;
  if (type !== 'ExpressionRef' && type !== 'FunctionRef') return [];
  const library = homeOf(node, read);
  const home = libraries.get(library)?.read;
  const body = home?.expressions.get(String(name));
  const bodies = type === 'FunctionRef' ? (home?.functions.get(String(name)) ?? []) : body === undefined ? [] : [body];
  return bodies.map((each, index) => ({
    key: `${library}.${String(name)}.${type}.${String(index)}`,
    library,
    body: each,
  }));
}

function retrieved(node: ElmNode, home: Parsed, libraries: ReadonlyMap<string, Parsed>): Retrieved {
  const references = nodesOf(node['codes']);
  const definitionsOf = (reference: ElmNode) =>
    libraries.get(homeOf(reference, home.read))?.definitions ?? home.definitions;
  return {
    // The translator knows FHIR's types.
    resourceType: String(node['dataType']).replace(/^\{.*\}/, '') as Retrieved['resourceType'],
    path: typeof node['codeProperty'] === 'string' ? node['codeProperty'] : 'code',
    valueSets: references.flatMap((each) =>
      each['type'] === 'ValueSetRef' ? urlOf(String(each['name']), definitionsOf(each)) : [],
    ),
    codes: references.flatMap((each) =>
      each['type'] === 'CodeRef' ? codeOf(String(each['name']), definitionsOf(each)) : [],
    ),
  };
}

function urlOf(name: string, { valueSets }: Definitions): string[] {
  return (valueSets?.def ?? []).flatMap((each) => (each.name === name ? each.id : []));
}

function codeOf(name: string, { codes, codeSystems }: Definitions): Retrieved['codes'] {
  return (codes?.def ?? []).flatMap((each) => {
    const system = codeSystems?.def?.find((one) => one.name === each.codeSystem.name)?.id;
    return each.name === name && system !== undefined ? { system, code: each.id } : [];
  });
}

function keep(found: Map<string, Retrieved>, each: Retrieved): void {
  const codes = each.codes.map(({ code }) => code);
  found.set([each.resourceType, each.path, ...each.valueSets, ...codes].join('|'), each);
}
