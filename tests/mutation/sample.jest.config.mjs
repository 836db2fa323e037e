import { join } from 'node:path';
import { project } from '../../.config/jest.config.mjs';

/** One mutant after the other: stops at the first test that notices it. */
export default {
  ...project,
  rootDir: '../..',
  testMatch: ['<rootDir>/tests/**/*.test.ts'],
  setupFilesAfterEnv: ['<rootDir>/tests/mutation/cap-properties.mjs'],
  testEnvironment: join(import.meta.dirname, 'first-failure.mjs'),
  testSequencer: join(import.meta.dirname, 'nearest-first.mjs'),
  testTimeout: 20_000,
  bail: 1,
};
