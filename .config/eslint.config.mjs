import { join } from 'node:path';
import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';
import { importArrows } from './import-arrows.mjs';

const root = join(import.meta.dirname, '..');
const nodeGlobals = [
  'AbortController',
  'AbortSignal',
  'Buffer',
  'URL',
  'URLSearchParams',
  'clearInterval',
  'clearTimeout',
].concat([
  'console',
  'crypto',
  'fetch',
  'performance',
  'process',
  'setImmediate',
  'setInterval',
  'setTimeout',
  'structuredClone',
]);

const typescript = {
  files: ['src/**/*.ts', 'src/**/*.tsx', 'tests/**/*.ts'],
  extends: [eslint.configs.recommended, tseslint.configs.strictTypeChecked],
  languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: root } },
  rules: {
    '@typescript-eslint/consistent-type-imports': 'error',
    '@typescript-eslint/no-import-type-side-effects': 'error',
    '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
    '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    eqeqeq: ['error', 'always', { null: 'ignore' }],
    'max-lines': ['error', 250],
  },
};

const source = {
  files: ['src/**/*.ts'],
  rules: { 'max-lines-per-function': ['error', 40] },
};

/** Markup is long without being hard, and a hook is the file's one closure. */
const components = {
  files: ['src/web/browser/**/*.tsx', 'src/web/browser/**/use-*.ts'],
  rules: { 'max-lines-per-function': ['error', 110] },
};

/** Values and cases of a test are read where they stand; JSON answers have no type there. */
const tests = {
  files: ['tests/**/*.ts'],
  rules: {
    '@typescript-eslint/no-non-null-assertion': 'off',
    '@typescript-eslint/no-unsafe-argument': 'off',
    '@typescript-eslint/no-unsafe-assignment': 'off',
    '@typescript-eslint/no-unsafe-call': 'off',
    '@typescript-eslint/no-unsafe-member-access': 'off',
    '@typescript-eslint/no-unsafe-return': 'off',
    '@typescript-eslint/require-await': 'off',
    '@typescript-eslint/unbound-method': 'off',
  },
};

const scripts = {
  files: ['**/*.mjs'],
  extends: [eslint.configs.recommended],
  languageOptions: { globals: Object.fromEntries(nodeGlobals.map((name) => [name, 'readonly'])) },
};

export default tseslint.config(
  { ignores: ['dist/', 'data/', 'coverage/', 'node_modules/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  typescript,
  source,
  components,
  tests,
  scripts,
  ...importArrows,
);
