/**
 * The service beside a real FHIR server that holds the sample patients, until SIGINT or SIGTERM: PORT (3000) and
 * HAPI_PORT (8080) say where. Needs a build.
 */
import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { OUTPUT } from './build.mjs';
import { ended, startHapi } from './hapi-server.mjs';
import { sampleBundles, sampleTitles } from './samples.mjs';
import { sendAll } from './send.mjs';
import { untilStopped } from './until-stopped.mjs';
import { chartOpened, whatToTry } from './what-to-try.mjs';

const ROOT = join(import.meta.dirname, '../..');
const READY_WITHIN_MS = 60_000;
/** For a server that has just come up. */
const TIME_ENOUGH = { FHIR_BUDGET_MS: '10000', HOOK_DEADLINE_MS: '12000' };

/** The service, whose only FHIR server is this one; it ends with us even when we are killed. */
function startService(fhirServer) {
  const port = process.env.PORT ?? '3000';
  const env = {
    ...TIME_ENOUGH,
    ...process.env,
    PORT: port,
    HOST: '127.0.0.1',
    DEMO: 'on',
    CLIENT_AUTH: 'off',
    FHIR_SERVERS: fhirServer,
  };
  delete env.CDS_CLIENTS;
  delete env.NODE_ENV;
  const stopWithParent = join(import.meta.dirname, 'stop-with-parent.mjs');
  const logFile = join(OUTPUT, 'service.log');
  const child = spawn(process.execPath, ['--import', stopWithParent, 'dist/main.js'], {
    cwd: ROOT,
    env,
    stdio: ['ignore', openSync(logFile, 'w'), 'inherit'],
  });
  return { name: 'The service', child, logFile, url: `http://127.0.0.1:${port}`, stop: () => ended(child) };
}

async function readiness({ url }) {
  const begun = performance.now();
  for (;;) {
    const response = await fetch(`${url}/health/ready`).catch(() => undefined);
    if (response?.ok) return;
    if (performance.now() - begun > READY_WITHIN_MS) throw new Error('The service did not come up.');
    await wait(100);
  }
}

/** The first searches of a server take long: they are not left to whoever tries it. */
async function openChart({ url, body }) {
  const response = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
  await response.arrayBuffer();
}

await untilStopped(async (keep, signal) => {
  const hapi = keep(await startHapi({ port: Number(process.env.HAPI_PORT ?? 8080), signal }));
  console.log(`HAPI FHIR starts as process ${hapi.child.pid} (log: ${hapi.logFile}) ...`);
  await hapi.ready();
  await sendAll(hapi.url, sampleBundles(new Date()), console.log);
  const service = keep(startService(hapi.url));
  console.log(`The service starts as process ${service.child.pid} (log: ${service.logFile}) ...`);
  await readiness(service);
  const titles = sampleTitles();
  await openChart(chartOpened(service.url, hapi.url, titles[0].id));
  console.log(whatToTry(service.url, hapi.url, titles));
  console.log('Ctrl-C stops both.');
});
