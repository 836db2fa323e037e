/**
 * What a patient of a panel costs, beside reading and parsing alone, and how much memory a panel takes.
 *
 *   node tests/bench/panel.mjs                     patients a second and core, at about 200 resources each
 *   node tests/bench/panel.mjs --memory 1000 20000 largest memory of the command, with panels of these sizes piped to it
 *   --resources 20                                  of each patient, in either
 *
 * Processor time is the child's own, of all its threads; the difference of two sizes leaves the start out of it. Asserts
 * nothing about time.
 */
import { spawn } from 'node:child_process';
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { memory: { type: 'boolean' }, resources: { type: 'string', default: '200' } },
});
const RESOURCES = Number(values.resources);
const SIZES = [100, 500];
const NOW = '2026-05-17T12:00:00Z';
const ROOT = join(import.meta.dirname, '../..');
const GENERATOR = join(ROOT, 'tests/panel/generate-panel.mjs');
const PANEL = [join(ROOT, 'dist/cli/renal-cramp-cds.js'), 'panel', '-', '--now', NOW];
const PARSE = [join(ROOT, 'tests/bench/parse-lines.mjs')];
const MILLISECONDS_PER_TICK = 10;
const LOOK_EVERY_MS = 50;

const generate = (patients) =>
  spawn(
    process.execPath,
    [GENERATOR, '--patients', String(patients), '--seed', '1', '--resources', String(RESOURCES)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );

/** Runs a child over lines; tells its wall and processor milliseconds, and the most memory it held. */
async function run(args, lines) {
  const begun = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'ignore'] });
  const figures = { cpu: 0, memory: 0 };
  const look = setInterval(() => Object.assign(figures, figuresOf(child.pid) ?? {}), LOOK_EVERY_MS);
  const ended = new Promise((resolve) => child.on('close', resolve));
  await pipeline(lines, child.stdin);
  const code = await ended;
  clearInterval(look);
  if (code !== 0) throw new Error(`${args[0]} ended with ${code}`);
  return { wall: performance.now() - begun, ...figures };
}

/** From /proc (Linux): a little before the end, which is near enough for runs of seconds. */
function figuresOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return { cpu: (Number(fields[11]) + Number(fields[12])) * MILLISECONDS_PER_TICK, memory: Number(peak[1]) / 1024 };
  } catch {
    return undefined;
  }
}

async function timesPerPatient(name, args, files) {
  const runs = [];
  for (const file of files) runs.push(await run(args, createReadStream(file)));
  const [small, large] = runs;
  const more = SIZES[1] - SIZES[0];
  return { name, cpu: (large.cpu - small.cpu) / more, wall: (large.wall - small.wall) / more };
}

async function speed() {
  const folder = mkdtempSync(join(tmpdir(), 'panel-bench-'));
  try {
    const files = [];
    for (const size of SIZES) {
      files.push(join(folder, `${size}.ndjson`));
      await pipeline(generate(size).stdout, createWriteStream(files.at(-1)));
    }
    const floor = await timesPerPatient('read and parse', PARSE, files);
    const one = await timesPerPatient('panel, 1 thread', [...PANEL, '--workers', '1'], files);
    const two = await timesPerPatient('panel, 2 threads', [...PANEL, '--workers', '2'], files);
    console.log(`About ${RESOURCES} resources a patient; Node ${process.version}`);
    console.table(
      [floor, one, two].map(({ name, cpu, wall }) => ({
        name,
        'processor ms a patient': cpu.toFixed(2),
        'patients a second and core': Math.round(1000 / cpu),
        'patients a second': Math.round(1000 / wall),
        'processor time / floor': (cpu / floor.cpu).toFixed(1),
      })),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function memory(sizes) {
  for (const size of sizes) {
    const { memory: most, wall } = await run(PANEL, generate(size).stdout);
    console.log(
      `${size} patients of ${RESOURCES} resources: at most ${Math.round(most)} MB, ${Math.round(wall / 1000)} s`,
    );
  }
}

await (values.memory ? memory(positionals.map(Number)) : speed());
