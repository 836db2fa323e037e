/**
 * A thousand connections at once, each sending its next hook when the last is answered, for half a minute. After a build:
 * `node tests/bench/crowd.mjs`, `--short` for five seconds (CI). Ends with 1 on a connection that breaks, and on an answer
 * other than 200, or 429 and 503 with Retry-After; it asserts nothing about time.
 */
import { loadavg } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { percentile } from './load.mjs';
import { CAUSE, startService } from './service-child.mjs';

const isShort = process.argv.includes('--short');
const CONNECTIONS = 1_000;
const SECONDS = isShort ? 5 : 30;
/** 20 kB of prefetch. */
const RESOURCES = 45;
/** Nobody waits longer for a chart. */
const TOO_LONG_MS = 10_000;
const AFTERWARDS_MS = 5_000;

const service = await startService();
const body = service.hook(RESOURCES);
const dispatcher = new Agent({ connections: CONNECTIONS, pipelining: 1, connect: { timeout: 60_000 } });
const counts = {};
const times = { answered: [], refused: [] };
let longest = 0;

const note = (what) => (counts[what] = (counts[what] ?? 0) + 1);

/** Answers how it ended: of an answer whether it is one that may be given. */
async function hook() {
  const begun = performance.now();
  try {
    const headers = service.headersFor(service.path);
    const url = `${service.origin}${service.path}`;
    const answer = await request(url, { method: 'POST', headers, body: body(), dispatcher });
    const text = await answer.body.text();
    const ms = performance.now() - begun;
    longest = Math.max(longest, ms);
    if (answer.statusCode === 200 && text.includes(CAUSE)) times.answered.push(ms);
    else if ([429, 503].includes(answer.statusCode) && answer.headers['retry-after'] !== undefined)
      times.refused.push(ms);
    else note(`wrong: ${answer.statusCode}`);
    return Number(answer.headers['retry-after'] ?? 0);
  } catch (error) {
    note(`broken: ${error.code ?? error.name}`);
    return 1;
  }
}

const begun = performance.now();
const isOver = () => performance.now() - begun > SECONDS * 1000;
await Promise.all(
  Array.from({ length: CONNECTIONS }, async () => {
    while (!isOver()) {
      const secondsToWait = await hook();
      // Whoever is told to come back later does, unless that is after the end.
      for (let waited = 0; waited < secondsToWait * 10 && !isOver(); waited += 1) await wait(100);
    }
  }),
);
await wait(AFTERWARDS_MS);
const alone = performance.now();
await hook();
const aloneMs = performance.now() - alone;
await dispatcher.destroy();
await service.stop();

const inMs = (sorted, share) => (sorted.length === 0 ? '' : Math.round(percentile(sorted, share)));
for (const each of Object.values(times)) each.sort((a, b) => a - b);
console.log(
  `Node ${process.version}, ${CONNECTIONS} connections for ${SECONDS} s, load average ${loadavg()[0].toFixed(1)}`,
);
console.table([
  {
    200: times.answered.length,
    'p50 ms': inMs(times.answered, 0.5),
    'p99 ms': inMs(times.answered, 0.99),
    '429, 503': times.refused.length,
    'longest ms': Math.round(longest),
    [`over ${TOO_LONG_MS / 1000} s`]: [...times.answered, ...times.refused].filter((ms) => ms > TOO_LONG_MS).length,
    'one alone afterwards ms': Math.round(aloneMs),
    wrong: JSON.stringify(counts),
  },
]);
process.exit(Object.keys(counts).length === 0 ? 0 : 1);
