/**
 * Throughput of the worker threads without HTTP: a batch of request texts handed to one thread and to two; and beside it,
 * as what this machine gives, the same texts in one process and in two that share nothing and are handed nothing.
 * Run it after a build: `node tests/bench/batch.mjs [--short]`. It checks every answer and asserts nothing about time.
 */
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { loadAdvice } from '../../dist/compose-advice.js';
import { openAdviceWorkers } from '../../dist/compose-workers.js';
import { FOLDERS } from '../../dist/folders.js';
import { prefetchTemplates } from '../../dist/patient-data/prefetch-templates.js';
import { median } from './load.mjs';
import { NODE_FLAGS } from './service-child.mjs';
import { hookRequest, syntheticRecord } from './synthetic-record.mjs';

// As in production: the threads have the flags of the process.
for (const flag of NODE_FLAGS) setFlagsFromString(flag);

const GOAL = 1.8;
const isShort = process.argv.includes('--short');
const ROUNDS = isShort ? 1 : 7;
const BATCHES = [
  { resources: 200, texts: isShort ? 200 : 600, warmUp: isShort ? 200 : 6_000 },
  { resources: 2_000, texts: isShort ? 30 : 80, warmUp: isShort ? 30 : 600 },
];
const CAUSE = '"id":"low-calcium-phosphate-retention"';
const ALONE = fileURLToPath(new URL('batch-alone.mjs', import.meta.url));
const settings = { engine: 'compiled', timeZone: 'UTC', publicBaseUrl: 'http://127.0.0.1:3000', launchingServers: [] };
const { knowledge } = loadAdvice(settings, FOLDERS);
const service = { hook: 'patient-view', prefetch: prefetchTemplates(knowledge.requirements) };
const nobody = () => undefined;

function open(workers) {
  const reports = { onGathered: nobody, onInterpreted: nobody, onLibraryFailed: nobody, onThreadEnded: nobody };
  const shared = { time: { allowEvaluationTime: false }, folders: FOLDERS, openFhirServer: nobody, ...reports };
  const limits = { workers, hookDeadlineMs: 60_000 };
  return { workers, threads: openAdviceWorkers({ advice: settings, ...shared, limits }) };
}

/** Texts a second; a few more under way than there are threads, so that no thread waits for its next text. */
async function inThreads({ workers, threads }, text, count) {
  const call = { signal: new AbortController().signal, now: new Date() };
  const { buffer } = Uint8Array.from(Buffer.from(text));
  let left = count;
  const begun = performance.now();
  const lane = async () => {
    while (left-- > 0) {
      // Its thread keeps what it is handed.
      const answer = await threads.advise(Buffer.from(buffer.slice(0)), 'patient-view', call);
      if (!answer.text.includes(CAUSE))
        throw new Error(`the answer does not name the cause: ${answer.text.slice(0, 200)}`);
    }
  };
  await Promise.all(Array.from({ length: workers + 2 }, lane));
  return count / ((performance.now() - begun) / 1000);
}

async function told(process, message) {
  process.send(message);
  await once(process, 'message');
}

async function openProcesses(text) {
  const env = { PATH: process.env.PATH, TZ: 'UTC' };
  const processes = [0, 1].map(() => fork(ALONE, { execArgv: NODE_FLAGS, env }));
  await Promise.all(processes.map((each) => told(each, { text, cause: CAUSE, settings })));
  return processes;
}

/** Texts a second of all of them, each with as many to do. */
async function inProcesses(processes, count) {
  const begun = performance.now();
  const speeds = processes.map(async (each) => {
    await told(each, count);
    return count / ((performance.now() - begun) / 1000);
  });
  return (await Promise.all(speeds)).reduce((sum, speed) => sum + speed, 0);
}

const rows = [];
for (const { resources, texts, warmUp } of BATCHES) {
  const text = JSON.stringify({ hookInstance: randomUUID(), ...hookRequest(service, syntheticRecord(resources)) });
  const pools = [open(1), open(2)];
  const processes = await openProcesses(text);
  try {
    // Until a thread is warm V8 compiles for it on the other core, which two threads do not leave free.
    for (const pool of pools) await inThreads(pool, text, warmUp * pool.workers);
    await inProcesses(processes, warmUp);
    const rounds = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const [one, two] = [await inThreads(pools[0], text, texts), await inThreads(pools[1], text, texts)];
      const alone = await inProcesses([processes[round % 2]], texts);
      const both = await inProcesses(processes, texts);
      rounds.push({ one, two, ratio: two / one, machine: both / alone });
    }
    const middle = (figure) => median(rounds.map((round) => round[figure]));
    rows.push({
      resources,
      kB: Math.round(text.length / 1000),
      'texts/s, 1 thread': Math.round(middle('one')),
      'texts/s, 2 threads': Math.round(middle('two')),
      ratio: middle('ratio').toFixed(2),
      goal: GOAL,
      'ratio of 2 processes': middle('machine').toFixed(2),
    });
  } finally {
    for (const { threads } of pools) await threads.close();
    for (const each of processes) each.kill();
  }
}
console.log(`Node ${process.version}, load average ${loadavg()[0].toFixed(1)}, medians of ${ROUNDS} alternated rounds`);
console.table(rows);
