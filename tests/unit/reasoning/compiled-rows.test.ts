import { rmSync } from 'node:fs';
import { afterAll, describe, expect, it } from '@jest/globals';
import { Library } from 'cql-execution';
import { Row, whole } from '../../../src/reasoning/elm-runtime/row.js';
import { compiledLibrary, elmOf, folder, record, VALUE_SETS } from './compiled-library.js';
import { evaluate } from './cql-engine.js';

const text = elmOf(
  'Rows',
  `library Rows
define "Rows": ({ 3, 1, 2 }) X let double: X * 2 return all Tuple { key: X, text: ToString(double), none: null as Integer } sort by key
define "Texts": "Rows" R where R.key > 1 return all R.text
define "Same": First("Rows") = Tuple { key: 1, text: '2', none: null as Integer }
define "Different": First("Rows") = Tuple { key: 1, text: '3', none: null as Integer }
define "Held": Tuple { key: 2, text: '4', none: null as Integer } in "Rows"
define "Once": distinct flatten { "Rows", "Rows" }
define "Joined": "Rows" union "Rows"`,
);
const library = compiledLibrary(text, 'Rows');

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('a sorted list of tuples, compiled', () => {
  const rows = [
    { key: 1, text: '2', none: null },
    { key: 2, text: '4', none: null },
    { key: 3, text: '6', none: null },
  ];

  it('holds rows that compute their elements when they are read', () => {
    const [first] = library.answer('Rows') as unknown[];
    expect(first).toBeInstanceOf(Row);
    expect(whole(first)).toEqual(rows[0]);
    expect(library.answer('Texts')).toEqual(['4', '6']);
  });

  it('reads an element of a row once', () => {
    const [first] = library.answer('Rows') as { text: string }[];
    expect(first?.text).toBe('2');
    Object.defineProperty(first, 'compute text', { value: () => 'again' });
    expect(first?.text).toBe('2');
  });

  it('reads once what two elements read of the record', () => {
    const [first] = compiledLibrary(
      elmOf(
        'Shared',
        `library Shared
using FHIR version '4.0.1'
context Patient
define "Rows": ([Observation]) O where O.id.value = 'o1'
  return all Tuple { status: O.status.value, text: 'is ' + O.status.value, again: O.status.value } sort by text`,
      ),
      'Shared',
    ).answer('Rows') as { status: string; text: string; again: string }[];
    expect(first?.text).toBe('is final');
    expect([first?.status, first?.again]).toEqual(['final', 'final']);
    Object.defineProperty(first, '$$status', { value: 'read' });
    Object.defineProperty(first, '$$text', { value: undefined });
    expect(first?.text).toBe('is read');
  });

  it.each([
    ['Same', true],
    ['Different', false],
    ['Held', true],
  ])('compares rows with tuples by their elements: %s', (name, same) => {
    expect(library.answer(name)).toBe(same);
  });

  it.each(['Once', 'Joined'])('counts equal rows as one: %s', (name) => {
    expect(whole(library.answer(name))).toEqual(rows);
  });
});

describe('a list of rows', () => {
  it.each(['Rows', 'Texts', 'Same', 'Different', 'Held', 'Once', 'Joined'])(
    'is to the rest of the knowledge what the interpreter makes: %s',
    async (name) => {
      const interpreted = await evaluate(new Library(JSON.parse(text)), name, record(), VALUE_SETS);
      expect(whole(library.answer(name))).toEqual(interpreted);
    },
  );
});

describe('the whole of a value', () => {
  it('is the value itself where no row is in it', () => {
    const value = { list: [1, { text: 'a' }], none: null };
    expect(whole(value)).toBe(value);
  });
});
