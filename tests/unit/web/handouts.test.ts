import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Handout, readHandouts } from '../../../src/cards/handout.js';
import { ServiceError } from '../../../src/errors.js';
import { FOLDERS } from '../../../src/folders.js';
import { HANDOUT_STYLE } from '../../../src/web/handout-style.js';
import { handoutPages } from '../../../src/web/handouts.js';
import { renderHandout, renderHandoutList } from '../../../src/web/render-handout.js';

const ours = [...readHandouts(join(FOLDERS.cards, 'handouts')).values()];
const HEAD = '---\ntitle: T\nlang: en\nsummary: S\nfoot: F\n---\n';

function handout(markdown: string, changes: Partial<Handout> = {}): Handout {
  return { name: 'page', title: 'Title', lang: 'en', summary: 'S', foot: 'Foot', blanks: [], markdown, ...changes };
}

function refusal(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    expect(error.code).toBe('invalid-knowledge');
    return error.message;
  }
  throw new Error('It was accepted.');
}

describe('a handout as a page', () => {
  it('says its language and how it scales, and loads one stylesheet from here', () => {
    const page = renderHandout(handout('Text', { lang: 'de-AT' })).normal;
    expect(page).toMatch(/^<!doctype html>\n<html lang="de-AT">/);
    expect(page).toContain('<meta name="viewport" content="width=device-width, initial-scale=1">');
    expect(page.match(/<link [^>]*>/g)).toEqual(['<link rel="stylesheet" href="handout.css">']);
    expect(page).not.toMatch(/<script|<style|style="|<img|https?:/);
  });

  it('has one first heading, the title, as text', () => {
    const page = renderHandout(handout('## Next', { title: 'Salt & <b>water</b>' })).normal;
    expect(page.match(/<h1>.*<\/h1>/g)).toEqual(['<h1>Salt &amp; &lt;b&gt;water&lt;/b&gt;</h1>']);
    expect(page).toContain('<title>Salt &amp; &lt;b&gt;water&lt;/b&gt;</title>');
    expect(page).toContain('<h2>Next</h2>');
  });

  it('gives a table headers of columns and rows, which it keeps on narrow screens', () => {
    const page = renderHandout(handout('| Food | Choice "now" |\n| --- | --- |\n| **Kale** | good |')).normal;
    expect(page).toContain('<th role="columnheader" scope="col">Food</th>');
    expect(page).toContain('<th role="rowheader" scope="row"><strong>Kale</strong></th>');
    expect(page).toContain('<td role="cell" data-label="Choice &quot;now&quot;">good</td>');
  });

  it('sets a quoted part in a box', () => {
    const page = renderHandout(handout('> ## Get help\n>\n> - now')).normal;
    expect(page).toMatch(/<section class="box">\n<h2>Get help<\/h2>\n<ul>\n<li>now<\/li>\n<\/ul>\n<\/section>/);
  });

  it('leaves blanks to fill in by hand', () => {
    const page = renderHandout(handout('Text', { blanks: ['My <team>'] })).normal;
    expect(page).toContain('<p class="blank"><span>My &lt;team&gt;:</span></p>');
  });

  it('is had in large print, and leads back', () => {
    expect(renderHandout(handout('Text')).normal).toContain('<a href="?print=large">Large print</a>');
    const { large } = renderHandout(handout('Text'));
    expect(large).toContain('<html lang="en" class="large">');
    expect(large).toContain('<a href="page">Normal print</a>');
  });

  it('is found in the list, whose text is escaped', () => {
    const list = renderHandoutList([handout('Text', { lang: 'fr', title: 'A & B', summary: '<i>' })]);
    expect(list).toContain('<li lang="fr"><a href="page">A &amp; B</a><br>&lt;i&gt;</li>');
  });

  it.each([
    ['raw HTML', 'Text\n\n<div>more</div>', /html/],
    ['raw HTML within a line', 'Text <b>more</b>', /html/],
    ['a script', '<script>alert(1)</script>', /html/],
    ['a picture', '![x](https://example.org/x.png)', /image/],
    ['a link', '[x](https://example.org)', /link/],
    ['a bare address', 'See https://example.org', /link/],
    ['a link in a table', '| a |\n| --- |\n| [x](y) |', /link/],
    ['code', 'Text `code`', /codespan/],
    ['a second title', '# Title', /headings/],
    ['a level left out', '### Third', /headings/],
    ['a level left out in a box', '## Second\n\n> #### Fourth', /headings/],
  ])('is refused with %s', (_, markdown, why) => {
    expect(refusal(() => handoutPages([handout(markdown)]))).toMatch(why);
    expect(refusal(() => handoutPages([handout(markdown)]))).toMatch(/^The handout page\.md cannot be used: /);
  });
});

describe('a folder of handouts', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'handouts-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const write = (file: string, text: string) => {
    writeFileSync(join(folder, file), text);
  };

  it('is read by name, without its README', () => {
    write('b-page.md', `${HEAD}Second`);
    write('a-page.md', `${HEAD.replace('title: T', 'title: First\nblanks: [Team]')}Text`);
    write('README.md', 'For authors');
    write('notes.txt', 'no page');
    expect([...readHandouts(folder)]).toEqual([
      [
        'a-page',
        { name: 'a-page', title: 'First', lang: 'en', summary: 'S', foot: 'F', blanks: ['Team'], markdown: 'Text' },
      ],
      ['b-page', { name: 'b-page', title: 'T', lang: 'en', summary: 'S', foot: 'F', blanks: [], markdown: 'Second' }],
    ]);
  });

  it('may be absent', () => {
    expect(readHandouts(join(folder, 'none')).size).toBe(0);
  });

  it.each([
    ['without a head', 'page.md', 'Text', /handout page\.md .* a head between/],
    ['with a head that is no YAML', 'page.md', '---\ntitle: [\n---\n', /handout page\.md .* head is wrong/],
    ['without a foot', 'page.md', HEAD.replace('foot: F\n', ''), /handout page\.md .* head is wrong/],
    ['with a language that is none', 'page.md', HEAD.replace('en', 'english"'), /handout page\.md .* head is wrong/],
    [
      'with a field nobody reads',
      'page.md',
      HEAD.replace('foot', 'colour: red\nfoot'),
      /handout page\.md .* head is wrong/,
    ],
    ['with a name that is no address', 'My Page.md', HEAD, /handout My Page\.md .* kebab-case/],
  ])('is refused when it holds a page %s', (_, file, text, message) => {
    write(file, text);
    expect(refusal(() => readHandouts(folder))).toMatch(message);
  });
});

describe('our own handouts', () => {
  it('are these', () => {
    expect(ours.map(({ name }) => name)).toEqual(['calcium-rich-food', 'painkillers-and-cramps', 'when-a-cramp-comes']);
  });

  it.each(ours.map((each): [string, Handout] => [each.name, each]))(
    '%s is plain: short sentences, easy words',
    (_, { markdown }) => {
      const sentences = sentencesOf(markdown);
      expect(sentences.filter((sentence) => wordsOf(sentence).length > 15)).toEqual([]);
      expect(readingGrade(sentences)).toBeLessThanOrEqual(6);
    },
  );

  it.each(ours.map((each): [string, Handout] => [each.name, each]))(
    '%s names no dose and no percentage, and says that it is not reviewed',
    (_, { markdown, foot }) => {
      const outsideTable = markdown.replace(/^\|.*$/gm, '');
      expect(outsideTable).not.toMatch(/\d+ ?(mg|g|ml|mcg|tablets|%)/i);
      expect(foot).toMatch(/not yet reviewed/);
    },
  );

  it('tell what to do in a cramp, what not to take, and when to get help', () => {
    const text = textOf('when-a-cramp-comes');
    for (const words of [
      'Stop',
      'Stretch',
      'Rub',
      'Warm',
      'dialysis access',
      'nurse',
      'quinine',
      'Ibuprofen',
      'urgent help',
      'dark urine',
      'spasms',
    ])
      expect(text).toContain(words);
  });

  it('keep painkillers and quinine off, and say nothing of treatments without trials but that', () => {
    const text = textOf('painkillers-and-cramps');
    for (const words of ['Paracetamol', 'soreness', 'does not treat the cause', 'Ibuprofen', 'Quinine'])
      expect(text).toContain(words);
    expect(text).toContain(
      'Treatments advertised as restoring kidney function without published trials are not included.',
    );
  });

  it('put the dietitian first on the food page, and say who must not have it', () => {
    const food = ours.find(({ name }) => name === 'calcium-rich-food');
    expect(food?.markdown.trim().split('\n')[0]).toBe('**Ask your kidney dietitian before you change what you eat.**');
    expect(food?.markdown).toContain('your blood calcium is high');
    expect(food?.markdown).toContain('blood vessels');
    expect(food?.markdown).toContain('to be checked before print');
    expect(food?.foot).toContain('10.2 mg/dL (2.54 mmol/L)');
    expect(food?.foot).toContain('5.5 mg/dL (1.78 mmol/L)');
  });

  it('print on one sheet by a stylesheet that loads nothing', () => {
    expect(HANDOUT_STYLE).toMatch(/@media print \{[^]*font-size: 13\.5pt[^]*html\.large \{ font-size: 18pt/);
    expect(HANDOUT_STYLE).not.toMatch(/url\(|@import|@font-face/);
  });
});

function textOf(name: string): string {
  return ours.find((each) => each.name === name)?.markdown ?? '';
}

function sentencesOf(markdown: string): string[] {
  const prose = markdown
    .split('\n')
    .map((line) => line.replace(/^[>\s]*/, ''))
    .filter((line) => line !== '' && !/^[|#]/.test(line))
    .map((line) => line.replace(/^(- |\d+\. )/, '').replaceAll('**', ''));
  return prose.flatMap((line) => line.split(/(?<=[.?!:])\s+/)).filter((sentence) => wordsOf(sentence).length > 0);
}

function wordsOf(sentence: string): string[] {
  return sentence.match(/[A-Za-z']+/g) ?? [];
}

/** Flesch-Kincaid, syllables counted as groups of vowels without a silent e. */
function readingGrade(sentences: readonly string[]): number {
  const words = sentences.flatMap(wordsOf);
  const syllables = words.flatMap(
    (word) =>
      word
        .toLowerCase()
        .replace(/e$/, '')
        .match(/[aeiouy]+/g) ?? [''],
  );
  return 0.39 * (words.length / sentences.length) + 11.8 * (syllables.length / words.length) - 15.59;
}
