import { describe, expect, it } from '@jest/globals';
import { JsonShape } from '../../src/json-shape.js';

const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
const list = (members: number) => `[${new Array(members).fill('1').join(',')}]`;

/** What is said of a text that comes in pieces of this many bytes. */
function judged(text: string, size = Infinity): string | undefined {
  const shape = new JsonShape();
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; from += size) {
    const problem = shape.read(bytes.subarray(from, from + size));
    if (problem !== undefined) return problem;
  }
  return undefined;
}

describe('the shape of a JSON text', () => {
  it.each([
    ['64 levels', nested(64), undefined],
    ['65 levels', nested(65), 'too-deep'],
    ['levels one after the other', `[${nested(40)},${nested(40)}]`, undefined],
    ['100,000 members', list(100_000), undefined],
    ['100,001 members', list(100_001), 'too-many'],
    ['100,001 members after a shorter list', `[[1,2],${list(100_001).slice(1)}`, 'too-many'],
    ['100,000 members in two lists', `[${list(50_000)},${list(50_001)}]`, undefined],
    ['100,001 names', `{${'"a":1,'.repeat(100_000)}"b":1}`, 'too-many'],
    ['brackets in a string', `"${'['.repeat(100)}"`, undefined],
    ['brackets behind an escaped quote', String.raw`"\"${'['.repeat(100)}"`, undefined],
    ['brackets behind an escaped backslash', String.raw`["\\",${nested(64)}]`, 'too-deep'],
    ['closing brackets that nothing opened', `${']'.repeat(100)}${nested(64)}`, undefined],
  ])('%s', (_, text, expected) => {
    expect(judged(text)).toBe(expected);
  });

  it.each([1, 2, 3, 7])('is the same in pieces of %d bytes', (size) => {
    for (const text of [
      String.raw`{"a\"[":"\\","b":"é\\\""}${nested(65)}`,
      String.raw`["\\",${nested(64)}]`,
      String.raw`["\"${'['.repeat(100)}",${nested(63)}]`,
    ])
      expect([text, judged(text, size)]).toEqual([text, judged(text)]);
  });
});
