import { type BadRow, type PatientRow, urgencyOf } from './patient-row.js';
import type { Tally } from './tally.js';

/** A page with more patients is not read, and not opened either. */
export const MOST_PATIENTS_SHOWN = 1_000;
const MOST_BAD_SHOWN = 100;

export interface Worklist {
  /** Those with a card, most urgent first. */
  patients: readonly PatientRow[];
  bad: readonly BadRow[];
  tally: Tally;
  /** How many there are in all, of each. */
  judged: number;
  badInAll: number;
  asOf: string;
  knowledge: string;
}

const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 80rem; padding: 0 1rem; color: #1a1a1a; background: #fff; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
caption { text-align: left; font-weight: 600; padding: 0.5rem 0; }
th, td { text-align: left; vertical-align: top; padding: 0.4rem 0.6rem; border-bottom: 1px solid #767676; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
ul { margin: 0; padding-left: 1.1rem; }
.critical { font-weight: 700; color: #8f0000; }
@media print { body { margin: 0; max-width: none; font-size: 11px; } thead { display: table-header-group; } tr { break-inside: avoid; } }
@media (max-width: 50rem) { table { display: block; overflow-x: auto; } }
`;

/** The worklist as one page that needs nothing else: no script, no address, nothing of a record unescaped. */
export function worklistHtml(list: Worklist): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Who cramps, and why</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Who cramps, and why</h1>
<p>${list.judged} patients judged, ${list.tally.of('hook', 'patient-view', 'silent')} of them with nothing to say${
    list.badInAll > 0 ? `, ${list.badInAll} records that could not be judged` : ''
  }. ${escaped(list.asOf)}. Knowledge ${escaped(list.knowledge)}.</p>
<p>Points rank causes, they are not probabilities. It supports a clinician's judgement and does not replace it.</p>
${causesTable(list.tally)}
${patientsTable(list.patients)}
${badTable(list.bad, list.badInAll)}
</main>
</body>
</html>
`;
}

/** Most urgent first, then by points, then by id: the same whatever the order of the input. */
export function byUrgency(one: PatientRow, other: PatientRow): number {
  const urgency = urgencyOf(one.card) - urgencyOf(other.card);
  const points = (other.top?.points ?? 0) - (one.top?.points ?? 0);
  return urgency || points || (one.patient < other.patient ? -1 : 1);
}

/** The rows that a page shows of however many: held in memory are twice as many at most. */
export class MostUrgent {
  #rows: PatientRow[] = [];

  add(row: PatientRow): void {
    if (row.card === null) return;
    this.#rows.push(row);
    if (this.#rows.length >= 2 * MOST_PATIENTS_SHOWN) this.#rows = this.rows;
  }

  get rows(): PatientRow[] {
    return this.#rows.toSorted(byUrgency).slice(0, MOST_PATIENTS_SHOWN);
  }
}

function causesTable(tally: Tally): string {
  const rows = tally.below('top').map(({ words: [id = ''], count }) => {
    const shown = tally.of('shown', id, 'likely') + tally.of('shown', id, 'possible');
    return `<tr><th scope="row">${escaped(id)}</th>${number(count)}${number(shown)}</tr>`;
  });
  const head =
    '<th scope="col">cause</th><th scope="col" class="number">first</th><th scope="col" class="number">shown</th>';
  return table('By cause: in how many patients it comes first, and is shown at all', head, rows);
}

function patientsTable(patients: readonly PatientRow[]): string {
  const heads = ['patient', 'card', 'top cause', 'points', 'evidence', 'missing', 'tests worth ordering'];
  const head = heads
    .map((name) => `<th scope="col"${name === 'points' ? ' class="number"' : ''}>${name}</th>`)
    .join('');
  const more =
    patients.length === MOST_PATIENTS_SHOWN ? ` (the first ${MOST_PATIENTS_SHOWN}; all are in worklist.csv)` : '';
  return table(`Patients, most urgent first${more}`, head, patients.map(patientLine));
}

function patientLine({ patient, card, top, findings, missing, tests }: PatientRow): string {
  const first = findings.find(({ id }) => id === top?.id);
  const evidence = (first?.evidence ?? []).map(({ text, points }) =>
    points === 0 ? text : `${text}: ${signed(points)}`,
  );
  const others = findings.filter((finding) => finding !== first).map(({ id, points }) => `also ${id}, ${points}`);
  return `<tr><th scope="row">${escaped(patient)}</th><td class="${card ?? ''}">${card ?? ''}</td><td>${escaped(
    top === null ? '' : `${top.id} (${top.likelihood})`,
  )}</td>${number(top?.points ?? 0)}<td>${items([...evidence, ...others])}</td><td>${items(missing)}</td><td>${items(
    tests.map(({ name }) => name),
  )}</td></tr>`;
}

function badTable(bad: readonly BadRow[], inAll: number): string {
  if (inAll === 0) return '';
  const rows = bad
    .slice(0, MOST_BAD_SHOWN)
    .map(({ patient, source, error }) =>
      [patient ?? 'not known', source, error.message].map((text) => `<td>${escaped(text)}</td>`).join(''),
    )
    .map((cells) => `<tr>${cells}</tr>`);
  const head = ['patient', 'where', 'why'].map((name) => `<th scope="col">${name}</th>`).join('');
  return table('Records that could not be judged', head, rows);
}

function table(caption: string, head: string, rows: readonly string[]): string {
  return `<table>\n<caption>${caption}</caption>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${rows.join('\n')}\n</tbody>\n</table>`;
}

function items(texts: readonly string[]): string {
  return texts.length === 0 ? '' : `<ul>${texts.map((text) => `<li>${escaped(text)}</li>`).join('')}</ul>`;
}

function number(value: number): string {
  return `<td class="number">${value}</td>`;
}

function signed(points: number): string {
  return points > 0 ? `+${points}` : String(points);
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
