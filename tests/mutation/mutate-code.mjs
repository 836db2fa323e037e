import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';
import { project } from '../../.config/jest.config.mjs';
import { drawn, mutantsOf, spreadOf } from './mutants-of.mjs';
import { SAFETY_MODULES } from './safety-modules.mjs';

/** Of a hundred mutants of a module, how many its tests must notice. */
const LEAST_NOTICED = 85;

process.env.ONLY_LIBSQL = 'true';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    concurrency: { type: 'string', default: '2' },
    // Tries again only what no test noticed the last time, and what has changed since.
    incremental: { type: 'boolean', default: false },
    // Tries so many of each module, others for each commit; it fails when they are too few even for a lucky draw.
    sample: { type: 'string' },
  },
});
const results = await mutateModules(positionals);
const tooFew = results.filter(({ score, spread }) => !(score + spread >= LEAST_NOTICED));
for (const { name, noticed, mutants, broken, score, spread } of results) {
  const within = values.sample === undefined ? '' : ` within ${spread.toFixed(1)}`;
  const counts = `${noticed} of ${mutants} mutants noticed, ${score.toFixed(1)} %${within}`;
  console.log(`${name}: ${counts} (at least ${LEAST_NOTICED} %); ${broken} could not be run`);
}
console.log(`${results.length - tooFew.length} passed, ${tooFew.length} failed`);
process.exitCode = tooFew.length === 0 ? 0 : 1;

async function mutateModules(names) {
  const unknown = names.filter((name) => !(name in SAFETY_MODULES));
  if (unknown.length > 0) throw new Error(`No such module; there are ${Object.keys(SAFETY_MODULES).join(', ')}.`);
  const modules = Object.entries(SAFETY_MODULES).filter(([name]) => names.length === 0 || names.includes(name));
  const found = [];
  for (const [name, parts] of modules) {
    const places = await placesIn(parts.flatMap(({ files }) => files));
    const mutants = [];
    for (const [index, { files, ...part }] of parts.entries()) {
      const mutate = places.filter((place) => files.some((file) => place.startsWith(file)));
      if (mutate.length > 0) mutants.push(...(await mutated(`${name}-${index + 1}`, { mutate, ...part })));
    }
    found.push({ name, ...countsOf(mutants) });
  }
  return found;
}

/** What Stryker is to change: whole files, or of a sample the places, `file:line:column-line:column`. */
async function placesIn(files) {
  if (values.sample === undefined) return files;
  const commit = execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();
  return drawn(await mutantsOf(files), Number(values.sample), commit).map(({ file, location: { start, end } }) => {
    const [from, to] = [start, end].map(({ line, column }) => `${line + 1}:${column}`);
    return `${file}:${from}-${to}`;
  });
}

function mutated(name, { mutate, tests, hasProperties = false }) {
  const stryker = new Stryker({
    mutate,
    testRunner: 'jest',
    testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
    plugins: ['@stryker-mutator/jest-runner'],
    jest: { projectType: 'custom', config: jestConfig(tests, hasProperties), enableFindRelatedTests: false },
    coverageAnalysis: 'perTest',
    // What runs once at import would need every test anew.
    ignoreStatic: true,
    concurrency: Number(values.concurrency),
    // Modules of a run that has ended are never let go of.
    maxTestRunnerReuse: 30,
    timeoutMS: 10_000,
    tempDirName: 'data/mutation',
    reporters: ['clear-text', 'json', 'progress-append-only'],
    incremental: values.incremental,
    incrementalFile: `data/mutation/${name}.incremental.json`,
    jsonReporter: { fileName: `data/mutation/${name}.json` },
    clearTextReporter: {
      allowColor: false,
      allowEmojis: false,
      logTests: false,
      reportTests: false,
      reportScoreTable: false,
    },
    logLevel: 'warn',
    allowEmpty: false,
  });
  return stryker.runMutationTest();
}

function jestConfig(tests, hasProperties) {
  return {
    ...project,
    testMatch: tests.map((test) => `<rootDir>/tests/${test}.test.ts`),
    setupFilesAfterEnv: hasProperties ? ['<rootDir>/tests/mutation/cap-properties.mjs'] : [],
    roots: ['<rootDir>/src', '<rootDir>/tests'],
    watchman: false,
    testEnvironment: join(import.meta.dirname, 'first-failure.mjs'),
    // A mutant that keeps a test waiting is noticed: sooner than Stryker would, which then has to begin a new process.
    testTimeout: 4_000,
  };
}

/** As Stryker counts: what could not be run says nothing, what never ends is noticed, what no test reaches is not. */
function countsOf(mutants) {
  const count = (...statuses) => mutants.filter(({ status }) => statuses.includes(status)).length;
  const [noticed, missed] = [count('Killed', 'Timeout'), count('Survived', 'NoCoverage')];
  const broken = count('RuntimeError', 'CompileError');
  const tried = noticed + missed;
  const spread = values.sample === undefined ? 0 : spreadOf(noticed, tried);
  return { noticed, mutants: tried, broken, score: (100 * noticed) / tried, spread };
}
