/**
 * One panel by the command with one thread and with two, and on Apache Spark with one core and with two: wall time, and
 * whether the rows are the same. After a build, with a Python that has pyspark and a JDK beside it:
 *
 *   PANEL_PYTHON=python3 node tests/bench/spark.mjs [--patients 2000] [--resources 200] [--rounds 3]
 *
 * Ends with 1 when rows differ; asserts nothing about time.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    patients: { type: 'string', default: '2000' },
    resources: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '3' },
  },
});
const NOW = '2026-05-17T12:00:00Z';
const ROOT = join(import.meta.dirname, '../..');
const PYTHON = process.env.PANEL_PYTHON ?? 'python3';
const COMMAND = join(ROOT, 'dist/cli/renal-cramp-cds.js');
const folder = mkdtempSync(join(tmpdir(), 'spark-bench-'));
const panel = join(folder, 'panel.ndjson');

async function ended(child) {
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${child.spawnargs.slice(0, 3).join(' ')} ended with ${code}`);
}

const sorted = (text) => text.split('\n').filter(Boolean).sort().join('\n');

async function alone(workers) {
  const child = spawn(process.execPath, [COMMAND, 'panel', '-', '--now', NOW, '--workers', String(workers)], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let rows = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (rows += text));
  await Promise.all([pipeline(createReadStream(panel), child.stdin), ended(child)]);
  return sorted(rows);
}

async function onSpark(cores) {
  const out = mkdtempSync(join(folder, 'rows-'));
  const submit = `--master local[${cores}] --conf spark.ui.enabled=false pyspark-shell`;
  const env = { ...process.env, SPARK_LOCAL_IP: '127.0.0.1', PYSPARK_SUBMIT_ARGS: submit, PYSPARK_PYTHON: PYTHON };
  const job = join(ROOT, 'src/panel/spark/panel_job.py');
  const command = ['--command', `${process.execPath} ${COMMAND}`, '--partitions', '2'];
  await ended(spawn(PYTHON, [job, panel, join(out, 'rows'), '--now', NOW, ...command], { env, stdio: 'ignore' }));
  const parts = readdirSync(join(out, 'rows')).filter((name) => name.startsWith('part-'));
  return sorted(parts.map((name) => readFileSync(join(out, 'rows', name), 'utf8')).join(''));
}

const WAYS = [
  ['command, one thread', () => alone(1)],
  ['command, two threads', () => alone(2)],
  ['Spark local[1]', () => onSpark(1)],
  ['Spark local[2]', () => onSpark(2)],
];
const times = new Map(WAYS.map(([name]) => [name, []]));
try {
  const { patients, resources } = values;
  const generator = join(ROOT, 'tests/panel/generate-panel.mjs');
  const args = [generator, '--patients', patients, '--seed', '1', '--resources', resources];
  const made = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await pipeline(made.stdout, createWriteStream(panel));
  console.log(`Node ${process.version}: ${patients} patients of ${resources} resources, load average ${loadavg()[0]}`);
  let first;
  for (let round = 0; round < Number(values.rounds); round += 1)
    for (const [name, way] of WAYS) {
      const begun = performance.now();
      const rows = await way();
      times.get(name).push((performance.now() - begun) / 1000);
      first ??= rows;
      if (rows !== first) throw new Error(`${name} has other rows`);
    }
  const median = (list) => [...list].sort((one, other) => one - other)[Math.floor(list.length / 2)];
  const least = median(times.get(WAYS[0][0]));
  console.table(
    WAYS.map(([name]) => {
      const seconds = median(times.get(name));
      return { '': name, seconds: seconds.toFixed(1), 'of one thread': (seconds / least).toFixed(2), rows: 'the same' };
    }),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
