import { Library } from 'cql-execution';
import { type ElmNode, readElmLibrary } from '../../../src/reasoning/elm-library.js';
import type { Knowledge } from '../../../src/reasoning/knowledge.js';

const SYSTEM = '{urn:hl7-org:elm-types:r1}';

export function integer(value: number): ElmNode {
  return { type: 'Literal', valueType: `${SYSTEM}Integer`, value: String(value) };
}

export function decimal(value: string): ElmNode {
  return { type: 'Literal', valueType: `${SYSTEM}Decimal`, value };
}

export function text(value: string): ElmNode {
  return { type: 'Literal', valueType: `${SYSTEM}String`, value };
}

export function tuple(elements: Record<string, ElmNode>): ElmNode {
  return { type: 'Tuple', element: Object.entries(elements).map(([name, value]) => ({ name, value })) };
}

export function list(...element: ElmNode[]): ElmNode {
  return { type: 'List', element };
}

export function quantity(value: number, unit: string): ElmNode {
  return { type: 'Quantity', value, unit };
}

/** A reference to a number of the library `Numbers`. */
export function limit(name: string): ElmNode {
  return { type: 'ExpressionRef', name, libraryName: 'Limits' };
}

const THE_AGE: ElmNode = { type: 'ParameterRef', name: 'Age' };

/** Who is old enough gets points; a second library reads the second row of a table. */
const NUMBERS = {
  'Adult Age In Years': integer(18),
  'Points For Adults': integer(40),
  'Tin Units': list(
    tuple({ unit: text('mg/dL'), lowest: decimal('1.5'), decimals: integer(1) }),
    tuple({ unit: text('mmol/L'), lowest: decimal('0.25'), decimals: integer(2) }),
  ),
};
const IS_ADULT: ElmNode = {
  type: 'If',
  condition: { type: 'GreaterOrEqual', operand: [THE_AGE, limit('Adult Age In Years')] },
  then: limit('Points For Adults'),
  else: { type: 'Null' },
};
const LOWEST_TIN: ElmNode = {
  type: 'Property',
  path: 'lowest',
  source: { type: 'Indexer', operand: [limit('Tin Units'), integer(1)] },
};

function elmOf(name: string, defines: Record<string, ElmNode>) {
  const includes = name === 'Numbers' ? [] : [{ localIdentifier: 'Limits', path: 'Numbers' }];
  const statements = Object.entries(defines).map(([define, expression]) => ({ name: define, expression }));
  const parameters = { def: [{ name: 'Age' }] };
  return {
    library: { identifier: { id: name }, parameters, includes: { def: includes }, statements: { def: statements } },
  };
}

/** Libraries `Adult` and `Tin`, which answer, and the `Numbers` they read. */
export function tinyKnowledge(): Pick<Knowledge, 'libraries' | 'everyLibrary'> {
  const numbers = library('Numbers', NUMBERS);
  const answering = [
    library('Adult', { Finding: IS_ADULT }, numbers),
    library('Tin', { Finding: LOWEST_TIN }, numbers),
  ];
  return {
    libraries: new Map(answering.map(({ elm, runnable }) => [elm.name, runnable])),
    everyLibrary: new Map([numbers, ...answering].map((each) => [each.elm.name, each])),
  };
}

function library(name: string, defines: Record<string, ElmNode>, included?: { runnable: Library }) {
  const elm = elmOf(name, defines);
  return { runnable: new Library(elm, { resolve: () => included?.runnable }), elm: readElmLibrary(name, elm) };
}
