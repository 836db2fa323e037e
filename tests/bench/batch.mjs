/**
 * Throughput of the worker threads without HTTP: a batch of request texts handed to one thread and to two.
 * Run it after a build: `node tests/bench/batch.mjs [--short]`. It checks every answer and asserts nothing about time.
 */
import { randomUUID } from 'node:crypto';
import { loadavg } from 'node:os';
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
const ROUNDS = isShort ? 1 : 5;
const BATCHES = [
  { resources: 200, texts: isShort ? 200 : 1_000, warmUp: isShort ? 200 : 6_000 },
  { resources: 2_000, texts: isShort ? 30 : 150, warmUp: isShort ? 30 : 600 },
];
const CAUSE = '"id":"low-calcium-phosphate-retention"';
const advice = { engine: 'compiled', timeZone: 'UTC', publicBaseUrl: 'http://127.0.0.1:3000', launchingServers: [] };
const { knowledge } = loadAdvice(advice, FOLDERS);
const service = { hook: 'patient-view', prefetch: prefetchTemplates(knowledge.requirements) };
const nobody = () => undefined;

function open(workers) {
  const reports = { onGathered: nobody, onInterpreted: nobody, onLibraryFailed: nobody, onThreadEnded: nobody };
  const shared = { advice, time: { allowEvaluationTime: false }, folders: FOLDERS, openFhirServer: nobody, ...reports };
  return { workers, threads: openAdviceWorkers({ ...shared, limits: { workers, hookDeadlineMs: 60_000 } }) };
}

/** A few more under way than there are threads, so that no thread waits for its next text. */
async function batch({ workers, threads }, text, count) {
  const call = { signal: new AbortController().signal, now: new Date() };
  let left = count;
  const begun = performance.now();
  const lane = async () => {
    while (left-- > 0) {
      const answer = await threads.advise(Buffer.from(text), 'patient-view', call);
      if (!answer.text.includes(CAUSE))
        throw new Error(`the answer does not name the cause: ${answer.text.slice(0, 200)}`);
    }
  };
  await Promise.all(Array.from({ length: workers + 2 }, lane));
  return count / ((performance.now() - begun) / 1000);
}

const pools = [open(1), open(2)];
const rows = [];
try {
  for (const { resources, texts, warmUp } of BATCHES) {
    const text = JSON.stringify({ hookInstance: randomUUID(), ...hookRequest(service, syntheticRecord(resources)) });
    // Until a thread is warm V8 compiles for it on the other core, which two threads do not leave free.
    for (const pool of pools) await batch(pool, text, warmUp * pool.workers);
    const rounds = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const [one, two] = [await batch(pools[0], text, texts), await batch(pools[1], text, texts)];
      rounds.push({ one, two, ratio: two / one });
    }
    const middle = (figure) => median(rounds.map((round) => round[figure]));
    rows.push({
      resources,
      kB: Math.round(text.length / 1000),
      'texts/s, 1 thread': Math.round(middle('one')),
      'texts/s, 2 threads': Math.round(middle('two')),
      ratio: middle('ratio').toFixed(2),
      goal: GOAL,
    });
  }
} finally {
  for (const { threads } of pools) await threads.close();
}
console.log(`Node ${process.version}, load average ${loadavg()[0].toFixed(1)}, medians of ${ROUNDS} alternated rounds`);
console.table(rows);
