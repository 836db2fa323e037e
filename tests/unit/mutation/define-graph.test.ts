import { describe, expect, it } from '@jest/globals';
import { readElmLibrary } from '../../../src/reasoning/elm-library.js';
import { DefineGraph } from '../../mutation/define-graph.js';
import { integer, limit } from './tiny-knowledge.js';

const own = (name: string) => ({ type: 'ExpressionRef', name });
const call = (name: string) => ({ type: 'FunctionRef', name, libraryName: 'Lib', operand: [] });

/** Cause.Finding reads Lib.Low by a function, which reads Numbers.Limit; Other.Finding reads another number. */
const graph = new DefineGraph([
  readElmLibrary('Numbers', { library: { statements: { def: [{ name: 'Limit', expression: integer(1) }] } } }),
  library('Lib', [
    { name: 'Low', expression: limit('Limit') },
    { name: 'Is Low', type: 'FunctionDef', expression: own('Low') },
    { name: 'Else', expression: integer(2) },
  ]),
  library('Cause', [
    { name: 'Finding', expression: own('Applies') },
    { name: 'Applies', expression: call('Is Low') },
  ]),
  library('Other', [{ name: 'Finding', expression: limit('Else') }]),
]);

function library(name: string, def: { name: string; type?: string; expression: object }[]) {
  const includes = {
    def: [
      { localIdentifier: 'Limits', path: 'Numbers' },
      { localIdentifier: 'Lib', path: 'Lib' },
    ],
  };
  return readElmLibrary(name, {
    library: { includes, statements: { def: def.map((each) => ({ ...each, expression: { ...each.expression } })) } },
  });
}

describe('the graph of defines', () => {
  it('finds all that may change with a number, through other libraries and functions', () => {
    expect([...graph.dependents('Numbers', 'Limit')].sort()).toEqual([
      'Cause.Applies',
      'Cause.Finding',
      'Lib.Is Low',
      'Lib.Low',
      'Numbers.Limit',
    ]);
  });

  it('knows which libraries name a number', () => {
    expect(graph.users('Numbers', 'Limit')).toEqual(['Lib']);
    expect(graph.users('Numbers', 'Nothing')).toEqual([]);
  });
});
