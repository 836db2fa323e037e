import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { plainText } from '../../../src/cards/escape-markdown.js';

describe('plainText', () => {
  it.each([
    ['  two\r\n\tlines \u00a0 here ', 'two lines here'],
    ['one\u2028two\u2029three\u0085four\u3000five', 'one two three four five'],
    ['fu\u200bro\u00adse\ufeffmide\u2060', 'furosemide'],
    ['one \u200b two', 'one two'],
    ['\ufff9note\ufffb', 'note'],
    ['\u202eevil\u202c \u2066x\u2069 \u200f', 'evil x'],
    ['a\u0000b\u0007c\u001bd\u007fe', 'abcde'],
    ['a\ud800b\udc00c', 'abc'],
    ['tag\u{e0041}s \ufe0f\u3164', 'tags'],
    ['*not* [escaped](https://own.example) <b> & a@b', '*not* [escaped](https: // own.example) ‹b> & a@ b'],
    ['<2.5 mmol/L and >9', '<2.5 mmol/L and >9'],
    ['\u200b \n', ''],
  ])('writes %j as %j', (text, plain) => {
    expect(plainText(text)).toBe(plain);
  });

  it('cuts at 80 characters and says so', () => {
    expect(plainText('a'.repeat(80))).toBe('a'.repeat(80));
    expect(plainText('a'.repeat(81))).toBe(`${'a'.repeat(79)}…`);
    expect(plainText(`${'a'.repeat(78)} ${'b'.repeat(9)}`)).toBe(`${'a'.repeat(78)}…`);
  });

  it('does not cut a character in two', () => {
    expect(plainText(`${'a'.repeat(78)}${'😀'.repeat(9)}`)).toBe(`${'a'.repeat(78)}…`);
    expect(plainText('😀'.repeat(50))).toBe(`${'😀'.repeat(39)}…`);
  });

  it('gives one line of visible, well-formed text, and the same when done twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const plain = plainText(text);
        expect(plain.length).toBeLessThanOrEqual(80);
        expect(plain).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|^\s|\s$|\s\s/u);
        expect(plainText(plain)).toBe(plain);
      }),
      { numRuns: 500 },
    );
  });
});
