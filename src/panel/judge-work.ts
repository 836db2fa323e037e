import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { ServiceError } from '../errors.js';
import { asProblem, type Chart, chartsByPatient, chartsInBundle, type ChartReading, type Found } from './chart.js';
import { badRow, type Row } from './patient-row.js';
import { Tally } from './tally.js';
import type { Judged, Work } from './work.js';

/** Where a patient of a Bulk Data export stood: in many files. */
const EXPORT = 'export';

export interface JudgeParts {
  reading: ChartReading;
  /** What one chart would show; counts what it finds beside. */
  judge: (chart: Chart, tally: Tally) => Promise<Row>;
}

/** Judges every chart of a part of the input; one that cannot be judged is a row that says why. */
export async function judgeWork(work: Work, { reading, judge }: JudgeParts): Promise<Judged> {
  const tally = new Tally();
  const rows: Row[] = [];
  let bad = 0;
  for await (const found of foundIn(work, reading)) {
    const row = await judged(found, judge, tally);
    if ('error' in row) {
      bad += 1;
      tally.count('bad', row.error.code);
    }
    rows.push(row);
  }
  return {
    rows: rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
    patients: rows.length - bad,
    bad,
    counts: tally.counts,
  };
}

async function judged(found: Found, judge: JudgeParts['judge'], tally: Tally): Promise<Row> {
  if ('problem' in found) return badRow(found.patientId, found.source(), found.problem);
  try {
    return await judge(found.chart, tally);
  } catch (error) {
    return badRow(found.chart.patient.resource.id, found.source(), asProblem(error));
  }
}

async function* foundIn(work: Work, reading: ChartReading): AsyncGenerator<Found> {
  switch (work.kind) {
    case 'lines':
      for (const line of linesOf(Buffer.from(work.bytes))) {
        const text = line.trim();
        yield* inText(text, () => fingerprint(text), reading);
      }
      for (let count = 0; count < work.tooLong; count += 1) yield { source: () => 'line', problem: tooLarge() };
      return;
    case 'files':
      for (const path of work.paths) yield* await inFile(path, reading);
      return;
    case 'bucket':
      yield* chartsByPatient(byPatient(await readFile(work.path)), () => EXPORT);
  }
}

async function inFile(path: string, reading: ChartReading): Promise<Found[]> {
  const source = () => basename(path);
  try {
    return inText(await readFile(path, 'utf8'), source, reading);
  } catch (cause) {
    return [{ source, problem: new ServiceError('malformed-request', 'The file cannot be read.', { cause }) }];
  }
}

function inText(text: string, source: () => string, reading: ChartReading): Found[] {
  return chartsInBundle(parsed(text), source, reading);
}

/** Undefined for what is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text);
  } catch {
    return undefined;
  }
}

function byPatient(bytes: Buffer): Map<string, unknown[]> {
  const found = new Map<string, unknown[]>();
  for (const line of linesOf(bytes)) {
    const tab = line.indexOf('\t');
    const patientId = line.slice(0, tab);
    const resource = parsed(line.slice(tab + 1));
    const known = found.get(patientId);
    if (known === undefined) found.set(patientId, [resource]);
    else known.push(resource);
  }
  // In an order that is the same however the input was cut.
  return new Map([...found].sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** One by one: a part as one text would be as long again. */
function* linesOf(bytes: Buffer): Generator<string> {
  for (let from = 0; from < bytes.length;) {
    const end = bytes.indexOf('\n', from);
    const to = end < 0 ? bytes.length : end;
    const line = bytes.toString('utf8', from, to);
    if (line.trim() !== '') yield line;
    from = to + 1;
  }
}

/** The same wherever the line stands, so that the order of the input does not show in the output. */
function fingerprint(line: string): string {
  return `line ${createHash('sha256').update(line).digest('hex').slice(0, 12)}`;
}

function tooLarge(): ServiceError {
  return new ServiceError('too-large', 'The line is too long.');
}
