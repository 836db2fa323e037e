import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { FhirResource, MedicationRequest } from 'fhir/r4.js';
import { dialysisSession } from '../support/dialysis-session.js';
import { daysAgo, furosemide, kidneyPatient, NOW } from '../support/kidney-patient.js';

const COMMAND = join(import.meta.dirname, '../../dist/cli/explain.js');
const AT = ['--now', NOW.toISOString()];
const LOW_CALCIUM = [...kidneyPatient('p', { calcium: 7.8, phosphate: 6.2 }), furosemide('p')];

const folder = mkdtempSync(join(tmpdir(), 'explain-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Told {
  code: unknown;
  out: string;
  error: string;
}

function run(...args: string[]): Promise<Told> {
  return new Promise((resolve) => {
    execFile(process.execPath, [COMMAND, ...args], { env: {} }, (failure, out, error) => {
      resolve({ code: failure === null ? 0 : failure.code, out, error });
    });
  });
}

function file(content: unknown): string {
  const path = join(folder, `patient-${String(Math.random()).slice(2)}.json`);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

function bundle(resources: readonly FhirResource[]): object {
  return { resourceType: 'Bundle', type: 'collection', entry: resources.map((resource) => ({ resource })) };
}

/** As a transaction names its entries: no ids, references by fullUrl. */
function transaction(resources: readonly FhirResource[]): object {
  const entry = resources.map(({ id, ...resource }) => ({
    fullUrl: `urn:uuid:${String(id)}`,
    resource,
    request: { method: 'POST' },
  }));
  const text = JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry });
  return JSON.parse(text.replace(/"reference":"[A-Za-z]+\/([^"]+)"/g, '"reference":"urn:uuid:$1"'));
}

/** The lines of one section, wrapped ones joined. */
function section({ out }: Told, heading: RegExp): string[] {
  const [, text = ''] = out.split(/\n\n(?=[^\n]+\n=+\n)/).flatMap((part) => {
    const match = new RegExp(`^(?:${heading.source})\\n=+\\n([\\s\\S]*)$`).exec(part);
    return match === null ? [] : ['', match[1]];
  });
  return text
    .trimEnd()
    .replace(/\n {2,}(?! *[+-]?\d+ {2})/g, ' ')
    .split('\n');
}

describe('the command explain', () => {
  it('prints card, findings, other rules with their reasons, what is missing, and the gate, in this order', async () => {
    const told = await run(file(bundle(LOW_CALCIUM)), ...AT);
    expect(told).toMatchObject({ code: 0, error: '' });
    expect(told.out.match(/^.+(?=\n=+$)/gm)).toEqual([
      'Card 1 of 1: warning',
      'Findings',
      'Rules that did not apply',
      'Missing, left out, to be known',
      'Gate: passed',
    ]);
    expect(told.out.split('\n')[0]).toMatch(
      /^Patient p, patient-view, 2026-05-17T12:00:00\.000Z, knowledge \d+\.\d+\.\d+$/,
    );
    const card = section(told, /Card 1 of 1: warning/);
    expect(card[0]).toBe('Cramp: likely low calcium 7.8 mg/dL with high phosphate 6.2 mg/dL (CKD G4)');
    expect(card).toContain('1. Low calcium with phosphate build-up: likely, 85 points');
    expect(card).toContain('- Suggestion: Order ionised calcium');
    expect(card).toContain(
      '- Link: Patient handout: When a cramp comes http://127.0.0.1:3000/handouts/when-a-cramp-comes',
    );
    const findings = section(told, /Findings/);
    expect(findings[0]).toBe('- LowCalciumPhosphateRetention: 85 points, cause, shown');
    expect(findings).toContain(
      '  +30  Phosphate 6.2 mg/dL (15 May 2026, 2 days ago), limit 4.5 [Observation/p-phosphate]',
    );
    expect(findings).toContain(
      '- LowCalciumUnclassified: 55 points, cause, not shown: gives way to others (cards/policy.yaml)',
    );
    expect(section(told, /Rules that did not apply/)).toContain(
      '- LowCalciumLowActiveVitaminD: none met of: "PTH Is High" (absent: Latest PTH) [MineralStatus], ' +
        '"Vitamin D Is Low" (absent: Latest 25-OH Vitamin D) [MineralStatus]',
    );
    expect(section(told, /Missing, left out, to be known/)).toContain('- Missing: PTH: no result');
    expect(section(told, /Gate: passed/)).toEqual([
      '- yes: "Is Alive"',
      '- yes: "Is Adult"',
      '- yes: "Has Kidney Disease"',
    ]);
  });

  it('says that there is no card, and why a patient is out of scope', async () => {
    const told = await run(file(bundle(LOW_CALCIUM.slice(0, 1))), ...AT);
    expect(told.code).toBe(0);
    expect(section(told, /Cards/)).toEqual(['None: there is nothing to say.']);
    expect(section(told, /Gate: not passed/)[2]).toMatch(
      /^- no: "Has Kidney Disease" \(absent: CKD Stage 1 Conditions, .*Latest GFR\)$/,
    );
  });

  it('says the same of a list, of a transaction without ids and of the body of a hook', async () => {
    const request = {
      hook: 'patient-view',
      hookInstance: 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea',
      context: { userId: 'Practitioner/a', patientId: 'p' },
      prefetch: {
        anything: bundle(LOW_CALCIUM.slice(0, 1)),
        ...Object.fromEntries(LOW_CALCIUM.slice(1).map((each, index) => [`own${String(index)}`, each])),
      },
      extension: { 'org.renal-cramp-cds.evaluation-time': NOW.toISOString() },
    };
    const [ofBundle, ofList, ofTransaction, ofRequest] = await Promise.all([
      run(file(bundle(LOW_CALCIUM)), ...AT),
      run(file(LOW_CALCIUM), ...AT),
      run(file(transaction(LOW_CALCIUM)), ...AT),
      run(file(request)),
    ]);
    for (const told of [ofList, ofTransaction, ofRequest]) {
      expect(section(told, /Findings/)).toEqual(section(ofBundle, /Findings/));
      expect(section(told, /Rules that did not apply/)).toEqual(section(ofBundle, /Rules that did not apply/));
    }
    expect(section(ofRequest, /Missing, left out, to be known/).join('\n')).toMatch(/Record: Could not be checked: /);
  });

  it('follows the references among the entries of a transaction', async () => {
    const named = { ...furosemide('p'), medicationReference: { reference: 'Medication/drug' } };
    const { medicationCodeableConcept: code, ...order } = named;
    const drug: FhirResource = { resourceType: 'Medication', id: 'drug', ...(code === undefined ? {} : { code }) };
    const labs = kidneyPatient('p', { calcium: 7.8 });
    const told = await run(file(transaction([...labs, ...dialysisSession(), order, drug])), ...AT);
    const findings = section(told, /Findings/).filter((line) => line.startsWith('- '));
    expect(findings).toContain('- LoopDiureticCalciumLoss: 45 points, cause, shown');
    expect(findings).toContain('- HighUltrafiltration: 60 points, cause, shown');
  });

  it('takes the drafts of the file for those of the order being signed or selected', async () => {
    const draft: MedicationRequest = { ...furosemide('p'), id: 'new', status: 'draft', authoredOn: daysAgo(0) };
    const path = file(bundle([...kidneyPatient('p', { calcium: 7.8 }), draft]));
    const [viewed, selected, signed] = await Promise.all([
      run(path, ...AT),
      run(path, ...AT, '--hook', 'order-select'),
      run(path, ...AT, '--hook', 'order-sign'),
    ]);
    expect(section(viewed, /Rules that did not apply/).join('\n')).toContain(
      '- DraftLoopDiureticRisk: not met: exists "Drafts"',
    );
    expect(section(selected, /Findings/)).toContain('- DraftLoopDiureticRisk: 0 points, draft, shown');
    expect(section(signed, /Findings/)).toEqual(section(selected, /Findings/));
  });

  it('takes one of several patients, and leaves out what is not theirs', async () => {
    const path = file(bundle([...LOW_CALCIUM, ...kidneyPatient('q')]));
    const told = await run(path, ...AT, '--patient', 'p');
    expect(section(told, /Findings/)[0]).toBe('- LowCalciumPhosphateRetention: 85 points, cause, shown');
    expect(section(told, /Missing, left out, to be known/)).toContain(
      '- Record: 9 entries of another patient were left out',
    );
  });

  it('keeps to 100 columns and lets no record steer the terminal', async () => {
    const drug = furosemide('p', `\u001b[2J\r\n*Furo*_${'semide'.repeat(60)}`);
    const path = file(bundle([...kidneyPatient('p', { calcium: 7.8 }), { ...drug, id: 'i'.repeat(300) }]));
    const { out } = await run(path, ...AT);
    expect(out).toContain('*Furo*_semide');
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    // eslint-disable-next-line no-control-regex
    expect(out.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    expect(out).not.toMatch(/\\[*_]|\*\*|&lt;/);
  });
});

describe('the command explain refuses with one line and exit code 2', () => {
  const alone = kidneyPatient('p');
  const cases: [string, () => string[], RegExp][] = [
    ['no file named', () => [], /^Usage: npm run explain -- BUNDLE\.json/],
    ['an unknown option', () => [file(bundle(alone)), '--when', 'now'], /^Usage: /],
    ['a file that is not there', () => [join(folder, 'nobody.json')], /^There is no file .*nobody\.json\.$/],
    ['a folder', () => [folder], /cannot be read\.$/],
    ['a file that is not JSON', () => [file('<Bundle/>')], /is not JSON\.$/],
    [
      'JSON that is no record',
      () => [file({ resourceType: 'Patient', id: 'p' })],
      /is no FHIR Bundle, no list of resources and no hook request\.$/,
    ],
    [
      'entries that are no list',
      () => [file({ resourceType: 'Bundle', entry: {} })],
      /the entries of the Bundle are no list\.$/,
    ],
    ['an entry that is no resource', () => [file([...alone, 7])], /: item 11 is no FHIR resource\.$/],
    ['no Patient', () => [file(bundle(alone.slice(1)))], /holds no Patient\.$/],
    [
      'several Patients',
      () => [file(bundle([...alone, ...kidneyPatient('q')]))],
      /holds 2 Patients: name one with --patient \(p, q\)\.$/,
    ],
    ['a Patient who is not there', () => [file(bundle(alone)), '--patient', 'z'], /holds no Patient z\.$/],
    ['a Patient without an id', () => [file([{ resourceType: 'Patient' }])], /^The Patient of .* has no id\.$/],
    [
      'an unknown hook',
      () => [file(bundle(alone)), '--hook', 'order-dispatch'],
      /^There is no hook order-dispatch: patient-view, order-select, order-sign\.$/,
    ],
    [
      'an instant without offset',
      () => [file(bundle(alone)), '--now', '2026-05-17T12:00:00'],
      /^--now 2026-05-17T12:00:00 is no instant such as /,
    ],
    [
      'a hook request of the wrong shape',
      () => [file({ hook: 'patient-view', context: {} })],
      /^Missing or not as CDS Hooks 2\.0\.1 describes it: hookInstance, /,
    ],
  ];

  it.each(cases)('%s', async (_name, args, message) => {
    const { code, out, error } = await run(...args());
    expect(error).toMatch(/^[^\n]+\n$/);
    expect(error.trimEnd()).toMatch(message);
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });
});
