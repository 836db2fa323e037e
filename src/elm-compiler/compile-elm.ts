import { elmMark } from '../reasoning/elm-mark.js';
import { type ElmStatement, type ElmTree, everyNode, nodeIn } from './elm-tree.js';
import { constantDefines } from './constant-defines.js';
import { expressionText } from './expression-text.js';
import { withLeft } from './operator-texts.js';
import { refuse, Uncompilable } from './refusal.js';
import { binding, Constants, functionMethod, type LibraryNames, quoted, type Scope, variable } from './scope.js';

/** The text of a CommonJS module for each library that can be compiled, and why the others cannot. */
export interface CompiledElm {
  modules: Map<string, string>;
  refused: Map<string, string>;
}

/** Members of the class every library becomes: a define of such a name would hide them. */
const RESERVED = new Set(['run', 'known', 'failures', 'answer', 'throwAgain', 'failed', 'constructor']);

/**
 * Compiles libraries ahead of time. One that cannot be compiled takes with it what includes it: those are interpreted.
 *
 * @param texts ELM as it stands in its files, by library name
 */
export function compileElm(texts: ReadonlyMap<string, string>): CompiledElm {
  // The translator wrote these files; what is not as it should be is refused where it is read.
  const trees = new Map([...texts].map(([name, text]) => [name, JSON.parse(text) as ElmTree]));
  const compiled: CompiledElm = { modules: new Map(), refused: new Map() };
  for (const [name, text] of texts) {
    try {
      compiled.modules.set(name, moduleText(name, text, trees));
    } catch (error) {
      if (!(error instanceof Uncompilable)) throw error;
      compiled.refused.set(name, error.message);
    }
  }
  refuseReaders(compiled, trees);
  return compiled;
}

function refuseReaders({ modules, refused }: CompiledElm, trees: ReadonlyMap<string, ElmTree>): void {
  const readers = [...modules.keys()].filter((name) => !refused.has(name));
  for (const name of readers) {
    const included = includesOf(trees.get(name)).find(([, path]) => !modules.has(path));
    if (included === undefined) continue;
    modules.delete(name);
    refused.set(name, `the library ${included[1]}`);
    refuseReaders({ modules, refused }, trees);
    return;
  }
}

function includesOf(tree: ElmTree | undefined): [string, string][] {
  return (tree?.library.includes?.def ?? []).map(({ localIdentifier, path }) => [localIdentifier, path]);
}

function moduleText(name: string, text: string, libraries: ReadonlyMap<string, ElmTree>): string {
  const tree = libraries.get(name) ?? refuse(name);
  const statements = tree.library.statements?.def ?? [];
  const library = namesOf(name, tree, statements);
  const scope: Scope = { library, libraries, constants: new Constants(), visible: [], text: expressionText };
  const expressions = statements.filter((each) => each.type !== 'FunctionDef');
  const members = [
    ...expressions.map((each, index) => defineText(each, index, scope)),
    ...statements.filter((each) => each.type === 'FunctionDef').map((each) => functionText(each, scope)),
  ];
  const includes = [...library.includes].map(([alias, path]) => {
    const included = scope.constants.nameOf(`cql.library(${quoted(path)})`, 'library');
    return `this.${alias} = run.library(${included});`;
  });
  return indented(`// Compiled from the CQL library ${name} by the build: read that instead, and change nothing here.
'use strict';
exports.elm = ${quoted(elmMark(text))};
exports.includes = ${JSON.stringify([...library.includes.values()])};
// The defines that say the same of every patient.
exports.constants = ${JSON.stringify(constantDefines(name, libraries))};
exports.define = (cql) => {
${scope.constants.declarations.join('\n')}
return class Compiled extends cql.Library {
static known = [${expressions.map(() => 'undefined').join(', ')}];

constructor(run) {
super();
this.run = run;
this.known = Compiled.known.slice();
this.failures = undefined;
${includes.join('\n')}
}

${members.join('\n\n')}
};
};
`);
}

/** Two spaces for each bracket that is open: someone will read it when a number is wrong. */
function indented(text: string): string {
  let depth = 0;
  const lines = text.split('\n').map((line) => {
    const code = line.replace(/"(?:[^"\\]|\\.)*"/g, '');
    const opened = code.match(/[[({]/g)?.length ?? 0;
    const closed = code.match(/[\])}]/g)?.length ?? 0;
    const closing = /^[\])}]*/.exec(code)?.[0].length ?? 0;
    const shown = line === '' ? '' : `${'  '.repeat(Math.max(0, depth - closing))}${line}`;
    depth += opened - closed;
    return shown;
  });
  return lines.join('\n');
}

/** A define is computed once in a request, when it is first asked for. */
function defineText({ name, expression }: ElmStatement, index: number, scope: Scope): string {
  const [known, number] = [`this.known[${String(index)}]`, String(index)];
  return `${quoted(name)}() {
if (${known} !== undefined) return ${known};
if (this.failures !== undefined) this.throwAgain(${number});
try {
${withLeft(`return (${known} = ${expressionText(nodeIn(expression, name), scope)});`)}
} catch (error) {
throw this.failed(${number}, error);
}
}`;
}

function functionText({ name, expression, operand }: ElmStatement, scope: Scope): string {
  const operands = (operand ?? []).map((each) => each.name);
  return `${functionMethod(name)}(${operands.map(variable).join(', ')}) {
${withLeft(`return ${expressionText(nodeIn(expression, name), binding(scope, operands))};`)}
}`;
}

function namesOf(name: string, tree: ElmTree, statements: readonly ElmStatement[]): LibraryNames {
  const functions = statements.filter((each) => each.type === 'FunctionDef');
  const expressions = statements.filter((each) => each.type !== 'FunctionDef').map((each) => each.name);
  const names = {
    name,
    includes: new Map(includesOf(tree)),
    expressions: new Set(expressions),
    functions: new Map(functions.map((each) => [each.name, each.operand?.length ?? 0])),
    variables: new Set(variablesIn(statements)),
  };
  refuseClashes(names, expressions);
  return names;
}

/**
 * The interpreter looks a name up in everything that surrounds it, so one name for two things may mean either;
 * here it means what stands nearest in the text.
 */
function refuseClashes({ includes, functions, variables }: LibraryNames, expressions: readonly string[]): void {
  const outer = [...includes.keys(), ...functions.keys(), ...expressions];
  const clash = outer.find((each) => variables.has(each));
  if (clash !== undefined) refuse(`two meanings of ${clash}`);
  const fixed = [...expressions, ...includes.keys()];
  const hidden = fixed.find(
    (each, index) => RESERVED.has(each) || /^function /.test(each) || fixed.indexOf(each) !== index,
  );
  if (hidden !== undefined) refuse(`the name ${hidden}`);
  for (const alias of includes.keys()) if (!/^[A-Za-z]\w*$/.test(alias)) refuse(`the alias ${alias}`);
}

function variablesIn(statements: readonly ElmStatement[]): string[] {
  const operands = statements.flatMap(({ operand }) => operand?.map((each) => each.name) ?? []);
  const queries = statements.flatMap(({ expression }) => everyNode(expression)).filter(({ type }) => type === 'Query');
  // What a query names: its sources and lets.
  const named = queries.flatMap((query) => everyNode([query['source'], query['let']]));
  const names = named.flatMap((each) => [each['alias'], each['identifier']]);
  return [...operands, ...names.filter((each) => typeof each === 'string')];
}
