import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import { condition, daysAgo, kidneyPatient, NOW, result } from '../support/kidney-patient.js';
import { generatedPanel, linesOf, PANEL_NOW, panelEnd, sortedLines, type ToldRow } from '../support/panel-command.js';

const folder = mkdtempSync(join(tmpdir(), 'panel-'));
const at = (name: string) => join(folder, name);
const FEW = ['--patients', '24', '--seed', '11', '--resources', '40'];
const AS_OF = ['--now', PANEL_NOW];

beforeAll(() => {
  writeFileSync(at('few.ndjson'), generatedPanel(...FEW));
  generatedPanel(...FEW, '--bulk', at('bulk'));
  mkdirSync(at('bundles'));
  for (const line of sortedLines(readFileSync(at('few.ndjson'), 'utf8')))
    writeFileSync(join(at('bundles'), `${JSON.parse(line).id}.json`), line);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function bundle(resources: readonly FhirResource[]): string {
  return JSON.stringify({
    resourceType: 'Bundle',
    type: 'collection',
    entry: resources.map((resource) => ({ resource })),
  });
}

const rowsIn = (out: string) => linesOf<ToldRow>(join(out, 'results.ndjson'));

describe('the panel command', () => {
  it('says the same of a patient in lines, in files, and in an export with one file a type', async () => {
    const piped = await panelEnd(['-', ...AS_OF, '--workers', '2'], { input: at('few.ndjson') });
    const files = await panelEnd([at('bundles'), ...AS_OF, '--out', at('out-files'), '--workers', '1']);
    const bulk = await panelEnd([at('bulk'), ...AS_OF, '--out', at('out-bulk')]);

    expect([piped.code, files.code, bulk.code]).toEqual([0, 0, 0]);
    const rows = sortedLines(piped.out);
    expect(rows).toHaveLength(24);
    expect(sortedLines(readFileSync(at('out-files/results.ndjson'), 'utf8'))).toEqual(rows);
    expect(sortedLines(readFileSync(at('out-bulk/results.ndjson'), 'utf8'))).toEqual(rows);
  });

  it('tells in a row what the card of the patient tells', async () => {
    writeFileSync(at('one.ndjson'), `${bundle(kidneyPatient('p', { calcium: 7.8, phosphate: 6.2 }))}\n`);

    const { out } = await panelEnd(['-', '--now', NOW.toISOString(), '--workers', '1'], { input: at('one.ndjson') });

    const row = JSON.parse(out);
    expect(row).toMatchObject({
      patient: 'p',
      asOf: '2026-05-17T12:00:00.000Z',
      card: 'warning',
      top: { id: 'low-calcium-phosphate-retention', points: 85, likelihood: 'likely' },
      missing: ['PTH: no result', '25-OH vitamin D: no result'],
    });
    expect(row.findings[0].evidence[0]).toEqual({ text: 'Calcium 7.8 mg/dL (15 May 2026, 2 days ago)', points: 45 });
    expect(row.tests.map(({ code }: { code: string }) => code)).toEqual(['1995-0', '2731-8', '62292-8']);
  });

  it('names in a row what could not be read: an order whose Medication the export left out', async () => {
    const order: FhirResource = {
      resourceType: 'MedicationRequest',
      id: 'order',
      status: 'active',
      intent: 'order',
      subject: { reference: 'Patient/p' },
      authoredOn: '2026-05-01',
      medicationReference: { reference: 'Medication/left-out' },
    };
    writeFileSync(
      at('left-out.ndjson'),
      `${bundle([...kidneyPatient('p', { calcium: 7.8, phosphate: 6.2 }), order])}\n`,
    );

    const { out } = await panelEnd(['-', ...AS_OF, '--workers', '1'], { input: at('left-out.ndjson') });

    expect(JSON.parse(out).missing).toEqual([
      'PTH: no result',
      '25-OH vitamin D: no result',
      '1 medication entries name a drug that could not be looked up',
    ]);
  });

  it('reports records that cannot be judged, and judges the others', async () => {
    const lines = [
      '{"resourceType":"Bundle","entry":[',
      bundle([condition('nobody', 'cramp', { code: 'R25.2', display: 'Cramp' }, daysAgo(3))]),
      JSON.stringify({ resourceType: 'Patient', id: 'alone' }),
      bundle(kidneyPatient('well')),
    ];
    writeFileSync(at('bad.ndjson'), lines.join('\n'));

    const end = await panelEnd([at('bad.ndjson'), ...AS_OF, '--out', at('out-bad'), '--workers', '1']);

    const rows = rowsIn(at('out-bad'));
    expect(end.code).toBe(0);
    expect(rows.map(({ patient, error }) => [patient, error?.message])).toEqual([
      [null, 'It is no FHIR Bundle.'],
      [null, 'The Bundle holds no Patient with an id.'],
      [null, 'It is no FHIR Bundle.'],
      ['well', undefined],
    ]);
    expect(JSON.parse(readFileSync(at('out-bad/summary.json'), 'utf8'))).toMatchObject({ judged: 1, bad: 3 });
    expect(readFileSync(at('out-bad/worklist.html'), 'utf8')).toContain('Records that could not be judged');
  });

  it('has a row for each line of an export that cannot be read', async () => {
    mkdirSync(at('broken'));
    writeFileSync(at('broken/Patient.ndjson'), '{"resourceType":"Patient","id":"a"}\n{"resourceType":"Pat\n[]\n');
    writeFileSync(at('broken/Observation.ndjson'), '{"resourceType":"Observation","subject":{"reference":"Pat');

    await panelEnd([at('broken'), ...AS_OF, '--out', at('out-broken'), '--workers', '1']);

    expect(rowsIn(at('out-broken')).map(({ patient, error }) => [patient, error?.message])).toEqual([
      [null, 'The line is no FHIR resource.'],
      [null, 'The line is no FHIR resource.'],
      [null, 'The line is no FHIR resource.'],
      ['a', undefined],
    ]);
  });

  it('judges each patient of a Bundle of several by their own resources', async () => {
    const both = [...kidneyPatient('a', { calcium: 7.8, phosphate: 6.2 }), ...kidneyPatient('b')];
    writeFileSync(at('several.ndjson'), bundle(both));

    const { out } = await panelEnd(['-', ...AS_OF, '--workers', '1'], { input: at('several.ndjson') });

    const rows = sortedLines(out).map((line) => JSON.parse(line));
    expect(rows.map(({ patient, top }) => [patient, top?.id])).toEqual([
      ['a', 'low-calcium-phosphate-retention'],
      ['b', undefined],
    ]);
  });

  it('lets nothing of a record become a formula or markup', async () => {
    const [patient, ...rest] = kidneyPatient('=1+1');
    const named = [
      { ...patient!, id: 'x' },
      ...rest.map((each) => JSON.parse(JSON.stringify(each).replaceAll('=1+1', 'x'))),
    ];
    const disease = condition('x', 'pad', { code: 'I73.9', display: '<script>alert(1)</script> "=cmd"' }, daysAgo(20));
    writeFileSync(at('hostile.ndjson'), bundle([...named, disease]));

    await panelEnd([at('hostile.ndjson'), ...AS_OF, '--out', at('out-hostile'), '--workers', '1']);

    const html = readFileSync(at('out-hostile/worklist.html'), 'utf8');
    expect(html).toContain('peripheral-artery-disease');
    expect(html).not.toContain('<script');
    expect(html).toContain("default-src 'none'");
  });

  it('tells what it would do here, and what of the site it does not understand', async () => {
    const local = {
      ...result('p', 'local', { code: 'CA', value: 8, unit: 'mg/dL' }, daysAgo(1)),
      code: { coding: [{ system: 'urn:site:lab', code: 'CA', display: 'Calcium, serum' }] },
    };
    const odd = result('p', 'odd', { code: '2777-1', value: 4, unit: 'mg%' }, daysAgo(1));
    const words = {
      ...result('p', 'w', { code: '2823-3', value: 4, unit: 'mmol/L' }, daysAgo(1)),
      valueString: 'see note',
    };
    const { valueQuantity: _number, ...unnumbered } = words;
    writeFileSync(
      at('site.ndjson'),
      bundle([...kidneyPatient('p', { calcium: 7.3, phosphate: 6.2 }), local, odd, unnumbered]),
    );

    const { out } = await panelEnd([
      at('site.ndjson'),
      '--report',
      ...AS_OF,
      '--out',
      at('out-site'),
      '--workers',
      '1',
    ]);

    const told = out.split('\n').map((line) => line.trim().replace(/ +/g, ' '));
    expect(told).toEqual(
      expect.arrayContaining([
        '1 patient-view (critical 1, warning 0, info 0, silent 0)',
        '1 order-sign (critical 1, warning 0, info 0, silent 0)',
        '1 low-calcium-phosphate-retention (likely 1, possible 0)',
        '1 low-calcium-phosphate-retention on patient-view',
        '1 2777-1 | mg%',
        '1 2823-3',
        '1 urn:site:lab | CA | Calcium, serum',
      ]),
    );
  });

  it('refuses to go on with an unfinished run of something else', async () => {
    mkdirSync(at('other'));
    const head = { input: 'other', now: null, knowledge: '0', report: false, isNowGiven: true };
    writeFileSync(at('other/journal.ndjson'), `${JSON.stringify(head)}\n`);

    const end = await panelEnd([at('few.ndjson'), ...AS_OF, '--out', at('other')]);

    expect(end.code).toBe(2);
    expect(end.error).toContain('holds an unfinished run of something else: name another --out, or begin --anew');
  });

  it.each([
    [[], 'Usage: npx renal-cramp-cds panel INPUT'],
    [['/nowhere'], 'There is no file or folder /nowhere.'],
    [['-', '--now', 'yesterday'], '--now yesterday is no instant'],
    [['-', '--workers', '0'], '--workers 0 is no number from 1 to 256'],
    [['https://fhir.example/Group/1'], 'The FHIR server is not on the list of FHIR_SERVERS.'],
  ])('says what is wrong with %j', async (args, words) => {
    const end = await panelEnd([...args, ...(args.length > 0 ? ['--out', at('out-wrong')] : [])]);

    expect(end.code).toBe(2);
    expect(end.error).toContain(words);
  });
});
