export const DEEPEST_NESTING = 64;
/** Of one object or list. A table of a million names takes more memory than a thread may have, and ends the process with it. */
export const MOST_MEMBERS = 100_000;

const [QUOTE, BACKSLASH, COMMA, OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = Buffer.from('"\\,[]{}');

/**
 * Looks at the bytes of a JSON text, as they come, before anything parses them: a million open brackets would cost a
 * second, and later the stack. What is no JSON is left to the parser.
 */
export class JsonShape {
  readonly #members = new Uint32Array(DEEPEST_NESTING + 1);
  #depth = 0;
  #isInString = false;
  /** The piece before ended with a backslash in a string. */
  #isEscaped = false;

  /** What is wrong with the text up to the end of this piece of it. */
  read(bytes: Uint8Array): 'too-deep' | 'too-many' | undefined {
    const members = this.#members;
    let depth = this.#depth;
    for (let index = this.#isInString ? this.#endOfString(bytes, 0) + 1 : 0; index < bytes.length; index += 1) {
      const byte = bytes[index];
      if (byte === QUOTE) index = this.#endOfString(bytes, index + 1);
      else if (byte === COMMA) {
        members[depth] = (members[depth] ?? 0) + 1;
        if ((members[depth] ?? 0) >= MOST_MEMBERS) return 'too-many';
      } else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
        depth += 1;
        if (depth > DEEPEST_NESTING) return 'too-deep';
        members[depth] = 0;
      } else if ((byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) && depth > 0) depth -= 1;
    }
    this.#depth = depth;
    return undefined;
  }

  /** Where the quote stands that ends the string: three bytes of four are within strings. */
  #endOfString(bytes: Uint8Array, start: number): number {
    let index = this.#isEscaped ? start + 1 : start;
    while (index < bytes.length && bytes[index] !== QUOTE) index += bytes[index] === BACKSLASH ? 2 : 1;
    this.#isInString = index >= bytes.length;
    this.#isEscaped = index > bytes.length;
    return index;
  }
}
