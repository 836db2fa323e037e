import { availableParallelism } from 'node:os';
import { whatIsMissing } from '../tests/hapi/java-and-maven.mjs';

// Before any worker starts, so that dates without offset mean the same on every machine.
process.env.TZ = 'UTC';

const HAPI_TESTS = '<rootDir>/tests/integration/hapi/';

export const project = {
  rootDir: '.',
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'es6' } },
    ],
  },
  transformIgnorePatterns: ['/node_modules/'],
  // Whatever runs or tests leave there is not ours.
  modulePathIgnorePatterns: ['<rootDir>/data/'],
};

const service = {
  ...project,
  displayName: 'service',
  testMatch: ['<rootDir>/tests/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', HAPI_TESTS],
};

/** These share one HAPI FHIR server, started when the first of them is wanted. */
const hapi = {
  ...project,
  displayName: 'hapi',
  testMatch: [`${HAPI_TESTS}**/*.test.ts`],
  globalSetup: '<rootDir>/tests/hapi/jest-set-up.mjs',
  globalTeardown: '<rootDir>/tests/hapi/jest-tear-down.mjs',
};

/** Where it must run, its tests say themselves what is missing. */
function isHapiLeftOut() {
  const { CI, HAPI_URL } = process.env;
  const isWanted = (CI ?? 'false') !== 'false' || HAPI_URL !== undefined || process.argv.includes('hapi');
  const missing = isWanted ? undefined : whatIsMissing();
  if (missing === undefined) return false;
  const warning = `\n*** LEFT OUT: the tests against a real FHIR server. ${missing}\n\n`;
  process.once('exit', () => process.stderr.write(warning));
  return true;
}

export default {
  rootDir: '..',
  testTimeout: 180000,
  // Modules of a test file are never let go of, and a heap of gigabytes is slow: never one process for all of them.
  maxWorkers: Math.max(2, availableParallelism() - 1),
  workerIdleMemoryLimit: '1GB',
  projects: isHapiLeftOut() ? [service] : [service, hapi],
};
