/**
 * Writes a made-up panel of kidney patients to standard output, one FHIR Bundle a line, and the truth (which cause was
 * planted in whom) to a file of its own. The same seed writes the same bytes; memory does not grow with the panel.
 *
 *   node tests/panel/generate-panel.mjs --patients 1000 --seed 7 [--resources 200] [--now INSTANT] [--truth FILE] [--bulk DIR]
 */
import { once } from 'node:events';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { generatedPatient } from './generator/patient.mjs';

const text = { type: 'string' };
const { values } = parseArgs({
  options: {
    patients: { ...text, default: '100' },
    seed: { ...text, default: '1' },
    resources: { ...text, default: '200' },
    now: { ...text, default: '2026-05-17T12:00:00Z' },
    truth: text,
    // As a Bulk Data export instead: one file a type, the patients' resources mixed.
    bulk: text,
  },
});
const options = { seed: Number(values.seed), now: Date.parse(values.now), resources: Number(values.resources) };

/** Waits while the reader is slower. */
async function write(stream, line) {
  if (!stream.write(`${line}\n`)) await once(stream, 'drain');
}

const truth = values.truth === undefined ? undefined : createWriteStream(values.truth);
const files = new Map();
if (values.bulk !== undefined) mkdirSync(values.bulk, { recursive: true });

async function writeBulk({ entry }) {
  for (const { resource } of entry) {
    const name = `${resource.resourceType}.ndjson`;
    if (!files.has(name)) files.set(name, createWriteStream(join(values.bulk, name)));
    await write(files.get(name), JSON.stringify(resource));
  }
}

// A reader that stops early, such as head, is no failure.
process.stdout.on('error', () => process.exit(0));
for (let index = 0; index < Number(values.patients); index += 1) {
  const patient = generatedPatient(index, options);
  if (values.bulk === undefined) await write(process.stdout, JSON.stringify(patient.bundle));
  else await writeBulk(patient.bundle);
  if (truth !== undefined) await write(truth, JSON.stringify(patient.truth));
}
for (const stream of [...files.values(), truth]) stream?.end();
