import type { FhirResource, Observation, Quantity } from 'fhir/r4.js';
import type { Bearer } from './code-index.js';
import { lastMomentOf } from './fhir-time.js';
import type { EnumeratedValueSet } from './value-sets.js';

/** So many of each kind reach the knowledge, however long the record is. */
const NEWEST = 40;
/** The group of value sets whose results come many at a time. */
const BEDSIDE = 'bedside';
const DAY = 86_400_000;

/** For how many days every result of a code is looked at, by code; other codes are not in it. */
export type LookBacks = ReadonlyMap<string, number>;

/** Read from the tags of the value sets. */
export function bedsideLookBacks(sets: Iterable<EnumeratedValueSet>): LookBacks {
  const days = new Map<string, number>();
  for (const { group, lookBackDays = Infinity, codes } of sets) {
    if (group !== BEDSIDE) continue;
    for (const { code } of codes) days.set(code, Math.max(days.get(code) ?? 0, lookBackDays));
  }
  return days;
}

/**
 * Of the results of one code, the newest of each kind: same system, unit, status, and the same way of saying a number.
 * Of a code measured at the bedside also every result within its look-back: a session holds more than forty.
 * What is dated after `now` counts beside the others, so that a wrong clock hides nothing.
 */
export function newestOfEachKind(
  resources: readonly FhirResource[],
  lookBacks: LookBacks,
  now: number,
): (bearers: Bearer[], code: string) => Bearer[] {
  return (bearers, code) => {
    if (bearers.length <= NEWEST) return bearers;
    const since = now - (lookBacks.get(code) ?? 0) * DAY;
    const kept = new Set<Bearer>();
    for (const kind of kindsOf(bearers, resources)) {
      const timed =
        kind.length <= NEWEST
          ? undefined
          : kind.map((bearer) => ({ bearer, time: timeOf(resources[bearer.position]) }));
      if (timed === undefined) kind.forEach((bearer) => kept.add(bearer));
      else newest(timed, since, now).forEach((bearer) => kept.add(bearer));
    }
    return bearers.filter((bearer) => kept.has(bearer));
  };
}

interface Timed {
  bearer: Bearer;
  time: number;
}

function newest(timed: readonly Timed[], since: number, now: number): Bearer[] {
  const past = timed.filter(({ time }) => time <= now).sort((a, b) => b.time - a.time);
  // As many as there are places, and those that tie with the last of them.
  const last = past[NEWEST - 1]?.time ?? -Infinity;
  const kept = past.filter(({ time }) => time >= last || time >= since);
  return [...timed.filter(({ time }) => !(time <= now)), ...kept].map(({ bearer }) => bearer);
}

function kindsOf(bearers: readonly Bearer[], resources: readonly FhirResource[]): Iterable<Bearer[]> {
  const kinds = new Map<string, Bearer[]>();
  for (const bearer of bearers) {
    const key = kindOf(resources[bearer.position] as Observation | undefined, bearer);
    const kind = kinds.get(key);
    if (kind === undefined) kinds.set(key, [bearer]);
    else kind.push(bearer);
  }
  return kinds.values();
}

/** What is no number, or has more to it than a number (a comment, parts), is a kind of its own. */
function kindOf(resource: Observation | undefined, { system = '' }: Bearer): string {
  // What a client sends may have any shape.
  const { status, valueQuantity, note, interpretation, component } = (resource ?? {}) as Partial<Observation>;
  const quantity = (valueQuantity ?? {}) as Partial<Quantity>;
  const isNumber = typeof quantity.value === 'number';
  const remarks =
    (note === undefined ? 0 : 1) + (interpretation === undefined ? 0 : 2) + (component === undefined ? 0 : 4);
  const { code, unit, comparator } = quantity;
  return `${system}|${String(code ?? unit)}|${String(status)}|${String(comparator)}|${String(isNumber)}|${String(remarks)}`;
}

/** Milliseconds since 1970, of a partial date its last; what cannot be read is later than anything. */
function timeOf(resource: FhirResource | undefined): number {
  const { effectiveDateTime, effectiveInstant, effectivePeriod, issued } = (resource ?? {}) as Partial<Observation>;
  const text = effectiveDateTime ?? effectiveInstant ?? effectivePeriod?.end ?? effectivePeriod?.start ?? issued;
  return lastMomentOf(text) ?? Infinity;
}
