import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = join(import.meta.dirname, '../../Dockerfile');

export interface Instruction {
  name: string;
  /** What follows the name, lines that were continued being one. */
  words: string;
}

/** The instructions of the Dockerfile, by stage; what stands before the first FROM is left out. */
export function stages(): Instruction[][] {
  const lines = readFileSync(FILE, 'utf8')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const instructions = lines.map((line) => {
    const [name = '', ...words] = line.split(' ');
    return { name, words: words.join(' ') };
  });
  const froms = instructions.flatMap(({ name }, index) => (name === 'FROM' ? [index] : []));
  return froms.map((from, index) => instructions.slice(from, froms[index + 1]));
}

/** The stage that becomes the image. */
export function imageStage(): Instruction[] {
  return stages().at(-1) ?? [];
}

export function wordsOf(instructions: readonly Instruction[], name: string): string[] {
  return instructions.filter((instruction) => instruction.name === name).map(({ words }) => words);
}

/** What the image holds of this folder, `node_modules` and `data` apart. */
export function copiedPaths(): string[] {
  return wordsOf(imageStage(), 'COPY')
    .flatMap((words) =>
      words
        .split(' ')
        .filter((word) => !word.startsWith('--'))
        .slice(0, -1),
    )
    .map((path) => path.replace(/^\/app\//, ''))
    .filter((path) => path !== 'node_modules' && path !== 'data');
}

/** The command of an instruction in its exec form. */
export function commandOf(words: string): string[] {
  const command: unknown = JSON.parse(words.slice(words.indexOf('[')));
  if (!Array.isArray(command)) throw new Error('The command is not in exec form.');
  return command.map(String);
}
