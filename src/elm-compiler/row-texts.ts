import { type ElmNode, nodeIn, nodesIn, textIn, withParts } from './elm-tree.js';
import { withLeft } from './operator-texts.js';
import { refuse } from './refusal.js';
import { quoted, ROW, type Scope, variable } from './scope.js';

/** A let of a query that is computed when an element of its tuple asks for it. */
export interface Let {
  name: string;
  expression: ElmNode;
}

/** Members of every row: an element of such a name would hide them. */
const RESERVED = new Set(['elements', 'library', 'constructor', '__proto__']);

/**
 * `new row5(this, $O, $name)`: a tuple whose elements are computed when they are read, over the variables they use.
 *
 * @param scope as it is inside the query
 * @param lets those that only the elements use
 */
export function rowText(tuple: ElmNode, lets: readonly Let[], scope: Scope): string {
  const inside: Scope = { ...scope, onRow: new Set(scope.visible) };
  const elements = nodesIn(withParts(tuple, 'element').element).map((each): [string, ElmNode] => {
    const { name, value } = withParts(each, 'name', 'value');
    return [elementName(name), nodeIn(value, 'an element')];
  });
  const members = [
    ...lets.map(({ name, expression }): Member => [variable(name), scope.text(expression, inside)]),
    ...elements.map(([name, value]): Member => [name, scope.text(value, inside)]),
  ];
  const computed = members.map((member) => memberText(member[0], sharedText(member, members))).join('\n\n');
  const given = variablesOf(computed).filter((name) => !lets.some((each) => variable(each.name) === name));
  const names = [...lets.map(({ name }) => variable(name)), ...elements.map(([name]) => name)];
  const type = scope.constants.nameOf(classText(names, given, elements, computed), 'row');
  const arguments_ = given.map((name) => readIn(name, scope));
  return `new ${type}(${['this', ...arguments_].join(', ')})`;
}

type Member = readonly [name: string, text: string];

/** What another element reads of the record is read once, by that one. */
function sharedText([name, text]: Member, members: readonly Member[]): string {
  const paths = members.filter(([other, path]) => other !== name && PATH.test(path));
  return paths.reduce(
    (shared, [other, path]) => (text === path ? shared : shared.replaceAll(path, () => `${ROW}.${other}`)),
    text,
  );
}

/** `($$row.$quantity?.value$value ?? $$row.$quantity?.value?.value ?? null)` */
const PATH = /^\([\w$?.]+(?: \?\? [\w$?.]+)* \?\? null\)$/;

function elementName(name: unknown): string {
  const text = textIn(name, 'an element');
  return RESERVED.has(text) || !/^[A-Za-z_]\w*$/.test(text) ? refuse(`an element ${text} of a row`) : text;
}

function classText(
  names: readonly string[],
  given: readonly string[],
  elements: readonly (readonly [string, ElmNode])[],
  computed: string,
): string {
  return `class extends cql.Row {
constructor(${['library', ...given].join(', ')}) {
super();
this.library = library;
${[...given.map((name) => `this.${name} = ${name};`), ...names.map((name) => `this.${memory(name)} = undefined;`)].join('\n')}
}

get elements() {
return ${JSON.stringify(elements.map(([name]) => name))};
}

${computed}
}`;
}

/** The text reads the library as `this`, so that it can be written as everywhere else. */
function memberText(name: string, text: string): string {
  const known = `this.${memory(name)}`;
  const compute = quoted(`compute ${name}`);
  return `get ${name}() {
return ${known} === undefined ? (${known} = this[${compute}].call(this.library, this)) : ${known};
}

${compute}(${ROW}) {
${withLeft(`return ${text};`)}
}`;
}

function memory(name: string): string {
  return `$$${name}`;
}

/** Variables that a text reads from the row, each once. */
function variablesOf(text: string): string[] {
  return [...new Set([...text.matchAll(/\$\$row\.(\$\w+)/g)].map(([, name = '']) => name))];
}

/** A row within an element of another reads from that one. */
function readIn(name: string, { onRow }: Scope): string {
  return onRow?.has(name.slice(1)) === true ? `${ROW}.${name}` : name;
}
