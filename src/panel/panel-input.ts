import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readSync, statSync, openSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import { ServiceError } from '../errors.js';
import { lineBatches } from './line-batches.js';
import type { PanelInput, Weighed } from './work.js';

const FILES_AT_ONCE = 8;
const HEAD_BYTES = 200;

interface InputFile {
  path: string;
  bytes: number;
}

/** What lies at a path: lines that are Bundles, files that are Bundles, or an export with one file a type. */
export type Found =
  { kind: 'lines'; files: InputFile[] } | { kind: 'files'; files: InputFile[] } | { kind: 'bulk'; files: InputFile[] };

/** @throws ServiceError `malformed-request` when nothing of use lies there */
export function findInput(path: string): Found {
  if (!existsSync(path)) throw refused(`There is no file or folder ${path}.`);
  const isFolder = statSync(path).isDirectory();
  const paths = isFolder
    ? readdirSync(path)
        .sort()
        .map((name) => join(path, name))
    : [path];
  const lines = paths.filter((each) => each.endsWith('.ndjson')).map(asFile);
  if (lines.length > 0) return { kind: lines.every(holdsBundles) ? 'lines' : 'bulk', files: lines };
  const bundles = paths
    .filter((each) => each.endsWith('.json'))
    .map(asFile)
    .filter(isNoList);
  if (bundles.length > 0) return { kind: 'files', files: bundles };
  throw refused(`${path} holds no .ndjson and no .json file.`);
}

/** The same for the same files as they are now. */
export function fingerprintOf({ kind, files }: Found): string {
  const facts = files.map(({ path, bytes }) => [path, bytes, statSync(path).mtimeMs]);
  return createHash('sha256')
    .update(JSON.stringify([kind, facts]))
    .digest('hex');
}

export function linesInput(files: readonly InputFile[]): PanelInput {
  return { parts: batchesOf(files), total: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}

export function streamInput(stream: AsyncIterable<Uint8Array>): PanelInput {
  return { parts: lineBatches(stream), total: undefined };
}

export function filesInput(files: readonly InputFile[]): PanelInput {
  return { parts: groupsOf(files), total: files.length };
}

export function bucketsInput(paths: readonly string[]): PanelInput {
  return {
    parts: each(paths.map((path): Weighed => ({ work: { kind: 'bucket', path }, weight: 1 }))),
    total: paths.length,
  };
}

/** Without what a run that was broken off has kept already. */
export async function* afterFirst<Part>(
  parts: AsyncIterable<Part>,
  count: number,
  onSkipped: (part: Part) => void,
): AsyncGenerator<Part> {
  let skipped = 0;
  for await (const part of parts) {
    if (skipped < count) {
      skipped += 1;
      onSkipped(part);
    } else yield part;
  }
}

async function* batchesOf(files: readonly InputFile[]): AsyncGenerator<Weighed> {
  for (const { path } of files) yield* lineBatches(createReadStream(path, { highWaterMark: 1_000_000 }));
}

async function* groupsOf(files: readonly InputFile[]): AsyncGenerator<Weighed> {
  for (let from = 0; from < files.length; from += FILES_AT_ONCE) {
    const paths = files.slice(from, from + FILES_AT_ONCE).map(({ path }) => path);
    yield await Promise.resolve({ work: { kind: 'files', paths }, weight: paths.length });
  }
}

async function* each(parts: readonly Weighed[]): AsyncGenerator<Weighed> {
  for (const part of parts) yield await Promise.resolve(part);
}

function asFile(path: string): InputFile {
  return { path, bytes: statSync(path).size };
}

/** Whether its first line is a Bundle: an export that wrote its own type last would look no other way. */
function holdsBundles({ path }: InputFile): boolean {
  return /"resourceType"\s*:\s*"Bundle"/.test(headOf(path));
}

/** A list of files beside the Bundles of a folder is none of them. */
function isNoList({ path }: InputFile): boolean {
  return !/(?:^|\/)manifest\.json$/.test(path);
}

function headOf(path: string): string {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(HEAD_BYTES);
    return bytes.toString('utf8', 0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}

function refused(message: string): ServiceError {
  return new ServiceError('malformed-request', message);
}
