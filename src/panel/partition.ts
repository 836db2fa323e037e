import { createHash } from 'node:crypto';
import { appendFileSync, createReadStream, existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isFhirId } from '../fhir-id.js';
import { type ChartReading, isResource } from './chart.js';
import { lineBatches } from './line-batches.js';

const DONE = 'done';
/** A line of its own: in whose chart it should stand nobody knows. */
const UNREADABLE = '\tnull';
const BUCKET_BYTES = 16_000_000;
const MOST_BUCKETS = 4_096;
/** Of each bucket, before it is written. */
const HELD_BYTES = 16_000;

export interface PartitionParts {
  patientIdOf: ChartReading['patientIdOf'];
  /** Types of resource that some rule looks at; the others are left out. */
  types: ReadonlySet<string>;
}

/**
 * Brings the lines of a Bulk Data export (one file a type) together by patient, in files that each hold some patients
 * whole; memory does not grow with the export. A folder that is complete already is left as it is.
 *
 * @returns the paths of the buckets, in order
 */
export async function partition(
  files: readonly { path: string; bytes: number }[],
  folder: string,
  parts: PartitionParts,
) {
  if (!existsSync(join(folder, DONE))) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
    const count = Math.min(MOST_BUCKETS, Math.max(1, Math.ceil(total / BUCKET_BYTES)));
    await bringTogether(files, new Buckets(folder, 'bucket', count), new Buckets(folder, 'drug', count), parts);
    await markDone(folder);
  }
  const names = (await readdir(folder)).filter((name) => name.startsWith('bucket-'));
  return names.sort().map((name) => join(folder, name));
}

async function bringTogether(
  files: readonly { path: string }[],
  buckets: Buckets,
  drugs: Buckets,
  parts: PartitionParts,
): Promise<void> {
  for (const { path } of files) {
    for await (const { work } of lineBatches(createReadStream(path))) {
      if (work.kind !== 'lines') continue;
      for (let count = 0; count < work.tooLong; count += 1) buckets.add('', UNREADABLE);
      for (const line of Buffer.from(work.bytes).toString('utf8').split('\n')) {
        if (line.trim() !== '') place(line.trim(), parts, buckets, drugs);
      }
    }
  }
  drugs.flush();
  for (const path of await drugs.paths()) await joinDrugs(path, buckets);
  buckets.flush();
  for (const path of await drugs.paths()) await rm(path);
}

function place(line: string, { patientIdOf, types }: PartitionParts, buckets: Buckets, drugs: Buckets): void {
  const resource = parsed(line);
  if (!isResource(resource)) {
    buckets.add('', UNREADABLE);
    return;
  }
  const { resourceType, id } = resource;
  if (resourceType === 'Medication') {
    if (isFhirId(id)) drugs.add(id, `${id}\t\t${line}`);
    return;
  }
  if (!types.has(resourceType)) return;
  const patientId = resourceType === 'Patient' ? id : patientIdOf(resource);
  if (!isFhirId(patientId)) {
    if (resourceType === 'Patient') buckets.add('', UNREADABLE);
    return;
  }
  buckets.add(patientId, `${patientId}\t${line}`);
  const drug = drugReferred(resource['medicationReference']);
  if (drug !== undefined) drugs.add(drug, `${drug}\t${patientId}\t`);
}

/** Every Medication goes to the patients whose orders refer to it. */
async function joinDrugs(path: string, buckets: Buckets): Promise<void> {
  const wanted = new Map<string, Set<string>>();
  const known = new Map<string, string>();
  for (const entry of (await readFile(path, 'utf8')).split('\n')) {
    const [drug = '', patientId = '', ...line] = entry.split('\t');
    if (patientId === '') {
      if (drug !== '') known.set(drug, line.join('\t'));
    } else wanted.set(drug, (wanted.get(drug) ?? new Set()).add(patientId));
  }
  for (const [drug, patientIds] of wanted) {
    const line = known.get(drug);
    if (line === undefined) continue;
    for (const patientId of patientIds) buckets.add(patientId, `${patientId}\t${line}`);
  }
}

/** Files that lines are spread over by a key; a key is always in the same one. */
class Buckets {
  readonly #folder: string;
  readonly #name: string;
  readonly #held: { lines: string[]; bytes: number }[];

  constructor(folder: string, name: string, count: number) {
    this.#folder = folder;
    this.#name = name;
    this.#held = Array.from({ length: count }, () => ({ lines: [], bytes: 0 }));
  }

  add(key: string, line: string): void {
    const index = createHash('sha256').update(key).digest().readUInt32BE() % this.#held.length;
    const held = this.#held[index];
    if (held === undefined) return;
    held.lines.push(line);
    held.bytes += line.length;
    if (held.bytes > HELD_BYTES) this.#write(index, held);
  }

  flush(): void {
    this.#held.forEach((held, index) => {
      this.#write(index, held);
    });
  }

  async paths(): Promise<string[]> {
    const names = (await readdir(this.#folder)).filter((name) => name.startsWith(`${this.#name}-`));
    return names.sort().map((name) => join(this.#folder, name));
  }

  #write(index: number, held: { lines: string[]; bytes: number }): void {
    if (held.lines.length === 0) return;
    const path = join(this.#folder, `${this.#name}-${String(index).padStart(4, '0')}`);
    appendFileSync(path, `${held.lines.join('\n')}\n`);
    held.lines = [];
    held.bytes = 0;
  }
}

async function markDone(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await onDisk(join(folder, name));
  const handle = await open(join(folder, 'doing'), 'w');
  await handle.sync();
  await handle.close();
  await rename(join(folder, 'doing'), join(folder, DONE));
}

async function onDisk(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  await handle.sync();
  await handle.close();
}

function drugReferred(reference: unknown): string | undefined {
  const text =
    typeof reference === 'object' && reference !== null && 'reference' in reference ? reference.reference : undefined;
  const id = typeof text === 'string' ? /(?:^|\/)Medication\/([^/]+)/.exec(text)?.[1] : undefined;
  return isFhirId(id) ? id : undefined;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
