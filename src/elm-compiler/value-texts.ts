import { type ElmNode, isNode, nodeIn, nodesIn, textIn, typeOf, withParts } from './elm-tree.js';
import { refuse } from './refusal.js';
import { quoted, ROW, type Scope } from './scope.js';

const SYSTEM = '{urn:hl7-org:elm-types:r1}';

export function literalText(node: ElmNode): string {
  const { valueType, value } = withParts(node, 'valueType', 'value');
  const text = textIn(value, 'Literal');
  switch (valueType) {
    case `${SYSTEM}Boolean`:
      return String(text === 'true');
    case `${SYSTEM}Integer`:
      return numberText(Number.parseInt(text, 10));
    case `${SYSTEM}Decimal`:
      return numberText(Number.parseFloat(text));
    case `${SYSTEM}String`:
      // The text of a row is searched for what it reads of itself.
      if (text.includes(ROW)) refuse(`a text with ${ROW}`);
      // The engine undoes what the translator leaves escaped.
      return quoted(text.replace(/\\'/g, "'").replace(/\\"/g, '"'));
    default:
      return refuse(`a literal of type ${String(valueType)}`);
  }
}

function numberText(number: number): string {
  return Number.isFinite(number) ? String(number) : refuse('a literal that is no number');
}

export function quantityText(node: ElmNode, { constants }: Scope): string {
  const { value, unit } = withParts(node, 'value', 'unit');
  const number = numberText(Number.parseFloat(String(value)));
  return `${constants.nameOf(`cql.quantity(${number}, ${quoted(textIn(unit, 'Quantity'))})`, 'quantity')}()`;
}

export function listText(node: ElmNode, scope: Scope): string {
  const elements = nodesIn(withParts(node, 'element', 'typeSpecifier').element);
  const text = `[${elements.map((each) => scope.text(each, scope)).join(', ')}]`;
  // No list is ever changed, so one that is written out is made once.
  const isWritten = elements.length > 0 && elements.every((each) => typeOf(each) === 'Literal');
  return isWritten ? scope.constants.nameOf(text, 'list') : text;
}

export function tupleText(node: ElmNode, scope: Scope): string {
  const { element } = withParts(node, 'element');
  return `{ ${elementTexts(element, scope).join(', ')} }`;
}

/** Quantity and Code are values of the engine, anything else a tuple. */
export function instanceText(node: ElmNode, scope: Scope): string {
  const { classType, element } = withParts(node, 'classType', 'element');
  const tuple = `{ ${elementTexts(element, scope).join(', ')} }`;
  switch (classType) {
    case `${SYSTEM}Quantity`:
      return `cql.newQuantity(${tuple})`;
    case `${SYSTEM}Code`:
      return `cql.newCode(${tuple})`;
    default:
      return refuse(`an instance of ${String(classType)}`);
  }
}

function elementTexts(elements: unknown, scope: Scope): string[] {
  return nodesIn(elements).map((each) => {
    const { name, value } = withParts(each, 'name', 'value');
    const key = textIn(name, 'an element');
    if (key === '__proto__') refuse('an element of that name');
    return `${/^[A-Za-z_]\w*$/.test(key) ? key : quoted(key)}: ${scope.text(nodeIn(value, key), scope)}`;
  });
}

export function intervalText(node: ElmNode, scope: Scope): string {
  const { low, high, lowClosed, highClosed } = withParts(node, 'low', 'high', 'lowClosed', 'highClosed');
  const bounds = [low, high].map((bound) => nodeIn(bound, 'Interval'));
  // A bound that is null takes its type from a cast, which only the interpreter looks at.
  if (bounds.some((bound) => bound['asTypeSpecifier'] !== undefined)) refuse('an interval with a cast bound');
  if (typeof lowClosed !== 'boolean' || typeof highClosed !== 'boolean') refuse('an interval with computed ends');
  const [lowText, highText] = bounds.map((bound) => scope.text(bound, scope));
  return `cql.interval(${String(lowText)}, ${String(highText)}, ${String(lowClosed)}, ${String(highClosed)})`;
}

const TIME_PARTS = ['year', 'month', 'day', 'hour', 'minute', 'second', 'millisecond'] as const;

export function dateTimeText(node: ElmNode, scope: Scope): string {
  const parts = withParts(node, ...TIME_PARTS, 'timezoneOffset');
  const texts = TIME_PARTS.map((part) => (isNode(parts[part]) ? scope.text(parts[part], scope) : 'undefined'));
  if (isNode(parts.timezoneOffset)) texts.push(scope.text(parts.timezoneOffset, scope));
  return `this.run.dateTime(${texts.join(', ')})`;
}

export function dateText(node: ElmNode, scope: Scope): string {
  const [year, month, day] = TIME_PARTS;
  const parts = withParts(node, year, month, day);
  const texts = [year, month, day].map((part) => (isNode(parts[part]) ? scope.text(parts[part], scope) : 'undefined'));
  return `cql.date(${texts.join(', ')})`;
}

export function componentText(node: ElmNode, scope: Scope): string {
  const { operand, precision } = withParts(node, 'operand', 'precision');
  const component = textIn(precision, 'a component').toLowerCase();
  return `cql.component(${scope.text(nodeIn(operand, 'a component'), scope)}, ${quoted(component)})`;
}

/** `x as T`: null when it is of another type, unless it is strict. */
export function asText(node: ElmNode, scope: Scope): string {
  const parts = withParts(node, 'operand', 'asTypeSpecifier', 'asType', 'strict');
  const { operand, asTypeSpecifier, asType, strict } = parts;
  const value = nodeIn(operand, 'As');
  if (typeOf(value) === 'Null') return 'null';
  const type = typeText(asTypeSpecifier ?? namedType(asType), scope);
  return `cql.${strict === true ? 'asStrictly' : 'as'}(${scope.text(value, scope)}, ${type})`;
}

export function isText(node: ElmNode, scope: Scope): string {
  const { operand, isTypeSpecifier, isType } = withParts(node, 'operand', 'isTypeSpecifier', 'isType');
  const type = isTypeSpecifier ?? namedType(isType);
  return `cql.is(${scope.text(nodeIn(operand, 'Is'), scope)}, ${typeText(type, scope)})`;
}

function namedType(name: unknown): unknown {
  return typeof name === 'string' ? { name, type: 'NamedTypeSpecifier' } : undefined;
}

function typeText(specifier: unknown, { constants }: Scope): string {
  if (!isNode(specifier)) refuse('a cast without a type');
  return constants.nameOf(JSON.stringify(plainType(specifier)), 'type');
}

/** Without the places in the text, so that equal types are one. */
function plainType(specifier: unknown): unknown {
  if (Array.isArray(specifier)) return specifier.map(plainType);
  if (!isNode(specifier)) return specifier;
  const significant = Object.entries(specifier).filter(
    ([part]) => !['annotation', 'locator', 'localId'].includes(part),
  );
  return Object.fromEntries(significant.map(([part, value]) => [part, plainType(value)]));
}
