/**
 * What a hook costs, beside a bare Express route that parses the same body. Run it after a build: `npm run bench`.
 * It checks every answer and asserts nothing about time; under three minutes.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { load, median } from './load.mjs';
import { hookRequest, syntheticRecord } from './synthetic-record.mjs';

const SIZES = [20, 200, 2000];
const ROUNDS = 5;
const ROUND = { connections: 4, seconds: 2 };
const WARM_UP = { connections: 4, seconds: 3 };
const ALONE = { connections: 1, seconds: 2 };
const READY_WITHIN_MS = 20_000;
const CAUSE = 'low-calcium-phosphate-retention';

const root = join(import.meta.dirname, '../..');
const children = [];
const scratch = mkdtempSync(join(tmpdir(), 'bench-'));

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function start(script, env) {
  const child = spawn(process.execPath, [join(root, script)], {
    cwd: root,
    env: { PATH: process.env.PATH, TZ: 'UTC', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}

async function startFloor() {
  const [port] = await once(createInterface({ input: start('tests/bench/floor-server.mjs').stdout }), 'line');
  return { name: 'floor', origin: `http://127.0.0.1:${port}`, mustContain: 'A constant card' };
}

async function isReady(origin) {
  try {
    return (await fetch(`${origin}/health/ready`)).ok;
  } catch {
    return false;
  }
}

async function startService() {
  const [port, metricsPort] = [await freePort(), await freePort()];
  const origin = `http://127.0.0.1:${port}`;
  const begun = performance.now();
  const child = start('dist/main.js', {
    PORT: String(port),
    METRICS_PORT: String(metricsPort),
    DATABASE_URL: `file:${join(scratch, 'feedback.db')}`,
    RATE_LIMIT_PER_MINUTE: '1000000000',
    HOOK_DEADLINE_MS: '60000',
    LOG_LEVEL: 'warn',
  });
  child.stdout.resume();
  while (!(await isReady(origin))) {
    if (child.exitCode !== null) throw new Error('the service ended before it was ready');
    if (performance.now() - begun > READY_WITHIN_MS) throw new Error('the service was not ready in time');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return { name: 'service', origin, mustContain: `"id":"${CAUSE}"`, readyMs: performance.now() - begun };
}

/** Alternated, so that what else the machine does falls on both; the median of the rounds counts. */
async function compare(floor, service, body) {
  const rounds = { floor: [], service: [] };
  await load(floor, body, WARM_UP);
  await load(service, body, WARM_UP);
  for (let round = 0; round < ROUNDS; round += 1) {
    rounds.floor.push(await load(floor, body, ROUND));
    rounds.service.push(await load(service, body, ROUND));
  }
  const alone = { floor: await load(floor, body, ALONE), service: await load(service, body, ALONE) };
  const middle = (name, figure) => median(rounds[name].map((round) => round[figure]));
  return { middle, alone };
}

const inMs = (ms) => ms.toFixed(ms < 10 ? 2 : 1);

function row(size, body, { middle, alone }, name) {
  return {
    resources: size,
    kB: Math.round(body.length / 1000),
    server: name,
    'alone p50 ms': inMs(alone[name].p50),
    'p50 ms': inMs(middle(name, 'p50')),
    'p99 ms': inMs(middle(name, 'p99')),
    'requests/s': Math.round(middle(name, 'perSecond')),
    'p50 / floor': name === 'floor' ? '' : (middle(name, 'p50') / middle('floor', 'p50')).toFixed(1),
  };
}

async function bench() {
  const [floor, service] = [await startFloor(), await startService()];
  const discovery = await (await fetch(`${service.origin}/cds-services`)).json();
  const patientView = discovery.services.find(({ hook }) => hook === 'patient-view');
  const at = (target) => ({ ...target, path: `/cds-services/${patientView.id}` });

  const rows = [];
  for (const size of SIZES) {
    const body = JSON.stringify(hookRequest(patientView, syntheticRecord(size)));
    const result = await compare(at(floor), at(service), body);
    rows.push(row(size, body, result, 'floor'), row(size, body, result, 'service'));
  }
  console.log(
    `Node ${process.version}, ${cpus().length} cores, ${ROUND.connections} connections, ${ROUNDS} rounds each`,
  );
  console.table(rows);
  console.log(`start to ready: ${Math.round(service.readyMs)} ms`);
}

try {
  await bench();
} finally {
  for (const child of children) child.kill();
  rmSync(scratch, { recursive: true, force: true });
}
