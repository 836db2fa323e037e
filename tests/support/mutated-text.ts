import fc from 'fast-check';

/** What is put between, or in the place of, bytes of a text that was JSON. */
const PIECES = [
  ...[
    '"',
    '\\',
    '\\u',
    '\\ud800',
    '\\u0000',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '/*',
    '//',
    "'",
    'NaN',
    '-',
    '+1',
    '01',
    '1e999',
  ],
  ...[
    '\u0000',
    '\ufeff',
    '\u2028',
    ' ',
    '\n',
    'null',
    'true',
    '"__proto__":',
    '"resourceType":"Patient",',
    '"constructor":{"prototype":{}},',
  ],
].map((text) => Buffer.from(text));
const BROKEN = [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0x80]].map((bytes) =>
  Buffer.from(bytes),
);

const CHANGE = fc.record({
  place: fc.nat(),
  kind: fc.constantFrom('insert', 'overwrite', 'cut', 'flip', 'repeat', 'repeat key'),
  piece: fc.constantFrom(...PIECES, ...BROKEN),
  length: fc.integer({ min: 1, max: 40 }),
});
type Change = typeof CHANGE extends fc.Arbitrary<infer Made> ? Made : never;

/** Such a text in UTF-8 with up to three places overwritten, taken out, cut off, repeated or with a bit turned; keys may come twice. */
export function mutatedText(texts: fc.Arbitrary<string>): fc.Arbitrary<Buffer> {
  return fc
    .tuple(texts, fc.array(CHANGE, { minLength: 1, maxLength: 3 }))
    .map(([text, changes]) => changes.reduce(changedBytes, Buffer.from(text)));
}

function changedBytes(bytes: Buffer, { place, kind, piece, length }: Change): Buffer {
  const at = bytes.length === 0 ? 0 : place % bytes.length;
  if (kind === 'repeat key') return withKeyTwice(bytes, at);
  if (kind === 'flip') {
    const turned = Buffer.from(bytes);
    turned.writeUInt8((turned[at] ?? 0) ^ (1 << (length % 8)), at);
    return turned;
  }
  if (kind === 'cut') return length === 1 ? bytes.subarray(0, at) : without(bytes, at, length);
  const between = kind === 'repeat' ? bytes.subarray(at, at + length) : piece;
  return Buffer.concat([bytes.subarray(0, at), between, bytes.subarray(kind === 'overwrite' ? at + piece.length : at)]);
}

function without(bytes: Buffer, at: number, length: number): Buffer {
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
}

/** The next member of an object once more, with another value: JSON does not say which counts. */
function withKeyTwice(bytes: Buffer, at: number): Buffer {
  const text = bytes.toString('latin1');
  const found = /"(?:[^"\\]|\\.)*":/.exec(text.slice(at));
  if (found === null) return bytes;
  const twice = `${text.slice(0, at + found.index)}${found[0]}null,${text.slice(at + found.index)}`;
  return Buffer.from(twice, 'latin1');
}
