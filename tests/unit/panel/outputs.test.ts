import { describe, expect, it } from '@jest/globals';
import type { PatientRow } from '../../../src/panel/patient-row.js';
import { Progress } from '../../../src/panel/progress.js';
import { reportText } from '../../../src/panel/report-text.js';
import { Tally } from '../../../src/panel/tally.js';
import { csvRow } from '../../../src/panel/worklist-csv.js';
import { MostUrgent, worklistHtml } from '../../../src/panel/worklist-html.js';

const evidence = [
  { text: '=HYPERLINK("http://evil.example")', points: 45 },
  { text: '<img src=x onerror=alert(1)>', points: 0 },
];
const row = (patient: string, card: PatientRow['card'], points: number): PatientRow => ({
  patient,
  asOf: '2026-05-17T12:00:00.000Z',
  card,
  summary: 'Cramp',
  top: { id: 'low-sodium', points, likelihood: 'likely' },
  findings: [{ id: 'low-sodium', points, likelihood: 'likely', evidence, against: [], missing: ['urea'] }],
  missing: ['urea'],
  tests: [{ code: '1', name: '@sodium' }],
});

describe('a row for spreadsheets', () => {
  it.each(['=1+1', '+1', '-1', '@sum', '\t=1', ' =1', '\r=1'])(
    'quotes %j, which could be taken for a formula',
    (id) => {
      expect(
        csvRow(row(id, 'info', 30))
          .replace(/^"/, '')
          .startsWith(`'${id}`),
      ).toBe(true);
    },
  );

  it('holds every column, with quotes doubled', () => {
    expect(csvRow(row('p', 'warning', 60))).toBe(
      `p,2026-05-17T12:00:00.000Z,warning,low-sodium,60,likely,"'=HYPERLINK(""http://evil.example""); <img src=x onerror=alert(1)>",,urea,'@sodium,\r\n`,
    );
  });

  it('says why a record could not be judged', () => {
    const bad = {
      patient: null,
      source: 'a.json',
      error: { code: 'malformed-request', message: 'It is no FHIR Bundle.' },
    };
    expect(csvRow(bad)).toBe(',,,,,,,,,,It is no FHIR Bundle. (a.json)\r\n');
  });
});

describe('the worklist page', () => {
  it('shows the most urgent first, then the most points, and none that is silent', () => {
    const urgent = new MostUrgent();
    for (const each of [row('a', 'info', 90), row('b', 'critical', 50), row('c', 'info', 95), row('d', null, 0)])
      urgent.add(each);
    expect(urgent.rows.map(({ patient }) => patient)).toEqual(['b', 'c', 'a']);
  });

  it('keeps no more rows than it shows', () => {
    const urgent = new MostUrgent();
    for (let index = 0; index < 5_000; index += 1) urgent.add(row(`p${index}`, 'info', index % 100));
    expect(urgent.rows).toHaveLength(1_000);
    expect(urgent.rows[0]?.top?.points).toBe(99);
  });

  it('gives each reason its points, with a sign', () => {
    const facts = { bad: [], tally: new Tally(), judged: 1, badInAll: 0, asOf: 'now', knowledge: '1' };
    const html = worklistHtml({ ...facts, patients: [row('p', 'critical', 60)] });
    expect(html).toMatch(/HYPERLINK[^<]*\+45/);
    expect(html).not.toContain('+0');
  });

  it('writes nothing of a record as markup', () => {
    const facts = { bad: [], tally: new Tally(), judged: 1, badInAll: 0, asOf: 'now', knowledge: '1' };
    const html = worklistHtml({ ...facts, patients: [row('<b>p</b>', 'critical', 60)] });
    expect(html).toContain('&#60;b&#62;p&#60;/b&#62;');
    expect(html).not.toMatch(/<img|<b>|<script/);
  });
});

describe('the report', () => {
  it('takes control characters out of what a site wrote', () => {
    const tally = new Tally();
    tally.count('code', 'Observation', 'urn:x', '1', '\u001b[31mred');
    expect(reportText(tally)).toContain('1  urn:x | 1 |  [31mred');
  });
});

describe('the progress', () => {
  const told = (isTTY: boolean) => {
    let now = 0;
    const texts: string[] = [];
    const stream = { isTTY, write: (text: string) => texts.push(text) };
    const begun = { patients: 100, bad: 0, share: 0.1, at: 0 };
    const progress = new Progress(stream, () => now, begun);
    now = 10_000;
    progress.tell({ patients: 300, bad: 2, share: 0.3 });
    now = 10_100;
    progress.tell({ patients: 301, bad: 2, share: 0.31 });
    now = 40_000;
    progress.end({ patients: 1_000, bad: 2, share: 1 });
    return texts;
  };

  it('is plain lines elsewhere, with the rate and the time that is left', () => {
    expect(told(false)).toEqual([
      '300 patients, 20 a second, 30 %, 35 s left, 2 could not be judged\n',
      '1000 patients, 23 a second, 2 could not be judged\n',
    ]);
  });

  it('is a bar that moves on a terminal', () => {
    expect(told(true)[0]).toBe(
      '\r[=======                 ] 300 patients, 20 a second, 30 %, 35 s left, 2 could not be judged\u001b[K',
    );
  });
});
