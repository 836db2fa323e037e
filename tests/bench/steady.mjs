/**
 * 150 hooks a second (20 kB of prefetch) for a minute, without and with client authentication; and discovery while one
 * caller sends charts of 5 MB. After a build: `npm run bench:load`, `-- --short`: 50 a second, for five seconds each. A wrong
 * answer ends it with 1; it asserts nothing about time.
 */
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { Worker } from 'node:worker_threads';
import { arrivals } from './arrivals.mjs';
import { percentile } from './load.mjs';
import { residentMemory } from './process-figures.mjs';
import { CAUSE, startService } from './service-child.mjs';

const isShort = process.argv.includes('--short');
/** A machine that runs all tests keeps up with a third. */
const PER_SECOND = isShort ? 50 : 150;
const SECONDS = isShort ? 5 : 60;
/** 24 kB of prefetch, and 5 MB. */
const [HOOK, CHART] = [45, 9_600];
const WARM_UP_SECONDS = isShort ? 1 : 10;
const LARGE_SECONDS = isShort ? 3 : 15;
const DISCOVERY_EVERY_MS = 20;

const inMs = (ms) => Math.round(ms * 10) / 10;
let wrongs = 0;

async function steady(auth) {
  const service = await startService({ auth });
  let most = 0;
  const watch = setInterval(() => (most = Math.max(most, residentMemory(service.pid))), 250);
  try {
    const load = { perSecond: PER_SECOND, resources: HOOK };
    await arrivals(service, { ...load, seconds: WARM_UP_SECONDS });
    const { sent, p50, p99, wrong } = await arrivals(service, { ...load, seconds: SECONDS });
    wrongs += wrong.length;
    return {
      'client authentication': auth ? 'required' : 'off',
      kB: Math.round(service.hook(HOOK)().length / 1000),
      hooks: sent,
      'p50 ms': inMs(p50),
      'p99 ms': inMs(p99),
      errors: wrong.length === 0 ? 0 : `${wrong.length}: ${[...new Set(wrong)].join(' ')}`,
      'ready ms': Math.round(service.readyMs),
      'most MB': Math.round(most),
      'load average': loadavg()[0].toFixed(1),
    };
  } finally {
    clearInterval(watch);
    await service.stop();
  }
}

async function lagOf({ metrics }) {
  const text = await (await fetch(`${metrics}/metrics`)).text();
  return Number(/^nodejs_eventloop_lag_p99_seconds (\S+)/m.exec(text)?.[1]) * 1000;
}

/** The longest waits of the event loop are counted from one look at the metrics to the next. */
async function besideLarge() {
  // A thread may be slow to start.
  const service = await startService({ settings: { HOOK_DEADLINE_MS: '60000' } });
  const body = service.hook(CHART)();
  const workerData = { url: `${service.origin}${service.path}`, body, mustContain: CAUSE };
  const caller = new Worker(new URL('large-caller.mjs', import.meta.url), { workerData });
  try {
    await once(caller, 'message');
    await lagOf(service);
    const times = await discoveryTimes(service);
    const lag = await lagOf(service);
    caller.postMessage('stop');
    const [{ charts, wrong }] = await once(caller, 'message');
    wrongs += wrong;
    return {
      MB: (body.length / 1e6).toFixed(1),
      charts,
      'discovery calls': times.length,
      'p50 ms': inMs(percentile(times, 0.5)),
      'p99 ms': inMs(percentile(times, 0.99)),
      'event loop p99 ms': inMs(lag),
      errors: wrong,
      'load average': loadavg()[0].toFixed(1),
    };
  } finally {
    await caller.terminate();
    await service.stop();
  }
}

/** Milliseconds each, sorted. */
async function discoveryTimes({ origin }) {
  const times = [];
  for (const end = performance.now() + LARGE_SECONDS * 1000; performance.now() < end;) {
    const begun = performance.now();
    await (await fetch(`${origin}/cds-services`)).text();
    times.push(performance.now() - begun);
    await new Promise((resolve) => setTimeout(resolve, DISCOVERY_EVERY_MS));
  }
  return times.sort((a, b) => a - b);
}

const rows = [await steady(false), await steady(true)];
console.log(`Node ${process.version}: ${PER_SECOND} hooks a second for ${SECONDS} s, each timed from when it was due`);
console.table(rows);
console.log(`Discovery while one caller sends large charts for ${LARGE_SECONDS} s:`);
console.table([await besideLarge()]);
process.exit(wrongs === 0 ? 0 : 1);
