import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

/** Cases that a threat model counts; 0 is the request that the others differ from. */
const LAST = 48;

it('the adversarial cases are all there, each by its number', () => {
  const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.test.ts'));
  const text = files.map((file) => readFileSync(join(import.meta.dirname, file), 'utf8')).join('\n');
  // At the start of a title, or first in a row of a table.
  const numbers = [...text.matchAll(/(?:it\(|\]\)\()\s*['`](\d+): |^ *\[\s*(\d{1,2}),\s*['`]/gm)];
  const named = new Set(numbers.map(([, title, row]) => Number(title ?? row)));
  expect([...named].sort((one, other) => one - other)).toEqual(
    Array.from({ length: LAST + 1 }, (_each, index) => index),
  );
});
