/** Compiled code has met a value it was not made for: the interpreter must answer instead. */
export class NotCompiled extends Error {
  override readonly name = 'NotCompiled';
}
