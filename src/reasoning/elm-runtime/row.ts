/**
 * A tuple of which each element is computed when it is first read: of a long list most is never looked at. The compiler
 * writes one class for each query that makes such tuples, with a getter for each element.
 */
export abstract class Row {
  /** Names of the elements. */
  abstract get elements(): readonly string[];
}

/** The same value as plain tuples and lists, for the engine, which looks at what an object holds itself. */
export function whole(value: unknown): unknown {
  if (Array.isArray(value)) return value.some(isUnfinished) ? value.map(whole) : value;
  if (value instanceof Row) return tupleOf(value);
  if (!isPlainTuple(value)) return value;
  const members = Object.entries(value);
  return members.some(([, member]) => isUnfinished(member))
    ? Object.fromEntries(members.map(([name, member]) => [name, whole(member)]))
    : value;
}

function isUnfinished(value: unknown): boolean {
  return whole(value) !== value;
}

function tupleOf(row: Row): object {
  // The compiler gives each element a getter of its name.
  const values = row as unknown as Record<string, unknown>;
  return Object.fromEntries(row.elements.map((name) => [name, whole(values[name])]));
}

function isPlainTuple(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
