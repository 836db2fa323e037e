/**
 * Loads FHIR resources and Bundles into a FHIR server:
 *
 *   node tests/hapi/load.mjs [--server URL] [--samples] FILE_OR_FOLDER ...
 *
 * `--samples`: the project's sample patients, with dates relative to this moment; needs a build.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { sendAll } from './send.mjs';
import { isResource } from './transactions.mjs';

const { values, positionals } = parseArgs({
  options: { server: { type: 'string' }, samples: { type: 'boolean' } },
  allowPositionals: true,
});

function resourcesIn(path) {
  if (!statSync(path).isDirectory()) return [namedResource(path)];
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
  const samples = values.samples ? (await import('./samples.mjs')).sampleBundles(new Date()) : [];
  await sendAll(server, [...samples, ...files], console.log);
}

load().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
