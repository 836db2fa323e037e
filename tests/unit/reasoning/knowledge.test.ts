import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readCardTemplates } from '../../../src/cards/card-template.js';
import { ServiceError } from '../../../src/errors.js';
import { FOLDERS } from '../../../src/folders.js';
import { readPolicy } from '../../../src/policy.js';
import { loadKnowledge } from '../../../src/reasoning/knowledge.js';
import { type CopiedFolder, copyKnowledge, type KnowledgeCopy } from '../../support/knowledge-copy.js';

let copy: KnowledgeCopy;
beforeEach(() => {
  copy = copyKnowledge();
});
afterEach(() => {
  copy.remove();
});

const { cardWords } = loadKnowledge(FOLDERS);

function readAll({ folders }: KnowledgeCopy): void {
  readPolicy(join(folders.cards, 'policy.yaml'));
  readCardTemplates(folders.cards, cardWords);
  loadKnowledge(folders);
}

function refusal(read: (copy: KnowledgeCopy) => unknown): ServiceError {
  try {
    read(copy);
  } catch (error) {
    if (error instanceof ServiceError) return error;
    throw error;
  }
  throw new Error('The knowledge was accepted.');
}

function write(folder: CopiedFolder, file: string, text: string): void {
  mkdirSync(copy.folders[folder], { recursive: true });
  writeFileSync(join(copy.folders[folder], file), text);
}

const edited = (folder: CopiedFolder, file: string, change: (text: string) => string) => () => {
  copy.edit(folder, file, change);
};
const replaced = (folder: CopiedFolder, file: string, from: string | RegExp, to: string) =>
  edited(folder, file, (text) => text.replace(from, to));
const removed =
  (folder: CopiedFolder, file = '') =>
  () => {
    rmSync(join(copy.folders[folder], file), { recursive: true });
  };
const CARD = 'LoopDiureticCalciumLoss.md';
const PHOSPHATE = 'phosphate.json';
const PHOSPHATE_URL = /ValueSet\/phosphate /;

describe('the knowledge as it stands', () => {
  it('is accepted', () => {
    expect(() => {
      readAll(copy);
    }).not.toThrow();
    expect(cardWords.size).toBe(
      readdirSync(FOLDERS.cards).filter((name) => /^[A-Z]\w+\.md$/.test(name) && name !== 'README.md').length,
    );
  });
});

type Case = [name: string, damage: () => void, place: RegExp];

describe('logic that is damaged is refused with the place named', () => {
  const cases: Case[] = [
    ['no folder of compiled libraries', removed('elm'), /run the build/],
    [
      'an empty folder of compiled libraries',
      () => {
        removed('elm')();
        mkdirSync(copy.folders.elm);
      },
      /run the build/,
    ],
    [
      'a compiled library cut short',
      edited('elm', 'CalciumStatus.json', (text) => text.slice(0, 1000)),
      /CalciumStatus/,
    ],
    ['a compiled library that is none', edited('elm', 'CalciumStatus.json', () => '{}'), /CalciumStatus/],
    ['a compiled library that is not there', removed('elm', 'MineralStatus.json'), /MineralStatus/],
    ['no FHIR model', removed('fhirModel'), /fhirModel/],
    [
      'a FHIR model cut short',
      () => {
        writeFileSync(copy.folders.fhirModel, '{"types":');
      },
      /fhirModel/,
    ],
    ['no folder of value sets', removed('valueSets'), /no folder of value sets/],
    ['a value set that is no JSON', edited('valueSets', PHOSPHATE, (text) => text.slice(1)), /phosphate\.json/],
    [
      'a value set that is another resource',
      replaced('valueSets', PHOSPHATE, '"ValueSet"', '"CodeSystem"'),
      /phosphate\.json/,
    ],
    ['a value set by a filter instead of a list', edited('valueSets', PHOSPHATE, filtered), /phosphate\.json/],
    [
      'a value set without a code',
      replaced('valueSets', PHOSPHATE, /"code": ?"2777-1"/, '"code":""'),
      /phosphate\.json/,
    ],
    [
      'a value set with a url that is none',
      replaced('valueSets', PHOSPHATE, /"url": ?"[^"]+"/, '"url":"phosphate"'),
      /phosphate\.json/,
    ],
    [
      'a value set under the url of no library',
      replaced('valueSets', PHOSPHATE, /ValueSet\/phosphate"/, 'ValueSet/fosfate"'),
      PHOSPHATE_URL,
    ],
    ['a value set that is used and not there', removed('valueSets', PHOSPHATE), PHOSPHATE_URL],
    [
      'results that no prefetch group brings',
      replaced('valueSets', PHOSPHATE, 'urn:renal-cramp-cds:prefetch-group', 'urn:other'),
      PHOSPHATE_URL,
    ],
    [
      'a look-back that is no number',
      replaced('valueSets', PHOSPHATE, /("urn:renal-cramp-cds:look-back-days",\s*"code": ?)"90"/, '$1"ninety"'),
      /phosphate/,
    ],
  ];

  it.each(cases)('%s', (_, damage, place) => {
    damage();
    const { code, message } = refusal(({ folders }) => loadKnowledge(folders));
    expect(code).toBe('invalid-knowledge');
    expect(message).toMatch(place);
  });
});

describe('wording that is damaged is refused with the place named', () => {
  const cases: Case[] = [
    ['no folder of cards', removed('cards'), /cards/],
    ['a library without a card', removed('cards', CARD), /LoopDiureticCalciumLoss\.md/],
    [
      'a card without a library',
      () => {
        write('cards', 'Unheard.md', '---\ntitle: t\nsummary: s\n---\n');
      },
      /Unheard\.md.*no library/,
    ],
    [
      'a card with a name its library does not know',
      replaced('cards', CARD, '{{calcium}}', '{{calcum}}'),
      /LoopDiureticCalciumLoss\.md.*\{\{calcum\}\}/,
    ],
    [
      'a card with an unknown heading',
      replaced('cards', CARD, '## Evidence', '## Evidenz'),
      /LoopDiureticCalciumLoss\.md.*"Evidenz"/,
    ],
    [
      'a card with a line under no heading',
      replaced('cards', CARD, '## What can be done', '- What can be done'),
      /LoopDiureticCalciumLoss\.md.*no item under a heading/,
    ],
    [
      'a card without a head',
      edited('cards', CARD, (text) => text.replace('---', '')),
      /LoopDiureticCalciumLoss\.md.*---/,
    ],
    [
      'a card whose head is not YAML',
      replaced('cards', CARD, 'title:', 'title: ['),
      /head of the card LoopDiureticCalciumLoss\.md/,
    ],
    [
      'a card without a title',
      replaced('cards', CARD, /title:.*\n/, ''),
      /head of the card LoopDiureticCalciumLoss\.md/,
    ],
    [
      'a card with a field nobody reads',
      replaced('cards', CARD, 'title:', 'colour: red\ntitle:'),
      /head of the card LoopDiureticCalciumLoss\.md/,
    ],
    ['no policy', removed('cards', 'policy.yaml'), /policy\.yaml/],
    ['a policy that is not YAML', edited('cards', 'policy.yaml', () => 'version: ['), /policy\.yaml.*YAML/],
    ['an empty policy', edited('cards', 'policy.yaml', () => ''), /policy\.yaml/],
    [
      'a policy with words for a number',
      replaced('cards', 'policy.yaml', 'likely: 60', 'likely: sixty'),
      /policy\.yaml.*"ranking\.likely"/,
    ],
    [
      'a policy with a number out of range',
      replaced('cards', 'policy.yaml', 'likely: 60', 'likely: 101'),
      /policy\.yaml.*"ranking\.likely"/,
    ],
    [
      'a policy with a key nobody reads',
      replaced('cards', 'policy.yaml', 'possible: 30', 'possible: 30\n  probable: 45'),
      /policy\.yaml.*"ranking".*probable/,
    ],
    ['a policy without its wording', replaced('cards', 'policy.yaml', /^wording:/m, 'wordings:'), /policy\.yaml/],
  ];

  it.each(cases)('%s', (_, damage, place) => {
    damage();
    const { code, message } = refusal(({ folders }) => {
      readPolicy(join(folders.cards, 'policy.yaml'));
      readCardTemplates(folders.cards, cardWords);
    });
    expect(code).toBe('invalid-knowledge');
    expect(message).toMatch(place);
  });

  // Such a name is printed on the card as it stands: `{{ calcium }}`.
  it('a card with a name that is not written as names are', () => {
    copy.edit('cards', CARD, (text) => text.replace('{{calcium}}', '{{ calcium }}'));
    expect(refusal(({ folders }) => readCardTemplates(folders.cards, cardWords)).message).toMatch(
      /LoopDiureticCalciumLoss\.md/,
    );
  });
});

function filtered(text: string): string {
  const valueSet = JSON.parse(text);
  const filter = [{ property: 'COMPONENT', op: '=', value: 'Phosphate' }];
  return JSON.stringify({ ...valueSet, compose: { include: [{ system: 'http://loinc.org', filter }] } });
}
