/** Says what of a library cannot be compiled: that library is then interpreted. */
export class Uncompilable extends Error {
  override readonly name = 'Uncompilable';
}

export function refuse(what: string): never {
  throw new Uncompilable(what);
}
