import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';
import { project } from '../../.config/jest.config.mjs';
import { SAFETY_MODULES } from './safety-modules.mjs';

/** Of a hundred mutants of a module, or of all of src, how many its tests must notice. */
const LEAST_NOTICED = { module: 85, all: 70 };

process.env.ONLY_LIBSQL = 'true';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    all: { type: 'boolean' },
    concurrency: { type: 'string', default: '2' },
    // Tries again only what no test noticed the last time, and what has changed since.
    incremental: { type: 'boolean', default: false },
  },
});
const results = values.all ? await mutateAll() : await mutateModules(positionals);
const tooFew = results.filter(({ score, least }) => !(score >= least));
for (const { name, noticed, mutants, broken, score, least } of results)
  console.log(
    `${name}: ${noticed} of ${mutants} mutants noticed, ${score.toFixed(1)} % (at least ${least} %); ${broken} could not be run`,
  );
console.log(`${results.length - tooFew.length} passed, ${tooFew.length} failed`);
process.exitCode = tooFew.length === 0 ? 0 : 1;

async function mutateModules(names) {
  const unknown = names.filter((name) => !(name in SAFETY_MODULES));
  if (unknown.length > 0) throw new Error(`No such module; there are ${Object.keys(SAFETY_MODULES).join(', ')}.`);
  const modules = Object.entries(SAFETY_MODULES).filter(([name]) => names.length === 0 || names.includes(name));
  const found = [];
  for (const [name, parts] of modules) {
    const mutants = [];
    for (const [index, part] of parts.entries()) mutants.push(...(await mutate(`${name}-${index + 1}`, part)));
    found.push({ name, least: LEAST_NOTICED.module, ...countsOf(mutants) });
  }
  return found;
}

async function mutateAll() {
  const files = [
    'src/**/*.ts',
    '!src/**/*.d.ts',
    '!src/main.ts',
    '!src/compile-cql.ts',
    '!src/web/browser/**',
    '!src/cli/**',
  ];
  const tests = ['{unit,contract,vignettes}/**/*', 'integration/{fhir-gateway,client,http,server,openapi}*'];
  const mutants = await mutate('src', { files, tests, hasProperties: true });
  return [{ name: 'src', least: LEAST_NOTICED.all, ...countsOf(mutants) }];
}

async function mutate(name, { files, tests, hasProperties = false }) {
  const stryker = new Stryker({
    mutate: files,
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
  return { noticed, mutants: noticed + missed, broken, score: (100 * noticed) / (noticed + missed) };
}
