import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { describe, expect, it } from '@jest/globals';
import { readCardTemplates } from '../../src/cards/card-template.js';
import { readHandouts } from '../../src/cards/handout.js';
import { FOLDERS } from '../../src/folders.js';
import { withOwnTexts } from '../../src/own-texts.js';
import { readPolicy } from '../../src/policy.js';
import { loadKnowledge } from '../../src/reasoning/knowledge.js';
import { readSiteCodes } from '../../src/site-codes.js';

const WIDE = 'c'.charCodeAt(0);

/** V8 writes a text as it holds it; before it, after two bytes and perhaps an empty one, stands which way that is. */
const isHeldWide = (text: string) =>
  serialize(text)
    .subarray(2)
    .find((byte) => byte !== 0) === WIDE;

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (value instanceof Map) return [...value.values()].flatMap(textsIn);
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** Of plain ASCII, and held as if it were not. */
const needlesslyWide = (value: unknown) => textsIn(value).filter((text) => /^[ -~]+$/.test(text) && isHeldWide(text));

const folder = mkdtempSync(join(tmpdir(), 'own-texts-'));

function written(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('texts of their own', () => {
  it.each([31, 63, 64, 90])('are no wider than what they hold, with %i characters', (length) => {
    const file = `${'x'.repeat(length)} … and more`;
    const cut = [file.slice(0, length), { wide: file.slice(length) }];
    expect(needlesslyWide(cut)).toEqual(['x'.repeat(length)]);
    const own = withOwnTexts(cut);
    expect(own).toEqual(cut);
    expect(needlesslyWide(own)).toEqual([]);
  });
});

describe('what a card is made of is no wider than what it holds', () => {
  const { cardWords } = loadKnowledge(FOLDERS);

  it('in the templates, of which many hold a wide character', () => {
    expect(needlesslyWide(readCardTemplates(FOLDERS.cards, cardWords))).toEqual([]);
  });

  it('in the policy', () => {
    const text = readFileSync(join(FOLDERS.cards, 'policy.yaml'), 'utf8');
    expect(needlesslyWide(readPolicy(written('policy.yaml', `# … and more\n${text}`)))).toEqual([]);
  });

  it('in the titles of handouts', () => {
    const head = 'title: When a cramp comes at night\nlang: en\nsummary: What helps\nfoot: Ask';
    written('at-night.md', `---\n${head}\n---\n\nStretch … slowly.\n`);
    const titles = [...readHandouts(folder).values()].map(({ title }) => title);
    expect(titles).toEqual(['When a cramp comes at night']);
    expect(needlesslyWide(titles)).toEqual([]);
  });

  it("in a site's own orders", () => {
    const order = 'ecgOrder:\n  system: urn:site\n  code: E12\n  display: Twelve lead ECG at rest';
    const { orders } = readSiteCodes(written('codes.yaml', `# … and more\n${order}\n`));
    expect(textsIn(orders)).toContain('Twelve lead ECG at rest');
    expect(needlesslyWide(orders)).toEqual([]);
  });
});
