import { Quantity } from 'cql-execution';
import { doUnion, toDistinctList } from 'cql-execution/lib/elm/list.js';
import { greaterThan, lessThan } from 'cql-execution/lib/util/comparison.js';
import { FhirObject } from '../fhir-object.js';
import { NotCompiled } from './not-compiled.js';
import { whole } from './row.js';

/** What a step of a query answers for an item that is left out. */
export const none = Symbol('none');

type Step = (...items: unknown[]) => unknown;

/** A source that is no list is a query over one item, whose answer is no list either. */
export function query(source: unknown, step: (item: unknown) => unknown): unknown {
  if (source == null) return null;
  if (!Array.isArray(source)) {
    const answer = step(source);
    return answer === none ? undefined : answer;
  }
  const answers: unknown[] = [];
  for (const item of source) {
    const answer = step(item);
    if (answer !== none) answers.push(answer);
  }
  return answers;
}

/** The first answer of a query. */
export function firstOf(source: unknown, step: (item: unknown) => unknown): unknown {
  if (!Array.isArray(source)) return null;
  for (const item of source) {
    const answer = step(item);
    if (answer !== none) return answer;
  }
  return null;
}

/** Whether a query has an answer. */
export function existsIn(source: unknown, step: (item: unknown) => unknown): boolean {
  if (!Array.isArray(source)) return exists(query(source, step));
  for (const item of source) {
    const answer = step(item);
    if (answer !== none && answer != null) return true;
  }
  return false;
}

/** Every combination of the items of several lists; null when all of them are. */
export function crossed(sources: readonly unknown[], step: Step): unknown {
  if (sources.every((source) => source == null)) return null;
  if (!sources.some(Array.isArray)) throw new NotCompiled('a query of several sources without a list');
  if (sources.some((source) => Array.isArray(source) && source.length === 0)) return [];
  let combinations: unknown[][] = [[]];
  for (const source of sources) {
    const items: unknown[] = Array.isArray(source) ? source : source == null ? [] : [source];
    combinations = combinations.flatMap((some) => items.map((item) => [...some, item]));
  }
  return combinations.map((some) => step(...some)).filter((answer) => answer !== none);
}

export function exists(list: unknown): boolean {
  return list ? listOf(list).some((item) => item != null) : false;
}

export function first(list: unknown): unknown {
  return Array.isArray(list) && list.length > 0 ? list[0] : null;
}

export function last(list: unknown): unknown {
  return Array.isArray(list) && list.length > 0 ? list.at(-1) : null;
}

export function slice(list: unknown, from: unknown, to: unknown): unknown {
  if (!Array.isArray(list)) return null;
  const start = from == null ? 0 : Number(from);
  const end = to == null ? list.length : Number(to);
  return list.length === 0 || start < 0 || end < 0 || end < start ? [] : list.slice(start, end);
}

export function singletonFrom(list: unknown): unknown {
  if (list == null) return null;
  const items = listOf(list);
  if (items.length > 1) throw new Error('a list of more than one item has no single item');
  return items.length === 1 ? items[0] : null;
}

export function toList(value: unknown): unknown[] {
  return value == null ? [] : [value];
}

/** A list with an item that is no list stays as it is. */
export function flatten(list: unknown): unknown {
  if (!Array.isArray(list) || !list.every(Array.isArray)) return list;
  const all: unknown[] = [];
  for (const inner of list as unknown[][]) for (const item of inner) all.push(item);
  return all;
}

export function count(list: unknown): number {
  return Array.isArray(list) ? list.filter((item) => item != null).length : 0;
}

export function coalesceList(list: unknown): unknown {
  return Array.isArray(list) ? (list.find((item) => item != null) ?? null) : (list ?? null);
}

export function min(list: unknown): unknown {
  return extreme(list, lessThan);
}

export function max(list: unknown): unknown {
  return extreme(list, greaterThan);
}

function extreme(list: unknown, isBeyond: (a: unknown, b: unknown) => unknown): unknown {
  if (list == null) return null;
  const items = listOf(list).filter((item) => item != null);
  if (items.some((item) => item instanceof Quantity)) throw new NotCompiled('the extreme of quantities');
  let found = items[0] ?? null;
  for (const item of items) if (isBeyond(item, found)) found = item;
  return found;
}

export function distinctList(list: unknown): unknown {
  return list == null ? null : distinct(listOf(list));
}

/** Of a query, whose answer need not be a list. */
export function distinctResult(answer: unknown): unknown {
  return Array.isArray(answer) ? distinct(answer) : answer;
}

function distinct(list: readonly unknown[]): unknown[] {
  if (list.length === 0) return [];
  return list.every(isScalar) ? [...new Set(list)] : toDistinctList(list.map(whole));
}

/** The engine tells these apart as JavaScript does; a null is one of them. */
function isScalar(value: unknown): boolean {
  return value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

export function union(a: unknown, b: unknown): unknown {
  if (a == null && b == null) return null;
  if (a == null || b == null) return Array.isArray(a ?? b) ? (a ?? b) : null;
  if (!Array.isArray(a) || !Array.isArray(b)) throw new NotCompiled('a union of what is no list');
  const all: unknown[] = [...(a as unknown[]), ...(b as unknown[])];
  return withoutRepeats(all) ?? doUnion(whole(a), whole(b));
}

/** Resources of one type with an id each are told apart by it; undefined when that does not decide. */
function withoutRepeats(all: readonly unknown[]): unknown[] | undefined {
  const seen = new Map<string, unknown>();
  for (const item of all) {
    const id = item instanceof FhirObject ? item.getId() : null;
    if (id === null) return undefined;
    const key = `${(item as FhirObject).typeName()}/${id}`;
    const known = seen.get(key);
    if (known !== undefined && known !== item) return undefined;
    seen.set(key, item);
  }
  return [...seen.values()];
}

function listOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw new NotCompiled('a list that is none');
}
