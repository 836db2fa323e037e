import { rmSync } from 'node:fs';
import { afterAll, describe, expect, it } from '@jest/globals';
import { Library } from 'cql-execution';
import { compileElm } from '../../../src/elm-compiler/compile-elm.js';
import { NotCompiled } from '../../../src/reasoning/elm-runtime/not-compiled.js';
import { compiledLibrary, elmOf, folder, record, shown, SYSTEM, VALUE_SETS } from './compiled-library.js';
import { evaluate } from './cql-engine.js';
import { EXPRESSIONS } from './cql-expressions.js';

const header = `library Nodes
using FHIR version '4.0.1'
codesystem "Loinc": '${SYSTEM}'
valueset "Set": 'urn:set'
code "Single": 'b' from "Loinc"
context Patient
`;
const defines = EXPRESSIONS.map(([cql], index) => `define "E${String(index)}": ${cql}`);
const text = elmOf('Nodes', header + defines.join('\n'));

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('an expression, compiled and interpreted', () => {
  const compiled = compiledLibrary(text, 'Nodes');
  const interpreted = new Library(JSON.parse(text));

  it.each(EXPRESSIONS.map(([cql, value], index) => [cql, value, `E${String(index)}`]))(
    '%s is %s',
    async (_cql, value, name) => {
      expect(shown(compiled.answer(name))).toBe(value);
      expect(shown(await evaluate(interpreted, name, record(), VALUE_SETS))).toBe(value);
    },
  );
});

describe('a compiled library', () => {
  it('throws what the interpreter throws at, and says it again without computing it again', () => {
    const library = compiledLibrary(
      elmOf('Throwing', 'library Throwing\ndefine "Two": singleton from ({ 1, 2 })\ndefine "Reader": "Two" + 1'),
      'Throwing',
    );
    const thrown = (name: string): unknown => {
      try {
        return library.answer(name);
      } catch (error) {
        return error;
      }
    };
    const first = thrown('Reader');
    expect(first).toBeInstanceOf(Error);
    expect(thrown('Two')).toBe(first);
    expect(thrown('Reader')).toBe(first);
  });

  it('leaves a value it is not made for to the interpreter', () => {
    const cql = 'library Uncertain\ndefine "Uncertain": (years between @2008 and @2026-05-17) + 1';
    const library = compiledLibrary(elmOf('Uncertain', cql), 'Uncertain');
    expect(() => library.answer('Uncertain')).toThrow(NotCompiled);
  });

  it('does not look at what cannot change an answer, and keeps the first operand while the second one decides', () => {
    const cql = `library Logic
define "Broken": singleton from ({ true, false })
define "Never": (1 = 2) and "Broken"
define "Always": (1 = 1) or "Broken"
define "Unknown": (1 = null) and ((1 = 1) or (1 = 2))
define "Asked": (1 = 1) and "Broken"`;
    const library = compiledLibrary(elmOf('Logic', cql), 'Logic');
    expect(library.answer('Never')).toBe(false);
    expect(library.answer('Always')).toBe(true);
    expect(library.answer('Unknown')).toBeNull();
    expect(() => library.answer('Asked')).toThrow();
  });

  it('computes a define once', () => {
    const library = compiledLibrary(elmOf('Once', 'library Once\ndefine "List": ({ 1 }) X return all X'), 'Once');
    expect(library.answer('List')).toBe(library.answer('List'));
  });
});

describe('the compiler', () => {
  it('casts no variable to the type of which it was just asked, but in a case with a comparand', () => {
    const text = (result: string): string => {
      const head = "library Casts using FHIR version '4.0.1' context Patient";
      const elm = elmOf('Casts', `${head} define A: ([Observation]) O let V: O.value return all (${result})`);
      return compileElm(new Map([['Casts', elm]])).modules.get('Casts') ?? '';
    };
    const cast = '(V as FHIR.Quantity).unit.value';
    for (const result of [
      `if V is FHIR.Quantity then ${cast} else null`,
      `case when V is FHIR.Quantity then ${cast} else null end`,
    ]) {
      expect(text(result)).toContain('cql.is($V, ');
      expect(text(result)).not.toContain('cql.as(');
    }
    expect(text(`case true when V is FHIR.Quantity then ${cast} else null end`)).toContain('cql.as($V, ');
    expect(text(`if V is FHIR.Period then ${cast} else null`)).toContain('cql.as($V, ');
  });

  const refusedBy = (elm: unknown) => [...compileElm(new Map([['L', JSON.stringify(elm)]])).refused.values()];
  const library = (def: unknown[]) => ({ library: { identifier: { id: 'L' }, statements: { def } } });
  const define = (expression: unknown) => library([{ name: 'A', context: 'Patient', expression }]);

  it.each([
    ['a node it does not know', define({ type: 'Abs', operand: { type: 'Null' } }), 'the expression Abs'],
    [
      'a part of a node it does not know',
      define({ type: 'Not', operand: { type: 'Null' }, strange: 1 }),
      'Not with strange',
    ],
    ['a name that means nothing', define({ type: 'ExpressionRef', name: 'B' }), 'the unknown expression B'],
    [
      'a sort by several keys',
      define({
        type: 'Query',
        source: [{ alias: 'X', expression: { type: 'Null' } }],
        return: { distinct: false, expression: { type: 'Null' } },
        sort: {
          by: [
            { type: 'ByColumn', path: 'a', direction: 'asc' },
            { type: 'ByColumn', path: 'b', direction: 'asc' },
          ],
        },
      }),
      'a sort by several keys',
    ],
    [
      'a text that reads like what it writes itself',
      define({ type: 'Literal', valueType: '{urn:hl7-org:elm-types:r1}String', value: 'was $$row.$O' }),
      'a text with $$row',
    ],
    ['a case without an end', define({ type: 'Case', caseItem: [] }), 'Case without a part'],
    [
      'one name for two things',
      library([{ name: 'A', expression: { type: 'Query', source: [{ alias: 'A', expression: { type: 'Null' } }] } }]),
      'two meanings of A',
    ],
    [
      'a define that would hide what a library is made of',
      library([{ name: 'run', expression: { type: 'Null' } }]),
      'the name run',
    ],
  ])('refuses %s', (_what, elm, reason) => {
    expect(refusedBy(elm)).toEqual([reason]);
  });
});
