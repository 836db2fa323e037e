/** `equal` is CQL's `=` (unknown when only one side has a value), `equivalent` its `~` (case and spaces ignored). */
export type Sameness = 'equal' | 'equivalent';

/**
 * Compares two lists of values item by item, as CQL compares the elements of structured values.
 * Source: CQL 1.5 reference, Equal and Equivalent.
 *
 * @returns null when it cannot be known, never for `equivalent`
 */
export function sameElements(a: readonly unknown[], b: readonly unknown[], sameness: Sameness): boolean | null {
  if (a.length !== b.length) return false;
  const results = a.map((value, index) => sameValue(value, b[index], sameness));
  if (results.includes(false)) return false;
  return results.includes(null) ? null : true;
}

function sameValue(a: unknown, b: unknown, sameness: Sameness): boolean | null {
  if (a === null && b === null) return true;
  if (a === null || b === null) return sameness === 'equal' ? null : false;
  if (Array.isArray(a) && Array.isArray(b)) return sameElements(a, b, sameness);
  if (typeof a === 'string' && typeof b === 'string' && sameness === 'equivalent') return sameText(a, b);
  return isComparable(a) ? a[sameness === 'equal' ? 'equals' : 'equivalent'](b) : a === b;
}

function sameText(a: string, b: string): boolean {
  const [plainA, plainB] = [a.replace(/\s/g, ' '), b.replace(/\s/g, ' ')];
  return plainA.localeCompare(plainB, 'en', { sensitivity: 'base' }) === 0;
}

interface Comparable {
  equals(other: unknown): boolean | null;
  equivalent(other: unknown): boolean;
}

/** FHIR objects and the engine's dates and times. */
function isComparable(value: unknown): value is Comparable {
  return typeof value === 'object' && value !== null && 'equals' in value && 'equivalent' in value;
}
