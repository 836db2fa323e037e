/**
 * Evaluates every vignette and real patient in HAPI's engine too and compares finding by finding; see README.md.
 *
 *   node tests/crosscheck/crosscheck.mjs [--seconds 240] [--raw] [--hooks FOLDER]
 *
 * HAPI_URL names a running server; without it one is started, and stopped at the end. Needs a build and the package.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startHapi } from '../hapi/hapi-server.mjs';
import { transpileTests } from '../mutation/transpile-tests.mjs';

process.env.TZ = 'UTC'; // Both engines count days in it.

const { values } = parseArgs({
  options: { seconds: { type: 'string' }, raw: { type: 'boolean' }, hooks: { type: 'string' } },
});
const tests = join(import.meta.dirname, '..');
const records = join(tests, '../../shared/data/patients');
if (process.env.REAL_PATIENTS === undefined && existsSync(records)) process.env.REAL_PATIENTS = records;

const compiled = transpileTests(tests, join(tests, '../dist'));
const { runCrosscheck } = await import(`${compiled}/crosscheck/crosscheck-run.js`);
const hapi = process.env.HAPI_URL === undefined ? await startHapi() : undefined;
try {
  await hapi?.ready();
  const passed = await runCrosscheck({
    server: hapi?.url ?? process.env.HAPI_URL,
    transaction: join(tests, '../dist/package-transaction.json'),
    vignettes: join(tests, 'vignettes'),
    hooks: values.hooks,
    seconds: Number(values.seconds ?? Infinity),
    given: values.raw ? 'raw' : 'gathered',
    say: (line) => console.log(line),
  });
  process.exitCode = passed ? 0 : 1;
} finally {
  await hapi?.stop();
}
