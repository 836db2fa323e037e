/**
 * Which library and which expression of the knowledge takes the time: a sampling profile of evaluation alone, over a
 * made-up record. Run it after a build: `npm run bench:profile -- 200`.
 */
import { Session } from 'node:inspector/promises';
import { basename } from 'node:path';
import { FOLDERS } from '../../dist/folders.js';
import { evaluate } from '../../dist/reasoning/evaluate.js';
import { loadKnowledge } from '../../dist/reasoning/knowledge.js';
import { syntheticRecord } from './synthetic-record.mjs';

const WARM_UP_MS = 8_000;
const MEASURE_MS = 6_000;
const ROWS = 25;

const size = Number(process.argv[2] ?? 200);
const knowledge = loadKnowledge(FOLDERS);
const resources = syntheticRecord(size);
const [patient] = resources;
const nothing = { ordersInContext: [], draftsToJudge: [], gaps: [] };
const record = { patientId: patient.id, patient, resources, ...nothing };

async function evaluateFor(milliseconds) {
  let count = 0;
  for (const end = performance.now() + milliseconds; performance.now() < end; count += 1) {
    const { interpreted, failed } = await evaluate(knowledge, record, { now: new Date(), offsetMinutes: 0 });
    if (interpreted.length + failed.length > 0) throw new Error('not every library ran compiled');
  }
  return count;
}

/** Time by library, and by expression with what it calls; what is no library counts for the machine around it. */
function timesIn({ nodes, samples, timeDeltas }) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const [libraries, expressions] = [new Map(), new Map()];
  const add = (times, name, time) => times.set(name, (times.get(name) ?? 0) + time);
  samples.forEach((sample, index) => {
    const seen = new Set();
    let isCounted = false;
    for (let id = sample; id !== undefined; id = parents.get(id)) {
      const { url, functionName } = byId.get(id).callFrame;
      if (!url.endsWith('.cjs') || !url.includes('elm-js')) continue;
      const library = basename(url, '.cjs');
      if (!isCounted) add(libraries, library, timeDeltas[index]);
      isCounted = true;
      const name = `${library} ${functionName}`;
      if (/^(define|function) /.test(functionName) && !seen.has(name)) add(expressions, name, timeDeltas[index]);
      seen.add(name);
    }
    if (!isCounted) add(libraries, '(the machine around it)', timeDeltas[index]);
  });
  return { libraries, expressions };
}

function print(title, times, count) {
  const rows = [...times].sort(([, a], [, b]) => b - a).slice(0, ROWS);
  console.log(title);
  console.table(rows.map(([name, time]) => ({ name, 'microseconds a request': Math.round((time / count) * 10) / 10 })));
}

await evaluateFor(WARM_UP_MS);
const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.setSamplingInterval', { interval: 100 });
await session.post('Profiler.start');
const count = await evaluateFor(MEASURE_MS);
const { profile } = await session.post('Profiler.stop');
const { libraries, expressions } = timesIn(profile);
console.log(`${size} resources, ${count} evaluations`);
print('By library, with what the runtime does for it:', libraries, count);
print('By expression, with what it calls:', expressions, count);
