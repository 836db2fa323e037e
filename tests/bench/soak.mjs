/**
 * Whether memory is flat: 50 hooks a second for ten minutes (30,000), then as fast as they are answered to 100,000 in all;
 * of the service, after a collection, heap and open handles, and what is resident. After a build:
 * `node tests/bench/soak.mjs`, `--short`: a minute, and no further. Ends with 1 when the heap grows by more than 5 MB
 * or handles are left.
 */
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { arrivals } from './arrivals.mjs';
import { load } from './load.mjs';
import { CAUSE, startService } from './service-child.mjs';

const isShort = process.argv.includes('--short');
const MOST_GROWTH_MB = 5;
/** Seconds at a steady rate until the first look, and from then on. */
const [FIRST, REST] = isShort ? [20, 40] : [120, 480];
const PER_SECOND = 50;
const LOOKS = 4;
const IN_ALL = 100_000;
const RESOURCES = 45;
/** The keep-alive of connections the generator has let go of, and timers of calls. */
const SETTLE_MS = 2_000;

const probe = new URL('memory-probe.mjs', import.meta.url).href;
const service = await startService({ flags: ['--expose-gc', '--import', probe], ipc: true });
const rows = [];
let sent = 0;

async function look() {
  await wait(SETTLE_MS);
  service.child.send('look');
  const [found] = await once(service.child, 'message');
  rows.push({
    hooks: sent,
    'heap MB': Math.round(found.heap * 10) / 10,
    'resident MB': Math.round(found.resident),
    handles: found.handles,
    'load average': loadavg()[0].toFixed(1),
  });
}

async function steadily(seconds) {
  const { sent: hooks, wrong } = await arrivals(service, { perSecond: PER_SECOND, seconds, resources: RESOURCES });
  if (wrong.length > 0) throw new Error(`${wrong.length} wrong answers: ${[...new Set(wrong)].join(' ')}`);
  sent += hooks;
  await look();
}

try {
  await steadily(FIRST);
  for (let part = 0; part < LOOKS; part += 1) await steadily(REST / LOOKS);
  if (!isShort) {
    const target = { origin: service.origin, path: service.path, mustContain: CAUSE };
    const bounds = { connections: 8, seconds: Infinity, most: IN_ALL - sent };
    sent += (
      await load(
        target,
        `{${service
          .hook(RESOURCES)()
          .replace(/^\{"hookInstance":"[^"]+",/, '')}`,
        bounds,
      )
    ).count;
    await look();
  }
} finally {
  await service.stop();
}
console.table(rows);
const [first, last] = [rows[0], rows.at(-1)];
const growth = last['heap MB'] - first['heap MB'];
console.log(
  `heap after collection: ${growth.toFixed(1)} MB more (at most ${MOST_GROWTH_MB}), handles ${first.handles} and ${last.handles}`,
);
process.exit(growth <= MOST_GROWTH_MB && last.handles <= first.handles ? 0 : 1);
