/**
 * Loads FHIR resources and Bundles into a FHIR server:
 *
 *   node tests/hapi/load.mjs [--server URL] [--samples [--try URL] [--browse URL]] [FILE_OR_FOLDER ...]
 *
 * `--samples`: the project's sample patients, with dates relative to this moment; needs a build. `--try` names the service
 * and says what to do with them then; `--browse`: what a browser calls the server, where that is another address.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { sendAll } from './send.mjs';
import { isResource } from './transactions.mjs';
import { whatToTry } from './what-to-try.mjs';

const { values, positionals } = parseArgs({
  options: {
    server: { type: 'string' },
    samples: { type: 'boolean' },
    try: { type: 'string' },
    browse: { type: 'string' },
  },
  allowPositionals: true,
});

function resourcesIn(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new Error(`${path} cannot be read.`);
  if (!stats.isDirectory()) return [namedResource(path)];
  const files = readdirSync(path, { recursive: true }).filter((name) => name.endsWith('.json'));
  const all = files.sort().map((name) => namedResource(join(path, name)));
  for (const { name } of all.filter(({ resource }) => !isResource(resource)))
    console.log(`${name}: no FHIR resource, left out`);
  return all.filter(({ resource }) => isResource(resource));
}

function namedResource(name) {
  try {
    return { name, resource: JSON.parse(readFileSync(name, 'utf8')) };
  } catch (cause) {
    throw new Error(`${name} cannot be read as JSON.`, { cause });
  }
}

async function load() {
  if (positionals.length === 0 && !values.samples) throw new Error('Name a file or a folder of FHIR Bundles in JSON.');
  const server = values.server ?? process.env.HAPI_URL ?? `http://127.0.0.1:${process.env.HAPI_PORT ?? 8080}/fhir`;
  const files = positionals.flatMap(resourcesIn);
  // The samples need a build, which files do without.
  const samples = values.samples ? await import('./samples.mjs') : undefined;
  await sendAll(server, [...(samples?.sampleBundles(new Date()) ?? []), ...files], console.log);
  if (samples && values.try) console.log(whatToTry(values.try, server, samples.sampleTitles(), values.browse));
}

load().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
