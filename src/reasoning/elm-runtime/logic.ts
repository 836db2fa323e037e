/**
 * Three-valued logic as the engine has it: what is neither false nor null counts as true, so that a value the engine
 * leaves undefined is no unknown.
 */
export function and(a: unknown, b: unknown): boolean | null {
  if (a === false || b === false) return false;
  return a === null || b === null ? null : true;
}

export function or(a: unknown, b: unknown): boolean | null {
  if (a === true || b === true) return true;
  return a === null || b === null ? null : false;
}

export function not(value: unknown): boolean | null {
  return value == null ? null : !value;
}

/** Whether one side of an `and` leaves it true. */
export function isNoFalse(value: unknown): boolean {
  return value !== false && value !== null;
}
