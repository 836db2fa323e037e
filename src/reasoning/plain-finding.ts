import { fhirText } from './fhir-time.js';
import type { EvidenceLine, Finding, Urgency } from './finding.js';

/** What a finding does not have from the answer. */
export type NamedFinding = Pick<Finding, 'library' | 'id' | 'capped'>;

/**
 * Reads an answer that has the shape of a finding in every part, as the schema of `read-finding` would: no reading of
 * an answer costs more than computing it.
 *
 * @returns undefined when any part is not as it should be: the schema then says what is wrong
 */
export function plainFinding(answer: object, named: NamedFinding): Finding | undefined {
  try {
    return finding(answer as Parts, named);
  } catch (error) {
    if (error instanceof Unusual) return undefined;
    throw error;
  }
}

type Parts = Readonly<Record<string, unknown>>;

class Unusual extends Error {}

const KINDS: readonly Finding['kind'][] = ['cause', 'draft', 'safety', 'insufficient'];
const URGENCIES: readonly Urgency[] = ['urgent', 'repeat'];

function finding(tuple: Parts, { library, id, capped }: NamedFinding): Finding {
  const { kind, points, urgency, warning, gatePassed, settled } = tuple;
  if (!isWhole(points) || points < 0 || points > 100) throw new Unusual();
  const plain: Finding = {
    library,
    id,
    kind: oneOf(KINDS, kind),
    points,
    capped,
    evidence: listOf(tuple['evidence'], evidenceLine),
    against: listOf(tuple['against'], text),
    missing: listOf(tuple['missing'], text),
    ignored: listOf(tuple['ignored'], text),
    notes: listOf(tuple['notes'], text),
    warning: warning == null ? false : boolean(warning),
    tests: listOf(tuple['tests'], text),
    explains: listOf(tuple['explains'], text),
    words: wordsIn(tuple['words']),
    removable: listOf(tuple['removable'], removable),
  };
  if (urgency != null) plain.urgency = oneOf(URGENCIES, urgency);
  if (gatePassed != null) plain.gatePassed = boolean(gatePassed);
  if (settled != null) plain.settled = boolean(settled);
  return plain;
}

function evidenceLine(line: unknown): EvidenceLine {
  const { points, text: words, shown, value, unit, date, reference, limit, derived } = partsOf(line);
  if (!isWhole(points)) throw new Unusual();
  const plain: EvidenceLine = { points, text: text(words), derived: boolean(derived) };
  if (shown != null) plain.shown = string(shown);
  if (value != null) plain.value = number(value);
  if (unit != null) plain.unit = string(unit);
  if (date != null) plain.date = timeText(date);
  if (reference != null) plain.reference = string(reference);
  if (limit != null) plain.limit = limitIn(partsOf(limit));
  return plain;
}

function limitIn({ value, unit }: Parts): { value: number; unit: string } {
  return { value: number(value), unit: text(unit) };
}

function removable(order: unknown): Finding['removable'][number] {
  const { name, reference } = partsOf(order);
  return { name: text(name), reference: text(reference) };
}

function wordsIn(words: unknown): Record<string, string> {
  const present: Record<string, string> = {};
  if (words == null) return present;
  const parts = partsOf(words);
  for (const name of Object.keys(parts)) if (parts[name] != null) present[name] = string(parts[name]);
  return present;
}

function timeText(value: unknown): string {
  if (typeof value !== 'object' || value === null || !('isDateTime' in value)) throw new Unusual();
  // A value of the engine that prints itself.
  return fhirText(value);
}

function partsOf(value: unknown): Parts {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Unusual();
  return value as Parts;
}

function listOf<Item>(list: unknown, read: (item: unknown) => Item): Item[] {
  if (list == null) return [];
  if (!Array.isArray(list)) throw new Unusual();
  return list.map((item: unknown) => read(item));
}

function oneOf<Value>(values: readonly Value[], value: unknown): Value {
  const known = values.find((each) => each === value);
  if (known === undefined) throw new Unusual();
  return known;
}

function text(value: unknown): string {
  if (value === '') throw new Unusual();
  return string(value);
}

function string(value: unknown): string {
  if (typeof value !== 'string') throw new Unusual();
  return value;
}

function number(value: unknown): number {
  if (!Number.isFinite(value)) throw new Unusual();
  return value as number;
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function boolean(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new Unusual();
  return value;
}
