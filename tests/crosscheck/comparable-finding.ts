import type { ParametersParameter } from 'fhir/r4.js';
import type { Finding } from '../../src/reasoning/finding.js';

/** Everything a finding says, in a form in which two engines can be compared. */
export type Comparable = Record<string, unknown>;

const LISTS = ['against', 'missing', 'ignored', 'notes', 'tests', 'explains'];

/** A finding of ours. */
export function ofFinding(finding: Finding | undefined): Comparable | undefined {
  return finding === undefined ? undefined : comparable({ ...finding });
}

/** A tuple as HAPI answers it: a null has no value, a list of one cannot be told from its member. */
export function ofParameter(parameter: ParametersParameter | undefined): Comparable | undefined {
  const value = parameter === undefined ? null : valueOf(parameter);
  return isTuple(value) ? comparable(value) : undefined;
}

function comparable(finding: Comparable): Comparable {
  return withoutNulls({
    kind: finding['kind'],
    points: finding['points'],
    urgency: finding['urgency'],
    warning: finding['warning'] ?? false,
    gatePassed: finding['gatePassed'],
    settled: finding['settled'],
    evidence: listOf(finding['evidence']).filter(isTuple).map(line),
    ...Object.fromEntries(LISTS.map((name) => [name, listOf(finding[name])])),
    removable: listOf(finding['removable']),
    words: withoutNulls(isTuple(finding['words']) ? finding['words'] : {}),
  });
}

function line(each: Comparable): Comparable {
  const { date, limit } = each;
  const quantity = isTuple(limit) ? { value: limit['value'], unit: limit['code'] ?? limit['unit'] } : undefined;
  return withoutNulls({ ...each, date: typeof date === 'string' ? instant(date) : undefined, limit: quantity });
}

function instant(date: string): string {
  return date.length > 10 ? new Date(date).toISOString() : date;
}

function valueOf(parameter: ParametersParameter): unknown {
  if (parameter.part !== undefined) return tupleOf(parameter.part);
  const [name, value] = Object.entries(parameter).find(([key]) => /^_?value/.test(key)) ?? [];
  if (name?.startsWith('value')) return value;
  return JSON.stringify(value ?? {}).includes('isEmptyList') ? [] : null;
}

function tupleOf(parts: readonly ParametersParameter[]): Comparable {
  const tuple: Comparable = {};
  for (const part of parts) {
    const value = valueOf(part);
    const before = tuple[part.name];
    tuple[part.name] = part.name in tuple ? [...listOf(before), value] : value;
  }
  return tuple;
}

function listOf(value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

function isTuple(value: unknown): value is Comparable {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withoutNulls(value: Comparable): Comparable {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined && member !== null));
}
