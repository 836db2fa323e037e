/**
 * How many of the changes that Stryker would make to all of src do the tests notice? All 20,000 would take days: so many are
 * drawn by lot, and each is written into a copy of the project, source and build, where the nearest tests run until one fails.
 * Run it after a build: `npm run mutate:all -- --sample 200 --seed autumn`,
 * with `--minutes 45` of those drawn first as many as can be begun in that time.
 */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import ts from 'typescript';
import { changed, drawn, exchanged, mutantsOf, spreadOf } from './mutants-of.mjs';
import { testsOf } from './nearest-tests.mjs';

const LEAST_NOTICED = 70;
/** A file of tests that says nothing for so long waits for something that never ends: the change is noticed. */
const SILENT_MS = 120_000;
/** What no test has noticed by then counts as missed. */
const MOST_MS = 300_000;
/** The pages have tests in a real browser, which are left out here. */
const NOT_TRIED = /^src\/web\/browser\/|\.d\.ts$/;
const JEST = [
  ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'],
  ...['--config', 'tests/mutation/sample.jest.config.mjs'],
];
const PLAIN = { ONLY_LIBSQL: 'true', NO_COLOR: '1' };

const root = join(import.meta.dirname, '../..');
const { values } = parseArgs({
  options: {
    sample: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now()) },
    // None is begun later.
    minutes: { type: 'string', default: '600' },
  },
});
const sources = git('ls-files', 'src').filter((file) => file.endsWith('.ts') && !NOT_TRIED.test(file));
process.chdir(root);
const all = await mutantsOf(sources);
const mutants = drawn(all, Number(values.sample), values.seed);
console.log(`${mutants.length} of ${all.length} mutants, drawn with the seed ${values.seed}`);

const outcomes = [];
const waiting = [...mutants];
const lastBegin = performance.now() + Number(values.minutes) * 60_000;
/** Whether a file of tests passes where nothing is changed; looked at when it has failed. */
const soundness = new Map();
await Promise.all(Array.from({ length: Math.max(1, availableParallelism()) }, tryInTurn));
report();

function git(...words) {
  return execFileSync('git', words, { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean);
}

/** Each of these has a copy of the project to itself. */
async function tryInTurn() {
  const copy = mkdtempSync(join(tmpdir(), 'mutants-'));
  try {
    const files = git('ls-files', '--cached', '--others', '--exclude-standard');
    for (const file of [...files, 'dist']) cpSync(join(root, file), join(copy, file), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    // The service in one file would hold all modules as they were.
    writeFileSync(join(copy, 'dist/main.js'), asJavaScript(readFileSync(join(copy, 'src/main.ts'), 'utf8')));
    while (waiting.length > 0 && performance.now() < lastBegin) {
      const mutant = waiting.shift();
      const begun = performance.now();
      const outcome = await tried(mutant, copy);
      outcomes.push({ mutant, outcome: outcome.is });
      console.log(`${outcome.is.padEnd(8)} ${seconds(begun)} s  ${placeOf(mutant)}  ${outcome.by ?? ''}`);
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** A file of tests that fails without the change too notices nothing, and is left out from then on. */
async function tried(mutant, copy) {
  const tests = testsOf(mutant.file, copy, JEST).filter((test) => soundness.get(test) !== false);
  const undo = write(mutant, copy);
  const outcome = await played(tests, copy).finally(undo);
  if (outcome.by === undefined || (await isSound(outcome.by, copy))) return outcome;
  console.log(`left out: ${outcome.by} fails where nothing is changed`);
  return tried(mutant, copy);
}

/** Writes the change into source and build; the result takes it back. */
function write(mutant, copy) {
  const built = mutant.file.replace(/^src/, 'dist').replace(/\.ts$/, '.js');
  const before = [mutant.file, built].map((file) => [join(copy, file), readFileSync(join(copy, file), 'utf8')]);
  const source = changed(before[0][1], mutant);
  writeFileSync(before[0][0], source);
  writeFileSync(before[1][0], asJavaScript(source));
  return () => before.forEach(([file, text]) => writeFileSync(file, text));
}

async function isSound(test, copy) {
  if (!soundness.has(test)) soundness.set(test, (await played([test], copy)).is === 'missed');
  return soundness.get(test);
}

function asJavaScript(source) {
  const compilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
  };
  return ts.transpileModule(source, { compilerOptions }).outputText;
}

/** `is`: `noticed`, `endless` or `missed`; `by`: the file of tests that failed. */
function played(tests, copy) {
  const child = spawn(process.execPath, [...JEST, '--runInBand', '--runTestsByPath', ...tests], {
    cwd: copy,
    // As Stryker does, so that no test is run after the first that fails.
    env: {
      ...process.env,
      TESTS_IN_TURN: tests.join(','),
      __STRYKER_ACTIVE_MUTANT__: '1',
      ...PLAIN,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  return new Promise((resolve) => {
    let said = '';
    const end = (is) => {
      clearTimeout(late);
      clearTimeout(silent);
      stopAll(child);
      resolve({ is, by: /^FAIL (\S+)/m.exec(said)?.[1] });
    };
    const late = setTimeout(() => end('missed'), MOST_MS);
    const silent = setTimeout(() => end('endless'), SILENT_MS);
    child.stderr.on('data', (chunk) => {
      said += chunk;
      silent.refresh();
    });
    child.on('close', (code) => end(code === 0 ? 'missed' : 'noticed'));
  });
}

/** With the services that its tests have started. */
function stopAll(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // All have ended.
  }
}

function report() {
  const missed = outcomes.filter(({ outcome }) => outcome === 'missed');
  for (const { mutant } of missed) console.log(`\nMISSED ${placeOf(mutant)}\n${difference(mutant)}`);
  const noticed = outcomes.length - missed.length;
  const score = (100 * noticed) / outcomes.length;
  const within = spreadOf(noticed, outcomes.length);
  const counts = `${noticed} of ${outcomes.length} mutants noticed, ${score.toFixed(1)} % within ${within.toFixed(1)}`;
  console.log(`\nsrc: ${counts} (at least ${LEAST_NOTICED} %)`);
  console.log(score >= LEAST_NOTICED ? '1 passed, 0 failed' : '0 passed, 1 failed');
  process.exitCode = score >= LEAST_NOTICED ? 0 : 1;
}

function placeOf({ file, location, kind }) {
  return `${file}:${location.start.line + 1}:${location.start.column + 1} ${kind}`;
}

/** A mutant may be a part of a line only: what it takes away is shown, not where it stands. */
function difference(mutant) {
  const { was, is } = exchanged(readFileSync(mutant.file, 'utf8'), mutant);
  return [...was.split('\n').map((line) => `-${line}`), ...is.split('\n').map((line) => `+${line}`)].join('\n');
}

function seconds(begun) {
  return ((performance.now() - begun) / 1000).toFixed(0).padStart(4);
}
