/**
 * The service beside a real FHIR server that holds the sample patients, until SIGINT or SIGTERM: PORT (3000) and
 * HAPI_PORT (8080) say where. Needs a build.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ended, startHapi } from './hapi-server.mjs';
import { sampleBundles, sampleTitles } from './samples.mjs';
import { sendAll } from './send.mjs';
import { untilStopped } from './until-stopped.mjs';
import { whatToTry } from './what-to-try.mjs';

const ROOT = join(import.meta.dirname, '../..');
const READY_WITHIN_MS = 60_000;

/** The service, whose only FHIR server is this one; it ends with us even when we are killed. */
function startService(fhirServer) {
  const port = process.env.PORT ?? '3000';
  const env = {
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
  const child = spawn(process.execPath, ['--import', stopWithParent, 'dist/main.js'], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return { name: 'The service', child, url: `http://127.0.0.1:${port}`, stop: () => ended(child) };
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

await untilStopped(async (keep, signal) => {
  const hapi = keep(await startHapi({ port: Number(process.env.HAPI_PORT ?? 8080), signal }));
  console.log(`HAPI FHIR starts as process ${hapi.child.pid} (log: ${hapi.logFile}) ...`);
  await hapi.ready();
  await sendAll(hapi.url, sampleBundles(new Date()), console.log);
  const service = keep(startService(hapi.url));
  console.log(`The service starts as process ${service.child.pid} ...`);
  await readiness(service);
  console.log(whatToTry(service.url, hapi.url, sampleTitles()));
  console.log('Ctrl-C stops both.');
});
