import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { compileElm } from '../../src/elm-compiler/compile-elm.js';
import { type Folders, FOLDERS } from '../../src/folders.js';

export type CopiedFolder = 'elm' | 'fhirModel' | 'valueSets' | 'cards';

/** A copy of the built knowledge that a test may damage. */
export interface KnowledgeCopy {
  folders: Folders;
  edit: (folder: CopiedFolder, file: string, change: (text: string) => string) => void;
  /** Compiles the ELM as it stands now; answers the folder. */
  compile: () => string;
  remove: () => void;
}

export function copyKnowledge(): KnowledgeCopy {
  const root = mkdtempSync(join(tmpdir(), 'knowledge-'));
  const copied = (name: CopiedFolder): string => {
    cpSync(FOLDERS[name], join(root, name), { recursive: true });
    return join(root, name);
  };
  const own = {
    elm: copied('elm'),
    fhirModel: copied('fhirModel'),
    valueSets: copied('valueSets'),
    cards: copied('cards'),
  };
  const folders = { ...FOLDERS, ...own };
  const edit: KnowledgeCopy['edit'] = (folder, file, change) => {
    const path = join(folders[folder], file);
    const before = readFileSync(path, 'utf8');
    const after = change(before);
    if (after === before) throw new Error(`The change of ${file} changes nothing.`);
    writeFileSync(path, after);
  };
  const compile = () => {
    const files = readdirSync(folders.elm);
    const texts = new Map(
      files.map((file) => [basename(file, '.json'), readFileSync(join(folders.elm, file), 'utf8')]),
    );
    const output = join(root, 'elm-js');
    mkdirSync(output, { recursive: true });
    for (const [name, text] of compileElm(texts).modules) writeFileSync(join(output, `${name}.cjs`), text);
    return output;
  };
  const remove = () => {
    rmSync(root, { recursive: true, force: true });
  };
  return { folders, edit, compile, remove };
}

interface Elm {
  library: { statements: { def: { name: string; expression?: object }[] } };
}

/** ELM in which this expression is another one. */
export function changed(expression: string, change: (before: object) => object): (elm: string) => string {
  return (text) => {
    const elm: Elm = JSON.parse(text);
    const statement = elm.library.statements.def.find(({ name }) => name === expression);
    if (statement?.expression === undefined) throw new Error(`There is no expression ${expression}.`);
    statement.expression = change(statement.expression);
    return JSON.stringify(elm);
  };
}

/** The literal of a whole number. */
export const WHOLE_NUMBER = { type: 'Literal', valueType: '{urn:hl7-org:elm-types:r1}Integer', value: '1' };

/** ELM in which evaluating this expression throws. */
export function throwingIn(expression: string): (elm: string) => string {
  return changed(expression, () => ({
    type: 'SingletonFrom',
    operand: { type: 'List', element: [WHOLE_NUMBER, WHOLE_NUMBER] },
  }));
}
