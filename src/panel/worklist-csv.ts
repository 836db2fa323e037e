import { csvLine } from './csv-line.js';
import { isBad, type Row } from './patient-row.js';

const HEAD = [
  'patient',
  'as of',
  'card',
  'top cause',
  'points',
  'likelihood',
  'evidence',
  'other findings',
  'missing',
  'tests worth ordering',
  'could not be judged',
];

/** The columns, as the first line of the file. */
export function csvHead(): string {
  return csvLine(HEAD);
}

/** One patient of the worklist, one line. */
export function csvRow(row: Row): string {
  if (isBad(row))
    return csvLine([row.patient ?? '', '', '', '', '', '', '', '', '', '', `${row.error.message} (${row.source})`]);
  const { patient, asOf, card, top, findings, missing, tests } = row;
  const first = findings.find(({ id }) => id === top?.id);
  const others = findings.filter((finding) => finding !== first);
  return csvLine([
    patient,
    asOf,
    card ?? '',
    top?.id ?? '',
    top === null ? '' : String(top.points),
    top?.likelihood ?? '',
    (first?.evidence ?? []).map(({ text }) => text).join('; '),
    others.map(({ id, points }) => `${id} ${points}`).join('; '),
    missing.join('; '),
    tests.map(({ name }) => name).join('; '),
    '',
  ]);
}
