import { type ElmNode, typeOf, withParts } from './elm-tree.js';
import { coalesceText, isNullText, logicText, notText, operatorText, unionText } from './operator-texts.js';
import { caseText, endingText, ifText, queryText } from './query-texts.js';
import {
  expressionRefText,
  functionRefText,
  identifierText,
  inValueSetText,
  parameterText,
  propertyText,
  retrieveText,
  variableText,
} from './reference-texts.js';
import { refuse } from './refusal.js';
import type { Scope } from './scope.js';
import {
  asText,
  componentText,
  dateText,
  dateTimeText,
  instanceText,
  intervalText,
  isText,
  listText,
  literalText,
  quantityText,
  tupleText,
} from './value-texts.js';

type Write = (node: ElmNode, scope: Scope) => string;

const fixed =
  (text: string): Write =>
  (node) => {
    withParts(node);
    return text;
  };

const WRITERS: Readonly<Record<string, Write>> = {
  Null: fixed('null'),
  Now: fixed('this.run.now'),
  Today: fixed('this.run.today()'),
  Literal: literalText,
  Quantity: quantityText,
  List: listText,
  Tuple: tupleText,
  Instance: instanceText,
  Interval: intervalText,
  Date: dateText,
  DateTime: dateTimeText,
  DateTimeComponentFrom: componentText,
  As: asText,
  Is: isText,
  IsNull: isNullText,
  And: logicText,
  Or: logicText,
  Not: notText,
  Coalesce: coalesceText,
  If: ifText,
  Case: caseText,
  Query: queryText,
  Union: unionText,
  Property: propertyText,
  ExpressionRef: expressionRefText,
  FunctionRef: functionRefText,
  OperandRef: variableText,
  AliasRef: variableText,
  QueryLetRef: variableText,
  IdentifierRef: identifierText,
  ParameterRef: parameterText,
  Retrieve: retrieveText,
  InValueSet: inValueSetText,
  First: (node, scope) => endingText(node, scope, 'source', 'firstOf') ?? operator(node, scope),
  Exists: (node, scope) => endingText(node, scope, 'operand', 'existsIn') ?? operator(node, scope),
};

/**
 * One expression of ELM as JavaScript that computes the same value over the runtime `cql` and the library `this`.
 *
 * @throws Uncompilable when it has a kind of node, or a part of one, that is not known here
 */
export function expressionText(node: ElmNode, scope: Scope): string {
  return (WRITERS[typeOf(node)] ?? operator)(node, scope);
}

function operator(node: ElmNode, scope: Scope): string {
  return operatorText(node, scope) ?? refuse(`the expression ${typeOf(node)}`);
}
