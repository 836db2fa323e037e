import { describe, expect, it } from '@jest/globals';
import { fill, fillFrom, parseText, type Words } from '../../../src/cards/template-text.js';

const filled = (text: string, words: Words) =>
  fill(parseText(text), words, (value, mayBeCut) => (mayBeCut ? `<${value}…>` : `<${value}>`));

describe('a text with names', () => {
  it('is filled with their values', () => {
    expect(filled('Calcium {{calcium}}, phosphate {{phosphate}}.', { calcium: '7.8', phosphate: '6.2' })).toBe(
      'Calcium <7.8>, phosphate <6.2>.',
    );
  });

  it('tells which values may be cut', () => {
    expect(filled('{{drug…}} {{drug}}', { drug: 'x' })).toBe('<x…> <x>');
  });

  it('cannot be filled while a name outside its optional parts is not known', () => {
    expect(filled('Calcium {{calcium}}[[ {{stage}}]]', { stage: 'G4' })).toBeUndefined();
  });

  it('knows a value that is empty', () => {
    expect(filled('({{calcium}})', { calcium: '' })).toBe('(<>)');
  });

  it.each(['toString', 'constructor', 'valueOf', '__proto__'])('takes %s for a name like any other', (name) => {
    const words = Object.fromEntries([[name, 'x']]);
    expect(filled(`{{${name}}}`, words)).toBe('<x>');
    expect(filled(`{{${name}}}`, {})).toBeUndefined();
    expect(fillFrom(parseText(`{{${name}}}`), [{ lead: 'y' }, words], (value) => value)).toBe('x');
  });

  it('takes the first value that several sources have for it', () => {
    const sources = [{ lead: 'ours' }, { lead: 'theirs', drug: 'x' }];
    expect(fillFrom(parseText('{{lead}} {{drug}}'), sources, (value) => value)).toBe('ours x');
  });

  it('does not read names in values', () => {
    expect(filled('{{drug}}', { drug: '{{calcium}} [[x]]', calcium: '7.8' })).toBe('<{{calcium}} [[x]]>');
  });
});

describe('an optional part', () => {
  it('is left out whole when one of its names is not known', () => {
    const text = 'Low[[ (CKD {{stage}}, {{gfr}})]], ask';
    expect(filled(text, { stage: 'G4', gfr: '22' })).toBe('Low (CKD <G4>, <22>), ask');
    expect(filled(text, { stage: 'G4' })).toBe('Low, ask');
    expect(filled(text, {})).toBe('Low, ask');
  });

  it('stands by itself beside others', () => {
    expect(filled('[[a {{a}}]][[b {{b}}]]', { b: '2' })).toBe('b <2>');
    expect(filled('[[a {{a}}]]', {})).toBe('');
  });
});
