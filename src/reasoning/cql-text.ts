import { type ElmNode, nodesOf, operandsOf } from './elm-library.js';

const INFIX: Readonly<Record<string, string>> = {
  Equal: '=',
  NotEqual: '!=',
  Less: '<',
  LessOrEqual: '<=',
  Greater: '>',
  GreaterOrEqual: '>=',
};

/** A simple expression as it is written in CQL; of any other the names it refers to. */
export function cqlText(node: ElmNode): string {
  const operands = operandsOf(node).map(cqlText);
  const type = String(node['type']);
  switch (type) {
    case 'ExpressionRef':
    case 'ParameterRef':
      return nameIn(node);
    case 'FunctionRef':
      return `${nameIn(node)}(${operands.join(', ')})`;
    case 'Literal':
      return literalText(node);
    case 'Exists':
    case 'Not':
      return `${type.toLowerCase()} ${operands.join()}`;
    case 'IsNull':
      return `${operands.join()} is null`;
    case 'ToDecimal': // implied, so not written
      return operands.join();
    default:
      return INFIX[type] === undefined ? namesIn(node) : operands.join(` ${INFIX[type]} `);
  }
}

/** `"Drug" is null`, or its opposite. */
export function criterionText(node: ElmNode, wanted: boolean): string {
  if (wanted) return cqlText(node);
  return node['type'] === 'IsNull' ? `${operandsOf(node).map(cqlText).join()} is not null` : `not ${cqlText(node)}`;
}

function nameIn({ libraryName, name }: ElmNode): string {
  return `${typeof libraryName === 'string' ? `${libraryName}.` : ''}"${String(name)}"`;
}

function literalText({ valueType, value }: ElmNode): string {
  return String(valueType).endsWith('}String') ? `'${String(value)}'` : String(value);
}

function namesIn(node: ElmNode): string {
  const names = nodesOf(node).filter(({ type }) => type === 'ExpressionRef' || type === 'FunctionRef');
  return [...new Set(names.map(nameIn))].join(', ');
}
