import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import { type ComposedService, startComposedService } from '../support/composed-service.js';
import { expectOutcome } from '../support/http-service.js';
import { copyKnowledge } from '../support/knowledge-copy.js';
import { startError } from '../support/start-error.js';

const root = join(import.meta.dirname, '../..');
const BASE = 'https://cds.example.org/renal';
const NOW = new Date('2026-11-22T08:00:00Z');

/** Kidney disease, a cramp and nothing measured: there is always a card. */
const RECORD: FhirResource[] = [
  { resourceType: 'Patient', id: 'p', birthDate: '1950-01-01' },
  ...['N18.4', 'R25.2'].map((code, index) => ({
    resourceType: 'Condition' as const,
    id: `c${index}`,
    subject: { reference: 'Patient/p' },
    code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code }] },
    recordedDate: '2026-11-20',
  })),
];

describe('the page about the knowledge', () => {
  let service: ComposedService;
  let page: string;
  beforeAll(async () => {
    service = await startComposedService(undefined, { PUBLIC_BASE_URL: BASE });
    page = await (await fetch(`${service.url}/about`)).text();
  });
  afterAll(() => service.close());

  it('is where the source of each card leads', async () => {
    const { cards } = await service.openChart(RECORD, NOW);
    expect(cards.map(({ source }) => source.url)).toEqual([`${BASE}/about`]);
  });

  it('is HTML without script, style or picture of its own, and with nothing from elsewhere', async () => {
    const response = await fetch(`${service.url}/about`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toBe(
      "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(page).not.toMatch(/<script|<style|<img|<iframe|https?:|javascript:| on\w+=/i);
  });

  it('links only to what is there', async () => {
    const links = [...page.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, link]) => link ?? '');
    expect(links).toEqual(['handouts/handout.css', './', 'handouts/']);
    for (const link of links) expect((await fetch(new URL(link, `${service.url}/about`))).status).toBe(200);
  });

  it.each([
    'Rests on',
    'Developed by',
    'Funded by',
    'First released',
    'Last revised',
    'Race, ethnicity',
    'Language, sexual orientation, gender identity',
    'Sex (administrative gender of the record)',
    'Date of birth',
    'Social determinants of health',
    'Health status assessments',
  ])('has the source attribute of evidence-based interventions: %s', (attribute) => {
    expect(page).toContain(`scope="row">${attribute}</th>`);
  });

  it('has the four criteria, says that nobody has judged them, and what it is not', () => {
    const [, criteria = ''] = page.split('The four criteria of the United States');
    expect(criteria.match(/scope="row"/g)).toHaveLength(4);
    expect(criteria).toContain('nobody else has judged it');
    expect(page).toContain('Not a validated clinical instrument.');
    expect(page).toContain('await the signature of a nephrologist');
  });

  it('names the demographic inputs that the knowledge really reads', () => {
    const folder = join(root, 'cql');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.cql'));
    const read = files.flatMap((file) => readFileSync(join(folder, file), 'utf8').match(/\bPatient\.\w+/g) ?? []);
    // Whoever makes the knowledge read more of the patient says so on the page, and here.
    expect([...new Set(read)].sort()).toEqual(['Patient.birthDate', 'Patient.deceased', 'Patient.gender']);
  });

  it('names the date of the newest clinical change, and the version', () => {
    const [, changes = ''] = readFileSync(join(root, 'cql/README.md'), 'utf8').split('## Clinical changes');
    const [newest = ''] = [...changes.matchAll(/^- (\d{4}-\d{2}-\d{2})/gm)]
      .map(([, date]) => date ?? '')
      .sort()
      .reverse();
    const words = new Date(newest).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' });
    const [, revised = ''] = /scope="row">Last revised<\/th><td[^>]*>([^;]*);/.exec(page) ?? [];
    expect(revised).toBe(words);
    const [, version = ''] = /^version: (\S+)$/m.exec(readFileSync(join(root, 'cards/policy.yaml'), 'utf8')) ?? [];
    expect(page).toContain(`Knowledge ${version}.`);
  });

  it('is demanded at the start: every card leads to it', async () => {
    const copy = copyKnowledge();
    rmSync(join(copy.folders.cards, 'pages'), { recursive: true });
    const error = await startError(copy.folders);
    copy.remove();
    expect(error).toMatchObject({ code: 'invalid-knowledge', message: 'There is no page cards/pages/about.md.' });
  });

  it('can only be read', async () => {
    const response = await fetch(`${service.url}/about`, { method: 'POST' });
    expect(response.headers.get('allow')).toBe('GET, HEAD');
    await expectOutcome(response, 405, 'not-supported');
    await expectOutcome(await fetch(`${service.url}/about/`), 404, 'not-found');
  });
});
