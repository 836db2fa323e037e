import { type ElmNode, type ElmTree, isNode, nodeIn, nodesIn, textIn, typeOf, withParts } from './elm-tree.js';
import { refuse } from './refusal.js';
import { functionMethod, quoted, type Scope, variableIn } from './scope.js';

/** A value of these has methods, which the interpreter would call where a path bears their name. */
const OTHER_VALUES = [Array.prototype, String.prototype, Number.prototype, Boolean.prototype, Object.prototype];

/** `this["Newest Result"]()`, in another library `this.Record["Newest Result"]()`. */
export function expressionRefText(node: ElmNode, { library }: Scope): string {
  const { name, libraryName } = withParts(node, 'name', 'libraryName');
  const expression = textIn(name, 'ExpressionRef');
  if (libraryName === undefined && !library.expressions.has(expression)) refuse(`the unknown expression ${expression}`);
  return `${homeText(libraryName, library)}[${quoted(expression)}]()`;
}

/** Functions are told apart by name alone here: where one name has several, the types of the values decide. */
export function functionRefText(node: ElmNode, scope: Scope): string {
  const { name, libraryName, operand } = withParts(node, 'name', 'libraryName', 'operand');
  const called = textIn(name, 'FunctionRef');
  const operands = nodesIn(operand).map((each) => scope.text(each, scope));
  const home = libraryName === undefined ? scope.library.name : includedIn(libraryName, scope.library);
  if (operandCount(scope.libraries.get(home), called) !== operands.length) refuse(`the function ${called}`);
  return `${homeText(libraryName, scope.library)}[${functionMethod(called)}](${operands.join(', ')})`;
}

function operandCount(tree: ElmTree | undefined, name: string): number | undefined {
  const functions = (tree?.library.statements?.def ?? []).filter(
    (each) => each.type === 'FunctionDef' && each.name === name,
  );
  return functions.length === 1 ? (functions[0]?.operand?.length ?? 0) : undefined;
}

function homeText(libraryName: unknown, library: Scope['library']): string {
  if (libraryName === undefined) return 'this';
  const alias = textIn(libraryName, 'a reference');
  includedIn(alias, library);
  return `this.${alias}`;
}

function includedIn(libraryName: unknown, library: Scope['library']): string {
  return library.includes.get(String(libraryName)) ?? refuse(`the unknown library ${String(libraryName)}`);
}

export function variableText(node: ElmNode, scope: Scope): string {
  const name = textIn(withParts(node, 'name').name, typeOf(node));
  return scope.library.variables.has(name) ? variableIn(name, scope) : refuse(`the unknown variable ${name}`);
}

/** A bare name, which the translator writes inside `sort by` only. */
export function identifierText(node: ElmNode, { sorted }: Scope): string {
  const { name } = withParts(node, 'name');
  if (sorted === undefined) refuse('a bare name outside a sort');
  return propertyOf(sorted, textIn(name, 'IdentifierRef'));
}

export function propertyText(node: ElmNode, scope: Scope): string {
  const { path, source, scope: alias } = withParts(node, 'path', 'source', 'scope');
  const object = alias === undefined ? scope.text(nodeIn(source, 'Property'), scope) : aliasText(alias, scope);
  return propertyOf(object, textIn(path, 'Property'));
}

function aliasText(alias: unknown, scope: Scope): string {
  const name = textIn(alias, 'Property');
  return scope.library.variables.has(name) ? variableIn(name, scope) : refuse(`the unknown alias ${name}`);
}

/** `(x?.status ?? null)`; a chain of them is written as one. */
export function propertyOf(object: string, path: string): string {
  if (!/^[A-Za-z]\w*$/.test(path)) refuse(`the path ${path}`);
  const isMethod = OTHER_VALUES.some((value) => typeof Reflect.get(value, path) === 'function');
  if (isMethod) return `cql.property(${object}, ${quoted(path)})`;
  const chain = object.replace(/^\(([\w$?.]+) \?\? null\)$/, '$1');
  // A record answers for the value inside a primitive without making the primitive; what is no record has no such name.
  const [, inner, element] = path === 'value' ? (/^(\$[\w$?.]+)\?\.(\w+)$/.exec(chain) ?? []) : [];
  const within = inner === undefined ? '' : `${inner}?.${String(element)}$value ?? `;
  return `(${within}${chain}?.${path} ?? null)`;
}

export function parameterText(node: ElmNode, scope: Scope): string {
  const { name } = withParts(node, 'name');
  const parameter = textIn(name, 'ParameterRef');
  const known = scope.libraries.get(scope.library.name)?.library.parameters?.def?.find((each) => each['name'] === name);
  const standard = known?.['default'];
  if (!isNode(standard)) refuse(`the parameter ${parameter} without a default`);
  return `this.run.parameter(${quoted(parameter)}, () => ${scope.text(standard, scope)})`;
}

/** `this.run.retrieve(retrieve2)`, where `retrieve2` says which type, which element and which codes. */
export function retrieveText(node: ElmNode, scope: Scope): string {
  const parts = withParts(node, 'dataType', 'templateId', 'codeProperty', 'codeComparator', 'codes');
  const type = /^\{http:\/\/hl7\.org\/fhir\}(\w+)$/.exec(String(parts.dataType))?.[1];
  if (type === undefined) refuse('a retrieve of another model');
  const isPlain = parts.templateId === `http://hl7.org/fhir/StructureDefinition/${type}`;
  if (!isPlain) refuse('a retrieve by profile');
  const asked = [quoted(type)];
  if (parts.codes !== undefined) {
    asked.push(quoted(textIn(parts.codeProperty, 'Retrieve')), codesText(nodeIn(parts.codes, 'Retrieve'), scope));
  }
  return `this.run.retrieve(${scope.constants.nameOf(`cql.retrieve(${asked.join(', ')})`, 'retrieve')})`;
}

function codesText(codes: ElmNode, scope: Scope): string {
  if (typeOf(codes) === 'ValueSetRef') return valueSetText(codes, scope);
  const [code] = typeOf(codes) === 'ToList' ? nodesIn(withParts(codes, 'operand').operand) : [];
  return code !== undefined && typeOf(code) === 'CodeRef' ? codeText(code, scope) : refuse('a retrieve by other codes');
}

export function inValueSetText(node: ElmNode, scope: Scope): string {
  const { code, valueset } = withParts(node, 'code', 'valueset');
  const value = scope.text(nodeIn(code, 'InValueSet'), scope);
  return `cql.inValueSet(${value}, ${valueSetText(nodeIn(valueset, 'InValueSet'), scope)})`;
}

function valueSetText(node: ElmNode, scope: Scope): string {
  const { id, version } = withParts(definitionOf(node, scope, 'valueSets'), 'id', 'version', 'name', 'accessLevel');
  const url = textIn(id, 'a value set');
  const which = version === undefined ? quoted(url) : `${quoted(url)}, ${quoted(textIn(version, url))}`;
  return scope.constants.nameOf(`cql.valueSet(${which})`, 'valueSet');
}

function codeText(node: ElmNode, scope: Scope): string {
  const definition = definitionOf(node, scope, 'codes');
  const { id, codeSystem } = withParts(definition, 'id', 'codeSystem', 'name', 'display', 'accessLevel');
  const system = nodeIn(codeSystem, 'a code');
  const home = scope.libraries.get(libraryOf(node, scope));
  const named = home?.library.codeSystems?.def?.find(({ name }) => name === system['name']);
  if (system['libraryName'] !== undefined || named === undefined) refuse('a code of another library');
  const texts = [id, named['id']].map((text) => quoted(textIn(text, 'a code')));
  return scope.constants.nameOf(`cql.codes(${texts.join(', ')})`, 'codes');
}

function definitionOf(node: ElmNode, scope: Scope, kind: 'valueSets' | 'codes'): ElmNode {
  const { name } = withParts(node, 'name', 'libraryName', 'preserve');
  const home = scope.libraries.get(libraryOf(node, scope));
  return home?.library[kind]?.def?.find((each) => each['name'] === name) ?? refuse(`the unknown ${String(name)}`);
}

function libraryOf({ libraryName }: ElmNode, { library }: Scope): string {
  return libraryName === undefined ? library.name : includedIn(libraryName, library);
}
