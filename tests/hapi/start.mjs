/**
 * Starts HAPI FHIR on HAPI_PORT (8080; 0 takes a free one) with the sample patients, until SIGINT or SIGTERM:
 *
 *   node tests/hapi/start.mjs [--empty]
 *
 * Without samples it needs neither a build nor installed packages.
 */
import { parseArgs } from 'node:util';
import { startHapi } from './hapi-server.mjs';
import { sendAll } from './send.mjs';
import { untilStopped } from './until-stopped.mjs';

const { values } = parseArgs({ options: { empty: { type: 'boolean' } } });

await untilStopped(async (keep, signal) => {
  const hapi = keep(await startHapi({ port: Number(process.env.HAPI_PORT ?? 8080), signal }));
  console.log(`HAPI FHIR starts as process ${hapi.child.pid} (log: ${hapi.logFile}) ...`);
  await hapi.ready();
  if (!values.empty) await sendAll(hapi.url, (await import('./samples.mjs')).sampleBundles(new Date()), console.log);
  console.log(`HAPI FHIR is ready at ${hapi.url}. Ctrl-C stops it.`);
});
