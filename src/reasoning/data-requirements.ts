import { ServiceError } from '../errors.js';
import type { DataRequirement } from '../patient-record.js';
import { type ElmNode, nodesOf } from './elm-library.js';
import type { EnumeratedValueSet } from './value-sets.js';

/** Asked by callback only, or brought by the hook's context: never prefetched. */
const NOT_PREFETCHED = new Set(['ServiceRequest']);

/** Where a retrieve takes its codes from: nowhere, a value set or single codes. */
interface Retrieved {
  resourceType: string;
  valueSetUrl?: string;
  codes?: string[];
}

/**
 * What the compiled knowledge retrieves, one entry per query: Observations by the group their value sets ask for,
 * every other type once.
 *
 * @param libraries ELM by library name
 * @throws ServiceError `invalid-knowledge` when an Observation is retrieved that no group brings
 */
export function dataRequirements(
  libraries: ReadonlyMap<string, unknown>,
  valueSets: ReadonlyMap<string, EnumeratedValueSet>,
): DataRequirement[] {
  const retrieved = [...libraries.values()].flatMap((elm) => retrievesIn(elm, libraries));
  const types = new Set(retrieved.map(({ resourceType }) => resourceType).filter((type) => !NOT_PREFETCHED.has(type)));
  types.delete('Observation');
  return [
    ...[...types].sort().map((resourceType) => wholeType(resourceType, retrieved, valueSets)),
    ...observationGroups(retrieved, valueSets),
  ];
}

function wholeType(
  resourceType: string,
  retrieved: readonly Retrieved[],
  valueSets: ReadonlyMap<string, EnumeratedValueSet>,
): DataRequirement {
  const ofType = retrieved.filter((each) => each.resourceType === resourceType);
  const isWhole = ofType.some(({ codes, valueSetUrl }) => codes === undefined && valueSetUrl === undefined);
  if (isWhole) return { resourceType, codes: [] };
  const codes = ofType.flatMap((each) => each.codes ?? setOf(each, valueSets)?.codes.map(({ code }) => code) ?? []);
  return { resourceType, codes: [...new Set(codes)].sort() };
}

function observationGroups(
  retrieved: readonly Retrieved[],
  valueSets: ReadonlyMap<string, EnumeratedValueSet>,
): DataRequirement[] {
  const groups = new Map<string, { codes: Set<string>; lookBackDays: number }>();
  const observations = retrieved.filter(({ resourceType }) => resourceType === 'Observation');
  for (const each of observations) {
    const set = setOf(each, valueSets);
    if (set === undefined) continue;
    const name = set.group ?? refuse(`The value set ${set.url} does not say in which group its results are fetched.`);
    const group = groups.get(name) ?? { codes: new Set<string>(), lookBackDays: 0 };
    set.codes.forEach(({ code }) => group.codes.add(code));
    groups.set(name, { ...group, lookBackDays: Math.max(group.lookBackDays, set.lookBackDays ?? Infinity) });
  }
  const covered = new Set([...groups.values()].flatMap(({ codes }) => [...codes]));
  const single = observations.flatMap(({ codes, valueSetUrl }) => codes ?? (valueSetUrl === undefined ? ['any'] : []));
  const uncovered = single.find((code) => !covered.has(code));
  if (uncovered !== undefined) refuse(`No prefetch group brings the retrieved Observation code ${uncovered}.`);
  return [...groups].map(([group, { codes, lookBackDays }]) => ({
    resourceType: 'Observation',
    group,
    codes: [...codes].sort(),
    ...(Number.isFinite(lookBackDays) ? { lookBackDays } : {}),
  }));
}

function setOf(each: Retrieved, valueSets: ReadonlyMap<string, EnumeratedValueSet>): EnumeratedValueSet | undefined {
  if (each.valueSetUrl === undefined) return undefined;
  return valueSets.get(each.valueSetUrl) ?? refuse(`The value set ${each.valueSetUrl} has no file.`);
}

function refuse(message: string): never {
  throw new ServiceError('invalid-knowledge', message);
}

function retrievesIn(elm: unknown, libraries: ReadonlyMap<string, unknown>): Retrieved[] {
  return nodesOf(elm)
    .filter((node) => node['type'] === 'Retrieve')
    .map((node) => ({
      resourceType: String(node['dataType']).replace(/^\{.*\}/, ''),
      ...codesOf(node['codes'], elm, libraries),
    }));
}

function codesOf(
  codes: unknown,
  elm: unknown,
  libraries: ReadonlyMap<string, unknown>,
): { valueSetUrl?: string; codes?: string[] } {
  const references = nodesOf(codes);
  const valueSet = references.find((node) => node['type'] === 'ValueSetRef');
  if (valueSet !== undefined) return { valueSetUrl: String(definition(valueSet, elm, libraries)['id']) };
  const single = references.filter((node) => node['type'] === 'CodeRef');
  return single.length === 0 ? {} : { codes: single.map((each) => String(definition(each, elm, libraries)['id'])) };
}

/** The definition a reference names: in its own library, or in the one its alias includes. */
function definition(reference: ElmNode, elm: unknown, libraries: ReadonlyMap<string, unknown>): ElmNode {
  const include = definitions(elm, 'includes').find(
    ({ localIdentifier }) => localIdentifier === reference['libraryName'],
  );
  const library = include === undefined ? elm : libraries.get(String(include['path']));
  const all = [...definitions(library, 'valueSets'), ...definitions(library, 'codes')];
  const found = all.find(({ name }) => name === reference['name']);
  return found ?? refuse(`The code or value set ${String(reference['name'])} is not defined.`);
}

/** ELM keeps the definitions of each kind in a list of their own. */
function definitions(elm: unknown, kind: 'includes' | 'valueSets' | 'codes'): ElmNode[] {
  // The build wrote this JSON; what is not there is simply not defined.
  const { library } = elm as { library?: Partial<Record<typeof kind, { def?: ElmNode[] }>> };
  return library?.[kind]?.def ?? [];
}
