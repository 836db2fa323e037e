import { existsSync } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ServiceError } from '../errors.js';
import { type Counts, Tally } from './tally.js';
import type { Judged } from './work.js';

export const RESULTS = 'results.ndjson';
const JOURNAL = 'journal.ndjson';

/** What makes two runs the same: only such a run is taken up again. */
export interface RunIdentity {
  input: string;
  /** An instant; null: as of each record. */
  now: string | null;
  knowledge: string;
  report: boolean;
}

const head = z.object({
  input: z.string(),
  now: z.string().nullable(),
  knowledge: z.string(),
  report: z.boolean(),
  isNowGiven: z.boolean(),
});
const step = z.object({
  parts: z.number(),
  bytes: z.number(),
  patients: z.number(),
  bad: z.number(),
  counts: z.record(z.string(), z.number()),
});
const finished = z.object({ finished: z.literal(true) });

export interface OpenedRun {
  journal: Journal;
  /** That of the run taken up again, where the caller gave none. */
  now: string | null;
}

/**
 * Opens the folder of a run: a new one, or one that was broken off. A finished run is done anew.
 *
 * @throws ServiceError `malformed-request` when an unfinished run of something else lies there
 */
export async function openRun(
  folder: string,
  identity: RunIdentity,
  { isNowGiven, isAnew }: { isNowGiven: boolean; isAnew: boolean },
): Promise<OpenedRun> {
  await mkdir(folder, { recursive: true });
  const known = isAnew ? undefined : await readJournal(join(folder, JOURNAL));
  if (known === undefined || known.isFinished) {
    await rm(join(folder, JOURNAL), { force: true });
    return { journal: await Journal.begin(folder, { ...identity, isNowGiven }), now: identity.now };
  }
  // Whoever gives no moment means that of the run, as it was begun.
  const now = isNowGiven || known.head.isNowGiven ? identity.now : known.head.now;
  const isSame = JSON.stringify({ ...identity, now }) === JSON.stringify(withoutFlag(known.head));
  if (!isSame) {
    throw new ServiceError(
      'malformed-request',
      `${folder} holds an unfinished run of something else: name another --out, or begin --anew.`,
    );
  }
  return { journal: await Journal.takeUp(folder, known), now };
}

function withoutFlag({ isNowGiven: _flag, ...identity }: z.infer<typeof head>): RunIdentity {
  return identity;
}

interface Known {
  head: z.infer<typeof head>;
  last: { parts: number; bytes: number; patients: number; bad: number };
  counts: Counts;
  /** Bytes of the journal up to its last whole line. */
  length: number;
  isFinished: boolean;
}

/** Undefined when there is none that can be taken up; a last line that was cut short does not count. */
async function readJournal(path: string): Promise<Known | undefined> {
  if (!existsSync(path)) return undefined;
  const text = await readFile(path, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const [first, ...rest] = whole.split('\n').filter((line) => line !== '');
  if (first === undefined) return undefined;
  const steps = rest.filter((line) => !finished.safeParse(JSON.parse(line)).success);
  const tally = new Tally();
  let last: Known['last'] = { parts: 0, bytes: 0, patients: 0, bad: 0 };
  for (const line of steps) {
    const { counts, ...at } = step.parse(JSON.parse(line));
    tally.add(counts);
    last = at;
  }
  const isFinished = steps.length < rest.length;
  return {
    head: head.parse(JSON.parse(first)),
    last,
    counts: tally.counts,
    length: Buffer.byteLength(whole),
    isFinished,
  };
}

/**
 * Keeps rows and, after them, the note that they are kept; each is on disk before the next is written. What a broken run
 * left behind the last note is cut off, so no patient is lost or doubled.
 */
export class Journal {
  readonly #results: FileHandle;
  readonly #notes: FileHandle;
  readonly tally: Tally;
  /** Nothing of an earlier run is taken up. */
  readonly isNew: boolean;
  /** Parts of the input that are kept, and what they held. */
  done: Known['last'];

  private constructor(results: FileHandle, notes: FileHandle, known: Pick<Known, 'last' | 'counts'>, isNew: boolean) {
    this.#results = results;
    this.#notes = notes;
    this.isNew = isNew;
    this.done = known.last;
    this.tally = new Tally(known.counts);
  }

  static async begin(folder: string, identity: z.infer<typeof head>): Promise<Journal> {
    const results = await open(join(folder, RESULTS), 'w');
    const notes = await open(join(folder, JOURNAL), 'w');
    await notes.write(`${JSON.stringify(identity)}\n`);
    await notes.sync();
    return new Journal(results, notes, { last: { parts: 0, bytes: 0, patients: 0, bad: 0 }, counts: {} }, true);
  }

  static async takeUp(folder: string, known: Known): Promise<Journal> {
    const results = await open(join(folder, RESULTS), 'r+');
    await results.truncate(known.last.bytes);
    await truncate(join(folder, JOURNAL), known.length);
    const notes = await open(join(folder, JOURNAL), 'a');
    return new Journal(results, notes, known, false);
  }

  async keep({ rows, patients, bad, counts }: Judged): Promise<void> {
    const bytes = Buffer.from(rows);
    await this.#results.write(bytes, 0, bytes.length, this.done.bytes);
    await this.#results.datasync();
    this.done = {
      parts: this.done.parts + 1,
      bytes: this.done.bytes + bytes.length,
      patients: this.done.patients + patients,
      bad: this.done.bad + bad,
    };
    this.tally.add(counts);
    await this.#note({ ...this.done, counts });
  }

  async finish(): Promise<void> {
    await this.#note({ finished: true });
    await this.close();
  }

  async close(): Promise<void> {
    await this.#results.close();
    await this.#notes.close();
  }

  async #note(entry: object): Promise<void> {
    await this.#notes.appendFile(`${JSON.stringify(entry)}\n`);
    await this.#notes.datasync();
  }
}
