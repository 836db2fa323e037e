/**
 * What a hook costs, beside a bare Express route and a bare node:http route that parse the same body, and beside the same
 * knowledge run the plain way. Run it after a build: `npm run bench`. It checks every answer and asserts nothing about time.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { load, median } from './load.mjs';
import { processorTime, residentMemory } from './process-figures.mjs';
import { NODE_FLAGS } from './service-child.mjs';
import { hookRequest, syntheticRecord } from './synthetic-record.mjs';

const SIZES = [20, 200, 2000];
const CONNECTIONS = [1, 8, 32];
/** The goals are about one connection, where what else the machine does is felt most: more rounds there. */
const ROUNDS = { one: 9, more: 3 };
const SECONDS = 1;
/** The service is measured warm: an expression runs once in a request, and is made fast after some ten thousand. */
const WARM_UP = { connections: 4, seconds: 40, most: 10_000 };
/** The plain arrangement takes seconds for a long record. */
const REFERENCE = { sizes: [20, 200], requests: 3, connections: 1, seconds: 60 };
const READY_WITHIN_MS = 20_000;
const CAUSE = 'low-calcium-phosphate-retention';
const SERVICE_SETTINGS = {
  NODE_ENV: 'production',
  CLIENT_AUTH: 'off',
  RATE_LIMIT_PER_MINUTE: '1000000000',
  HOOK_DEADLINE_MS: '60000',
  LOG_LEVEL: 'info',
};

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

function start(script, env, flags = []) {
  const child = spawn(process.execPath, [...flags, join(root, script)], {
    cwd: root,
    env: { PATH: process.env.PATH, TZ: 'UTC', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}

async function startPlain(name, script, mustContain) {
  const child = start(`tests/bench/${script}`);
  const [port] = await once(createInterface({ input: child.stdout }), 'line');
  return { name, origin: `http://127.0.0.1:${port}`, mustContain, pid: child.pid };
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
  const settings = {
    ...SERVICE_SETTINGS,
    PORT: String(port),
    METRICS_PORT: String(metricsPort),
    DATABASE_URL: `file:${join(scratch, 'feedback.db')}`,
  };
  const child = start('dist/main.js', settings, NODE_FLAGS);
  const logged = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.includes('knowledgeLoaded')) logged.push(JSON.parse(line));
  });
  while (!(await isReady(origin))) {
    if (child.exitCode !== null) throw new Error('the service ended before it was ready');
    if (performance.now() - begun > READY_WITHIN_MS) throw new Error('the service was not ready in time');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const readyMs = performance.now() - begun;
  const idleMB = residentMemory(child.pid);
  return { name: 'service', origin, mustContain: `"id":"${CAUSE}"`, pid: child.pid, readyMs, idleMB, logged };
}

/** One measurement, with what the process used in it. */
async function measured(target, body, bounds) {
  const before = processorTime(target.pid);
  const answered = await load(target, body, bounds);
  const cpu = (processorTime(target.pid) - before) / answered.count;
  return { ...answered, cpu, memory: residentMemory(target.pid) };
}

/** Alternated, so that what else the machine does falls on all; the median of the rounds counts. */
async function compare(targets, body, connections) {
  const rounds = new Map(targets.map(({ name }) => [name, []]));
  const count = connections === 1 ? ROUNDS.one : ROUNDS.more;
  for (let round = 0; round < count; round += 1) {
    for (const target of targets) {
      rounds.get(target.name).push(await measured(target, body, { connections, seconds: SECONDS }));
    }
  }
  return rounds;
}

const inMs = (ms) => ms.toFixed(ms < 10 ? 2 : 1);
const middle = (rounds, figure) => median(rounds.map((round) => round[figure]));

function row({ size, kB, connections }, name, rounds, floor) {
  const times = rounds.map(({ p50 }) => p50);
  const ratio = (figure) => (name === 'express' ? '' : (middle(rounds, figure) / middle(floor, figure)).toFixed(2));
  return {
    resources: size,
    kB,
    connections,
    server: name,
    'p50 ms': `${inMs(median(times))} [${inMs(Math.min(...times))}-${inMs(Math.max(...times))}]`,
    'p99 ms': inMs(middle(rounds, 'p99')),
    'requests/s': Math.round(middle(rounds, 'perSecond') * 10) / 10,
    'CPU ms': inMs(middle(rounds, 'cpu')),
    MB: Math.round(middle(rounds, 'memory')),
    'p50 / express': ratio('p50'),
    'CPU / express': ratio('cpu'),
  };
}

/** Three requests, one after the other: how many times the service is cheaper. */
async function referenceRows(reference, at, size, body, service) {
  await load(at(reference), body, { ...REFERENCE, most: 1 });
  const rounds = [await measured(at(reference), body, { ...REFERENCE, most: REFERENCE.requests })];
  const kB = Math.round(body.length / 1000);
  const plain = row({ size, kB, connections: 1 }, 'reference', rounds, service);
  delete plain['p50 / express'];
  delete plain['CPU / express'];
  const ratio = (figure) => `${Math.round(middle(rounds, figure) / middle(service, figure))} x`;
  return { ...plain, 'p50 / service': ratio('p50'), 'CPU / service': ratio('cpu') };
}

async function bench() {
  const service = await startService();
  const express = await startPlain('express', 'floor-server.mjs', 'A constant card');
  const http = await startPlain('node:http', 'bare-http-server.mjs', 'A constant card');
  const reference = await startPlain('reference', 'reference-server.mjs', 'LowCalciumPhosphateRetention');
  const discovery = await (await fetch(`${service.origin}/cds-services`)).json();
  const patientView = discovery.services.find(({ hook }) => hook === 'patient-view');
  const at = (target) => ({ ...target, path: `/cds-services/${patientView.id}` });

  const [rows, referenced] = [[], []];
  for (const size of SIZES) {
    const body = JSON.stringify(hookRequest(patientView, syntheticRecord(size)));
    const targets = [express, http, service].map(at);
    for (const target of targets) await load(target, body, WARM_UP);
    for (const connections of CONNECTIONS) {
      const rounds = await compare(targets, body, connections);
      const what = { size, kB: Math.round(body.length / 1000), connections };
      for (const [name, each] of rounds) rows.push(row(what, name, each, rounds.get('express')));
      const isReferenced = connections === 1 && REFERENCE.sizes.includes(size);
      if (isReferenced) referenced.push(await referenceRows(reference, at, size, body, rounds.get('service')));
    }
  }
  console.log(
    `Node ${process.version}, ${cpus().length} cores, medians of ${ROUNDS.more} alternated rounds of ${SECONDS} s, ${ROUNDS.one} at one connection`,
  );
  console.table(rows);
  console.log('The same knowledge run the plain way:');
  console.table(referenced);
  const [loaded] = service.logged;
  console.log(`libraries compiled: ${loaded.compiled}, interpreted: ${loaded.interpreted.length}`);
  console.log(
    `start to ready: ${Math.round(service.readyMs)} ms; resident when ready: ${Math.round(service.idleMB)} MB`,
  );
}

try {
  await bench();
} finally {
  for (const child of children) child.kill();
  rmSync(scratch, { recursive: true, force: true });
}
