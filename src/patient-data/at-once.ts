/** Is there, or will be. */
type Soon<Value> = Value | Promise<Value>;

/** What throws at once fails as what is waited for does: else nobody would look after what is under way beside it. */
export function begun<Value>(work: () => Soon<Value>): Soon<Value> {
  try {
    return work();
  } catch (error) {
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }
}

/** At once where none is waited for: most hooks bring all with them, and promises took a tenth of the gathering. */
export function allOf<Value extends object>(values: readonly Soon<Value>[]): Soon<readonly Value[]> {
  const isThere = (value: Soon<Value>): value is Value => !(value instanceof Promise);
  return values.every(isThere) ? values : Promise.all(values.map((value) => Promise.resolve(value)));
}
