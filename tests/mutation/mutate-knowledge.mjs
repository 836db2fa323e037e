/**
 * Changes every number of cql/CrampThresholds.cql, one at a time, and lists the changes that no vignette notices.
 * Run it after a build: `npm run mutate:knowledge`, or with `-- --only Potassium` for some of them.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { transpileTests } from './transpile-tests.mjs';

process.env.TZ = 'UTC'; // Before any worker starts.

const { values } = parseArgs({ options: { only: { type: 'string' } } });
const tests = join(import.meta.dirname, '..');
const compiled = transpileTests(tests, join(tests, '../dist'));
const { runMutations } = await import(`${compiled}/mutation/mutation-run.js`);
const passed = await runMutations({ tests, ...values });
process.exitCode = passed ? 0 : 1;
