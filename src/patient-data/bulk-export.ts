import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { ServiceError } from '../errors.js';
import { type BulkAnswer, type BulkServer, isTransient, retryAfterMs } from './bulk-server.js';

export interface ExportOptions {
  /** `Group/id`. */
  group: string;
  types: readonly string[];
  /** What lies outside of the patients' compartment: some servers hand it out, others refuse an export that names it. */
  shared: readonly string[];
  /** Where the files and what is known of the export are kept: an export that was broken off goes on from there. */
  folder: string;
  signal: AbortSignal;
  wait: (ms: number) => Promise<void>;
  /** Of all files together. */
  mostBytes: number;
  tell: (line: string) => void;
  /** Goes on with what the server had, where it says that there is more. */
  isIncompleteTaken?: boolean;
}

const STATE = 'export.json';
const MOST_TRIES = 8;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 300_000;
const LONGEST_DOCUMENT = 10_000_000;

const output = z.object({ type: z.string().regex(/^[A-Za-z]+$/), url: z.string() });
const manifest = z.object({ output: z.array(output), error: z.array(z.unknown()).default([]) });
const state = z.object({ group: z.string(), statusUrl: z.string(), output: z.array(output).optional() });
type State = z.infer<typeof state>;

/**
 * Exports a Group (FHIR Bulk Data Access: kick-off, polling, download) into files, one or more a type; resumable.
 *
 * @throws ServiceError `fhir-request-failed`, or the signal's reason
 */
export async function exportGroup(server: BulkServer, options: ExportOptions): Promise<void> {
  await mkdir(options.folder, { recursive: true });
  const begun = (await readState(options)) ?? (await kickOff(server, options));
  const files = begun.output ?? (await polled(server, begun, options));
  const left = { bytes: options.mostBytes };
  for (const [index, file] of files.entries()) {
    const path = join(options.folder, `${String(index).padStart(4, '0')}.${file.type}.ndjson`);
    if (existsSync(path)) left.bytes -= await sizeOf(path);
    else await download(server, file.url, path, left, options);
    options.tell(`${index + 1} of ${files.length} files`);
  }
  // What is kept on the server costs its owner; that it refuses to let go of it costs nobody here.
  await server.ask('DELETE', begun.statusUrl, { headers: {}, signal: options.signal }).then(dumped, () => undefined);
}

async function kickOff(server: BulkServer, options: ExportOptions): Promise<State> {
  const { types, shared } = options;
  let answer = await asked([...types, ...shared], server, options);
  if (shared.length > 0 && answer.statusCode === 400) {
    options.tell(`The server refused an export with ${shared.join(', ')} (400); it is asked for the rest.`);
    answer = await asked(types, server, options);
  }
  const statusUrl = [answer.headers['content-location']].flat()[0];
  if (answer.statusCode !== 202 || statusUrl === undefined) throw failed(`refused to export (${answer.statusCode})`);
  const begun = { group: options.group, statusUrl };
  await writeState(options, begun);
  return begun;
}

async function asked(types: readonly string[], server: BulkServer, options: ExportOptions): Promise<BulkAnswer> {
  const query = `${options.group}/$export?_type=${types.join(',')}`;
  const headers = { accept: 'application/fhir+json', prefer: 'respond-async' };
  const answer = await persistently(options, () => server.ask('GET', query, { headers, signal: options.signal }));
  await answer.body.dump();
  return answer;
}

async function polled(server: BulkServer, begun: State, options: ExportOptions): Promise<z.infer<typeof output>[]> {
  for (let round = 0; ; round += 1) {
    const headers = { accept: 'application/json' };
    const answer = await persistently(options, () =>
      server.ask('GET', begun.statusUrl, { headers, signal: options.signal }),
    );
    if (answer.statusCode === 200) return finished(answer, begun, options);
    const pause = pauseMs(answer, round);
    await answer.body.dump();
    if (answer.statusCode !== 202) throw failed(`gave up the export (${answer.statusCode}): begin --anew`);
    options.tell('The export is being made ...');
    await options.wait(pause);
  }
}

async function finished(answer: BulkAnswer, begun: State, options: ExportOptions): Promise<z.infer<typeof output>[]> {
  const document = manifest.safeParse(await jsonOf(answer));
  if (!document.success) throw failed('sent no manifest of an export');
  const { output: files, error } = document.data;
  const problem = `could not export everything (${error.length} files of problems)`;
  // A patient whose results are missing would look like one who has none.
  if (error.length > 0 && !options.isIncompleteTaken) throw failed(`${problem}: --incomplete judges what there is`);
  if (error.length > 0) options.tell(`The server ${problem}.`);
  await writeState(options, { ...begun, output: files });
  return files;
}

async function jsonOf({ body }: BulkAnswer): Promise<unknown> {
  let text = '';
  for await (const chunk of body.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > LONGEST_DOCUMENT) throw failed('sent a manifest that is too long');
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A file that breaks off is asked for again from where it broke, as often as it brings something. */
async function download(
  server: BulkServer,
  url: string,
  path: string,
  left: { bytes: number },
  options: ExportOptions,
): Promise<void> {
  const part = `${path}.part`;
  for (let failures = 0; ;) {
    const from = await sizeOf(part);
    const headers = { accept: 'application/fhir+ndjson', ...(from > 0 ? { range: `bytes=${from}-` } : {}) };
    const answer = await persistently(options, () => server.ask('GET', url, { headers, signal: options.signal }));
    if (isAllThere(answer, from)) {
      await answer.body.dump();
      break;
    }
    const isRest = answer.statusCode === 206 && startOf(answer) === from;
    if (answer.statusCode !== 200 && !isRest) {
      await answer.body.dump();
      throw failed(`did not hand out a file (${answer.statusCode})`);
    }
    const before = isRest ? from : 0;
    try {
      // Opened first: a stream that fails while it opens its file makes the file after the failure was told.
      const file = await open(part, isRest ? 'a' : 'w');
      await pipeline(answer.body, limited(left, before), file.createWriteStream());
      break;
    } catch (cause) {
      options.signal.throwIfAborted();
      if (cause instanceof ServiceError) throw cause;
      const hasGrown = isRest && (await sizeOf(part)) > before;
      failures = hasGrown ? 0 : failures + 1;
      if (failures === MOST_TRIES) throw failed('broke off a file again and again');
      await options.wait(backOffMs(failures));
    }
  }
  left.bytes -= await sizeOf(part);
  await rename(part, path);
}

async function sizeOf(path: string): Promise<number> {
  return existsSync(path) ? (await stat(path)).size : 0;
}

/** Asked for the rest of a file that has none left. */
function isAllThere(answer: BulkAnswer, from: number): boolean {
  return answer.statusCode === 416 && from > 0 && [answer.headers['content-range']].flat()[0] === `bytes */${from}`;
}

function startOf({ headers }: BulkAnswer): number | undefined {
  const start = /^bytes (\d+)-/.exec([headers['content-range']].flat()[0] ?? '')?.[1];
  return start === undefined ? undefined : Number(start);
}

function limited(left: { bytes: number }, before: number): Transform {
  let room = left.bytes - before;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      room -= chunk.length;
      if (room < 0) done(failed('sent more than may be kept'));
      else done(null, chunk);
    },
  });
}

/** Asks until the server has an answer: it is waited for as it asks, else longer each time. */
async function persistently(options: ExportOptions, ask: () => Promise<BulkAnswer>): Promise<BulkAnswer> {
  for (let tries = 1; ; tries += 1) {
    try {
      const answer = await ask();
      if (!isTransient(answer)) return answer;
      await answer.body.dump();
      if (tries === MOST_TRIES) throw failed(`was busy each time (${answer.statusCode})`);
      await options.wait(pauseMs(answer, tries));
    } catch (cause) {
      options.signal.throwIfAborted();
      if (cause instanceof ServiceError) throw cause;
      if (tries === MOST_TRIES) throw failed('could not be reached', cause);
      await options.wait(backOffMs(tries));
    }
  }
}

function pauseMs(answer: BulkAnswer, round: number): number {
  return Math.min(LONGEST_PAUSE_MS, retryAfterMs(answer, Date.now()) ?? backOffMs(round));
}

function backOffMs(round: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(round, 6) * (1 + Math.random() / 4));
}

async function readState({ folder, group }: ExportOptions): Promise<State | undefined> {
  const path = join(folder, STATE);
  if (!existsSync(path)) return undefined;
  const known = state.parse(JSON.parse(await readFile(path, 'utf8')));
  if (known.group === group) return known;
  await rm(folder, { recursive: true });
  await mkdir(folder);
  return undefined;
}

async function writeState({ folder }: ExportOptions, known: State): Promise<void> {
  await writeFile(join(folder, `${STATE}.part`), JSON.stringify(known));
  await rename(join(folder, `${STATE}.part`), join(folder, STATE));
}

async function dumped({ body }: BulkAnswer): Promise<void> {
  await body.dump();
}

function failed(what: string, cause?: unknown): ServiceError {
  return new ServiceError('fhir-request-failed', `The FHIR server ${what}.`, { cause });
}
