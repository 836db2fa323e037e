import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { marked } from 'marked';
import { escapeMarkdown, plainText } from '../../../src/cards/escape-markdown.js';
import { payloads } from '../../support/markdown-payloads.js';

const render = (markdown: string): string => marked.parse(markdown, { gfm: true, async: false });
const tagsOf = (html: string): string[] => html.match(/<[^>]*>/g) ?? [];
const entities: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&amp;': '&' };
const textOf = (html: string): string =>
  html.replace(/<[^>]*>/g, '').replace(/&(?:lt|gt|quot|#39|amp);/g, (entity) => entities[entity]!);
/** Plain text, but with the tags that it does not begin: Markdown can show them. */
const unbegun = (text: string): string => plainText(text).replace(/‹/g, '<');
const withoutSpaces = (text: string): string => text.replace(/\s/g, '');

/** Every place a card may put a word in. */
const places: Record<string, (text: string) => string> = {
  'a paragraph of its own': (text) => text,
  'the start of a line': (text) => `${text} is on record`,
  'the middle of a sentence': (text) => `On record is ${text}, since May`,
  'the end of a sentence': (text) => `On record is ${text}`,
  'the line below a paragraph': (text) => `On record:\n${text}`,
  'the line above a paragraph': (text) => `${text}\nis on record`,
  brackets: (text) => `On record (${text}) is`,
  'bold text': (text) => `On record is **${text}** since May`,
  'a list item': (text) => `- ${text}\n- second`,
  'a numbered item': (text) => `1. ${text}\n2. second`,
  'a nested item': (text) => `- first\n  - ${text}`,
  'a quote': (text) => `> ${text}`,
  'a heading': (text) => `## ${text}`,
  'a table cell': (text) => `| a | b |\n| --- | --- |\n| ${text} | x |`,
  'the head of a table': (text) => `| ${text} | b |\n| --- | --- |\n| y | x |`,
  'before a link': (text) => `${text} [handout](/handouts/h)`,
  'right before a link': (text) => `Read${text}[handout](/handouts/h)`,
};

/** Asserts that a text, wherever it stands, gives the tags a harmless word gives there, and is all there to read. */
function expectHarmless(text: string): void {
  const escaped = escapeMarkdown(text);
  if (escaped === '') return;
  for (const place of Object.values(places)) {
    const html = render(place(escaped));
    expect(tagsOf(html)).toEqual(tagsOf(render(place('word'))));
    expect(withoutSpaces(textOf(html))).toBe(
      withoutSpaces(textOf(render(place('word'))).replace('word', () => shown(text))),
    );
  }
}

/** What a reader sees of a text: at most 80 characters, addresses broken by spaces that do not count here. */
const shown = (text: string): string =>
  textOf(render(`word ${escapeMarkdown(text)}`))
    .replace('word ', '')
    .trim();

describe('escapeMarkdown', () => {
  it.each(Object.entries(places))('keeps every payload harmless in %s', (_, place) => {
    expect(payloads.length).toBeGreaterThanOrEqual(60);
    const baseline = tagsOf(render(place('word')));
    const harmful = payloads.filter((text) => tagsOf(render(place(escapeMarkdown(text)))).join() !== baseline.join());
    expect(harmful).toEqual([]);
  });

  it('gives no link of its own within the words of a link', () => {
    const tags = payloads.flatMap((text) => tagsOf(render(`[${escapeMarkdown(text)}](/handouts/h)`)));
    expect(new Set(tags)).toEqual(new Set(['<p>', '<a href="/handouts/h">', '</a>', '</p>']));
  });

  it('is needed: most payloads do harm when they are not escaped', () => {
    const does = payloads.filter((text) =>
      Object.values(places).some(
        (place) => tagsOf(render(place(text))).join() !== tagsOf(render(place('word'))).join(),
      ),
    );
    expect(does.length).toBeGreaterThan(80);
  });

  it.each(payloads)('shows all of %j', (text) => {
    expect(withoutSpaces(shown(text))).toBe(withoutSpaces(unbegun(text)));
    expectHarmless(text);
  });

  it('keeps any text harmless in any place', () => {
    const syntax = fc.constantFrom(
      ...Array.from('\\`*_[]()<>~|#!$&-+=:.@/"\' \n\t1aw{}^'),
      'www.',
      '://',
      'http',
      '&lt;',
      '&#',
      '\u200b',
      '\u202e',
      '😀',
    );
    const text = fc.oneof(
      fc.string({ unit: syntax, maxLength: 24 }),
      fc.string({ unit: 'binary', maxLength: 24 }),
      fc.string({ unit: 'grapheme', maxLength: 24 }),
      fc.array(fc.constantFrom(...payloads), { minLength: 2, maxLength: 3 }).map((parts) => parts.join('')),
      fc.array(fc.constantFrom(...payloads), { minLength: 2, maxLength: 3 }).map((parts) => parts.join(' ')),
    );
    fc.assert(fc.property(text, expectHarmless), { numRuns: 1500 });
  });

  it('leaves no address that a client could link after escapes and entities are resolved', () => {
    const part = fc.constantFrom(
      'http',
      'https',
      ':',
      '/',
      '//',
      'www',
      '.',
      'a',
      '@',
      '\\',
      '&',
      '\u200b',
      ' ',
      'javascript',
      'data',
    );
    const address = /\/\/[^\s…]|:\/\/|www\.|@[^\s…]|\bjavascript:|\bvbscript:|\bdata:\S/i;
    fc.assert(
      fc.property(fc.string({ unit: part, maxLength: 14 }), (text) => {
        expect(shown(text)).not.toMatch(address);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['furosemide 40 MG Oral Tablet', 'furosemide 40 MG Oral Tablet'],
    ['7.8 mg/dL (12 May 2026, 5 days ago)', '7.8 mg/dL (12 May 2026, 5 days ago)'],
    ['0.5 % / 10 mL + 2 h: 3-4 times', '0.5 % / 10 mL + 2 h: 3-4 times'],
    ['ratio 1:3, data: none', 'ratio 1:3, data: none'],
    ['1.25 mg', '1.25 mg'],
    ['  two   spaces\tor  more ', 'two spaces or more'],
    ['two  spaces µg', 'two spaces µg'],
    ['two  spaces', 'two spaces'],
    ['Crohn\'s disease; "stage" 3?', 'Crohn\'s disease; "stage" 3?'],
    ['Ödem β-blocker µg 血清', 'Ödem β-blocker µg 血清'],
    ['🧪 sample', '🧪 sample'],
    ['mL/min/{1.73_m2}', 'mL/min/{1.73\\_m2}'],
    ['mm[Hg]', 'mm\\[Hg\\]'],
    ['10*9/L', '10\\*9/L'],
    ['-3.5 kg', '\\-3.5 kg'],
    ['1. tablet', '1\\. tablet'],
    ['-5 of 6. tablet', '\\-5 of 6. tablet'],
    ['K < 3.5 & Na > 150', 'K &lt; 3.5 &amp; Na &gt; 150'],
    ['a|b', 'a\\|b'],
    ['https://evil.example', 'https: // evil.example'],
    ['www.evil.example', 'www .evil.example'],
    ['WWW.evil.example', 'WWW .evil.example'],
    ['someone@evil.example', 'someone@ evil.example'],
    ['//evil.example', '// evil.example'],
    ['javascript:alert(1)', 'javascript :alert(1)'],
    ['data:text/html', 'data :text/html'],
  ])('writes %j as %j', (text, markdown) => {
    expect(escapeMarkdown(text)).toBe(markdown);
  });

  it('shows ordinary clinical text as it is', () => {
    const character = fc.constantFrom(...Array.from('abcXYZ 0123456789.,;()/%+-:?\'"{}_[]*<>&µβ²°'));
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 60 }), (text) => {
        fc.pre(!/\/\/|www\./.test(text));
        expect(shown(text)).toBe(unbegun(text));
      }),
      { numRuns: 500 },
    );
  });

  it('shows at most 80 characters, whatever the escapes add', () => {
    expect(escapeMarkdown('*'.repeat(500))).toBe(`${'\\*'.repeat(79)}…`);
    expect(escapeMarkdown('a'.repeat(80))).toBe('a'.repeat(80));
    expect(shown('a@b '.repeat(100)).length).toBeLessThanOrEqual(80);
  });

  it('stays quick on a very long text', () => {
    const started = performance.now();
    ['\u200b', ' ', '@', 'www.', '<', '1', 'javascript:', '\ud800'].forEach((part) =>
      escapeMarkdown(part.repeat(200_000)),
    );
    expect(performance.now() - started).toBeLessThan(3000);
  });
});
