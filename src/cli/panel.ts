import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Config } from '../config.js';
import { ServiceError } from '../errors.js';
import { FHIR_ID } from '../fhir-id.js';
import { FOLDERS } from '../folders.js';
import { openRun } from '../panel/journal.js';
import {
  bucketsInput,
  filesInput,
  fingerprintOf,
  findInput,
  type Found,
  linesInput,
  streamInput,
} from '../panel/panel-input.js';
import { partition } from '../panel/partition.js';
import { reportText } from '../panel/report-text.js';
import { runPanel } from '../panel/run-panel.js';
import { ThreadPool } from '../panel/thread-pool.js';
import type { Judged, PanelInput, Work } from '../panel/work.js';
import { writeOutputs } from '../panel/write-outputs.js';
import { patientIdOf } from '../patient-data/belongs-to-patient.js';
import { exportGroup } from '../patient-data/bulk-export.js';
import { BulkServer } from '../patient-data/bulk-server.js';
import { readPolicy } from '../policy.js';
import { loadKnowledge } from '../reasoning/knowledge.js';
import type { PanelThreadData } from './panel-thread.js';

export const PANEL_USAGE = `Usage: npx renal-cramp-cds panel INPUT [--out DIR] [--now INSTANT|record] [--report] [--workers N] [--anew] [--incomplete] [--token-file FILE]
  INPUT   a folder of a Bulk Data export (*.ndjson, one file a type), a folder of Bundles (*.json),
          an ndjson file of Bundles, - for such lines on standard input, or the address of a Group on a FHIR
          server of FHIR_SERVERS, which is exported first
  --out   where the worklist goes (default data/panel; lines of - go to standard output without it)
  --now   the moment to judge at (default now); record: as of each record's own newest entry
  --anew  forget a run that was broken off; else it goes on where it was
  --incomplete  judge an export of which the server says that something is missing
  --token-file   holds the bearer token for the server of the Group
  --report   also "what would it do here?": hooks, causes, critical cards, units and codes not understood`;
const STANDARD_INPUT = '-';
const AS_OF_RECORD = 'record';
const MOST_WORKERS = 256;
const DEFAULT_FOLDER = 'data/panel';
const JOBS_PER_THREAD = 2;

const LONGEST_EXPORT_MS = 24 * 3_600_000;
const LARGEST_EXPORT = 200_000_000_000;

interface GroupAddress {
  server: string;
  /** `Group/id`. */
  group: string;
}

interface Options {
  input: string;
  folder: string | undefined;
  now: string | null;
  isNowGiven: boolean;
  isReport: boolean;
  isAnew: boolean;
  isIncomplete: boolean;
  workers: number;
  tokenFile: string | undefined;
}

/** Judges every patient of an input, and says who cramps and why. */
export async function panel(args: readonly string[], config: Config): Promise<void> {
  const options = readOptions(args);
  if (options.folder === undefined) await toStandardOutput(options, config);
  else await toFolder(options.folder, options, config);
}

async function toFolder(folder: string, options: Options, config: Config): Promise<void> {
  const { version } = readPolicy(`${FOLDERS.cards}/policy.yaml`);
  const group = groupAt(options.input);
  const isFound = group === undefined && options.input !== STANDARD_INPUT;
  const input = isFound ? fingerprintOf(findInput(options.input)) : options.input;
  const identity = { input, now: options.now, knowledge: version, report: options.isReport };
  const { journal, now } = await openRun(folder, identity, options);
  const exportFolder = join(folder, 'export');
  const partsFolder = join(folder, 'parts');
  // They are those of the very input while a run has something to go on from.
  if (journal.isNew) await removeAll([exportFolder, partsFolder]);
  if (group !== undefined) await exported(group, exportFolder, options, config);
  const found = isFound || group !== undefined ? findInput(isFound ? options.input : exportFolder) : undefined;
  const pool = openPool({ ...options, now }, config);
  try {
    await runPanel(await inputOf(found, partsFolder), {
      ...pool,
      done: journal.done,
      keep: (judged) => journal.keep(judged),
      progress: process.stderr,
    });
    const { tally, done } = journal;
    const facts = { tally, judged: done.patients, bad: done.bad, now, knowledge: version };
    await writeOutputs(folder, { ...facts, isReport: options.isReport });
    await journal.finish();
    await removeAll([exportFolder, partsFolder]);
    process.stdout.write(options.isReport ? reportText(tally) : `The worklist is in ${folder}.\n`);
  } finally {
    await pool.close();
  }
}

async function exported({ server, group }: GroupAddress, folder: string, options: Options, { fhirServers }: Config) {
  const token = options.tokenFile === undefined ? undefined : readFileSync(options.tokenFile, 'utf8').trim();
  const bulk = BulkServer.open(server, { allowed: fhirServers, token });
  const types = loadKnowledge(FOLDERS).requirements.map(({ resourceType }) => resourceType);
  try {
    await exportGroup(bulk, {
      group,
      types: [...new Set(['Patient', ...types])],
      shared: ['Medication'],
      folder,
      signal: AbortSignal.timeout(LONGEST_EXPORT_MS),
      wait: (ms) => setTimeout(ms),
      mostBytes: LARGEST_EXPORT,
      isIncompleteTaken: options.isIncomplete,
      tell: (line) => process.stderr.write(`${line}\n`),
    });
  } finally {
    await bulk.close();
  }
}

async function removeAll(folders: readonly string[]): Promise<void> {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
}

/** One row a line, in the order of the input: for a pipe. */
async function toStandardOutput(options: Options, config: Config): Promise<void> {
  const pool = openPool(options, config);
  try {
    await runPanel(streamInput(process.stdin), {
      ...pool,
      done: { parts: 0, patients: 0, bad: 0 },
      keep: async ({ rows }) => {
        if (!process.stdout.write(rows)) await once(process.stdout, 'drain');
      },
      progress: process.stderr,
    });
  } finally {
    await pool.close();
  }
}

function openPool({ workers, now, isReport }: Options, { siteCodesFile, timeZone, publicBaseUrl, engine }: Config) {
  const advice = {
    engine,
    timeZone,
    publicBaseUrl,
    launchingServers: [],
    ...(siteCodesFile === undefined ? {} : { siteCodesFile }),
  };
  const data: PanelThreadData = { advice, now: now ?? undefined, isReport };
  const script = new URL('./panel-thread.js', import.meta.url);
  const pool = new ThreadPool<Work, Judged>(script, { count: workers, data });
  return {
    judge: (work: Work) => pool.run(work, work.kind === 'lines' ? [work.bytes.buffer] : []),
    atOnce: JOBS_PER_THREAD * workers,
    close: () => pool.close(),
  };
}

async function inputOf(found: Found | undefined, folder: string): Promise<PanelInput> {
  switch (found?.kind) {
    case undefined:
      return streamInput(process.stdin);
    case 'lines':
      return linesInput(found.files);
    case 'files':
      return filesInput(found.files);
    case 'bulk': {
      const types = new Set(loadKnowledge(FOLDERS).requirements.map(({ resourceType }) => resourceType));
      return bucketsInput(await partition(found.files, folder, { patientIdOf, types }));
    }
  }
}

function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parsed(args);
  const [input, ...more] = positionals;
  if (input === undefined || more.length > 0) throw refused(PANEL_USAGE);
  const isNowGiven = values.now !== undefined;
  return {
    input,
    folder: values.out ?? (input === STANDARD_INPUT ? undefined : DEFAULT_FOLDER),
    now: values.now === AS_OF_RECORD ? null : instantOf(values.now),
    isNowGiven,
    isReport: values.report,
    isAnew: values.anew,
    isIncomplete: values.incomplete,
    workers: workersOf(values.workers),
    tokenFile: values['token-file'],
  };
}

function parsed(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const options = {
    out: text,
    now: text,
    workers: text,
    'token-file': text,
    report: flag,
    anew: flag,
    incomplete: flag,
  };
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (cause) {
    throw new ServiceError('malformed-request', PANEL_USAGE, { cause });
  }
}

function groupAt(input: string): GroupAddress | undefined {
  const [, server, group] = new RegExp(`^(https?://.+)/(Group/${FHIR_ID})$`).exec(input) ?? [];
  return server === undefined || group === undefined ? undefined : { server, group };
}

function instantOf(text: string | undefined): string {
  if (text === undefined) return new Date().toISOString();
  if (z.iso.datetime({ offset: true }).safeParse(text).success) return new Date(text).toISOString();
  throw refused(`--now ${text} is no instant such as 2026-05-17T12:00:00Z, and not "${AS_OF_RECORD}".`);
}

function workersOf(text: string | undefined): number {
  if (text === undefined) return availableParallelism();
  const count = z.coerce.number().int().min(1).max(MOST_WORKERS).safeParse(text);
  if (!count.success) throw refused(`--workers ${text} is no number from 1 to ${MOST_WORKERS}.`);
  return count.data;
}

function refused(message: string): ServiceError {
  return new ServiceError('malformed-request', message);
}
