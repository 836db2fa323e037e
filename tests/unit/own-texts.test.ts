import { serialize } from 'node:v8';
import { describe, expect, it } from '@jest/globals';
import { readCardTemplates } from '../../src/cards/card-template.js';
import { readHandouts } from '../../src/cards/handout.js';
import { FOLDERS } from '../../src/folders.js';
import { withOwnTexts } from '../../src/own-texts.js';
import { readPolicy } from '../../src/policy.js';
import { loadKnowledge } from '../../src/reasoning/knowledge.js';

/** V8 writes a text as it holds it, and before it which way that is. */
const WIDE = 'c'.charCodeAt(0);
const isHeldWide = (text: string) => serialize(text)[2] === WIDE;

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (value instanceof Map) return [...value.values()].flatMap(textsIn);
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** Of plain ASCII, and held as if it were not. */
const needlesslyWide = (value: unknown) => textsIn(value).filter((text) => /^[ -~]+$/.test(text) && isHeldWide(text));

describe('texts of their own', () => {
  it('are no wider than what they hold', () => {
    const file = 'Low calcium with high phosphate … and more';
    const cut = [file.slice(0, 31), { wide: file.slice(28, 35) }];
    expect(needlesslyWide(cut)).toEqual(['Low calcium with high phosphate']);
    const own = withOwnTexts(cut);
    expect(own).toEqual(cut);
    expect(needlesslyWide(own)).toEqual([]);
  });

  it('are all that a card can be made of', () => {
    const { cardWords } = loadKnowledge(FOLDERS);
    const titles = [...readHandouts(`${FOLDERS.cards}/handouts`).values()].map(({ title }) => title);
    const { wording } = readPolicy(`${FOLDERS.cards}/policy.yaml`);
    expect(needlesslyWide([readCardTemplates(FOLDERS.cards, cardWords), wording, titles])).toEqual([]);
  });
});
