import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { RESULTS } from './journal.js';
import { type BadRow, isBad, type Row } from './patient-row.js';
import { reportText } from './report-text.js';
import type { Tally } from './tally.js';
import { csvHead, csvRow } from './worklist-csv.js';
import { MostUrgent, worklistHtml } from './worklist-html.js';

const MOST_BAD_KEPT = 100;

export interface OutputFacts {
  tally: Tally;
  judged: number;
  bad: number;
  now: string | null;
  knowledge: string;
  isReport: boolean;
}

/** Writes the worklist and the summary from the rows that are kept; each file is there whole or not at all. */
export async function writeOutputs(folder: string, facts: OutputFacts): Promise<void> {
  const { tally, judged, bad: badInAll, now, knowledge } = facts;
  const csv = createWriteStream(join(folder, 'worklist.csv.part'));
  csv.write(csvHead());
  const urgent = new MostUrgent();
  const bad: BadRow[] = [];
  for await (const text of createInterface({ input: createReadStream(join(folder, RESULTS)), crlfDelay: Infinity })) {
    // A row that this command wrote.
    const row = JSON.parse(text) as Row;
    if (!isBad(row)) urgent.add(row);
    else if (bad.length < MOST_BAD_KEPT) bad.push(row);
    if (!csv.write(csvRow(row))) await once(csv, 'drain');
  }
  csv.end();
  await once(csv, 'finish');
  await rename(join(folder, 'worklist.csv.part'), join(folder, 'worklist.csv'));
  const asOf = now === null ? 'Each as of their newest entry' : `As of ${now}`;
  await writeWhole(
    join(folder, 'worklist.html'),
    worklistHtml({ patients: urgent.rows, bad, tally, judged, badInAll, asOf, knowledge }),
  );
  await writeWhole(join(folder, 'summary.json'), jsonText({ judged, bad: badInAll, ...summaryOf(tally) }));
  if (!facts.isReport) return;
  await writeWhole(join(folder, 'report.txt'), reportText(tally));
  await writeWhole(join(folder, 'report.json'), jsonText(reportOf(tally)));
}

function summaryOf(tally: Tally): object {
  const causes = tally.below('top').map(({ words: [id = ''], count }) => ({
    id,
    first: count,
    likely: tally.of('shown', id, 'likely'),
    possible: tally.of('shown', id, 'possible'),
  }));
  const cards = Object.fromEntries(
    tally.below('hook', 'patient-view').map(({ words: [indicator = ''], count }) => [indicator, count]),
  );
  return { cards, causes };
}

function reportOf(tally: Tally): object {
  const names = ['hook', 'top', 'shown', 'card', 'unit', 'no number', 'code', 'text only', 'bad'];
  return { patients: tally.of('patients'), ...Object.fromEntries(names.map((name) => [name, tally.below(name)])) };
}

async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.part`, text);
  await rename(`${path}.part`, path);
}

function jsonText(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
