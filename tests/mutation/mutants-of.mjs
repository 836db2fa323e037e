import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Instrumenter } from '@stryker-mutator/instrumenter';

const nothing = () => undefined;
const isNever = () => false;
const SILENT = {
  ...{
    isTraceEnabled: isNever,
    isDebugEnabled: isNever,
    isInfoEnabled: isNever,
    isWarnEnabled: isNever,
  },
  ...{ isErrorEnabled: isNever, isFatalEnabled: isNever },
  ...{
    trace: nothing,
    debug: nothing,
    info: nothing,
    warn: nothing,
    error: nothing,
    fatal: nothing,
  },
};

/** Every change that Stryker would make to these files: where, and what is written there instead. */
export async function mutantsOf(files) {
  const sources = files.map((name) => ({
    name,
    content: readFileSync(name, 'utf8'),
    mutate: true,
  }));
  const options = { plugins: null, excludedMutations: [], ignorers: [] };
  const { mutants } = await new Instrumenter(SILENT).instrument(sources, options);
  return mutants
    .filter(({ status }) => status !== 'Ignored')
    .map(({ fileName: file, location, mutatorName: kind, replacement }) => ({
      file,
      location,
      kind,
      replacement,
    }));
}

/** So many of them, the same for the same seed, each as likely as any other. */
export function drawn(mutants, count, seed) {
  const lot = (mutant) =>
    createHash('sha256')
      .update(`${seed} ${JSON.stringify(mutant)}`)
      .digest('hex');
  return mutants
    .map((mutant) => ({ mutant, lot: lot(mutant) }))
    .sort((one, other) => (one.lot < other.lot ? -1 : 1))
    .slice(0, count)
    .map(({ mutant }) => mutant);
}

/** What a mutant takes out of the text of a file and puts there; lines and columns count from 0, as Stryker's do. */
export function exchanged(text, { location, replacement }) {
  const lines = text.split('\n');
  const offset = ({ line, column }) => lines.slice(0, line).reduce((sum, each) => sum + each.length + 1, 0) + column;
  const [start, end] = [offset(location.start), offset(location.end)];
  return { before: text.slice(0, start), was: text.slice(start, end), is: replacement, after: text.slice(end) };
}

/** The text of a file with the change made. */
export function changed(text, mutant) {
  const { before, is, after } = exchanged(text, mutant);
  return before + is + after;
}

/** How far the share of a sample, in percent, may lie from that of all: 95 of 100 samples lie nearer. */
export function spreadOf(noticed, tried) {
  const share = noticed / tried;
  return 196 * Math.sqrt((share * (1 - share)) / tried);
}
