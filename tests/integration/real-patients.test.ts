import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import type { Card } from '../../src/cds-hooks.js';
import { type ComposedService, findingsOf, startComposedService } from '../support/composed-service.js';
import {
  carries,
  readRealPatients,
  type RealPatient,
  realPatientsFolder,
  withCramp,
} from '../support/real-patients.js';

const SNAPSHOT = join(import.meta.dirname, 'real-patients.snapshot.json');
/** Why each of these answers is right, in a sentence without anything of the patient. */
const WHY = join(import.meta.dirname, 'real-patients.why.yaml');
const UPDATES = process.env['UPDATE_REAL_PATIENTS'] === '1' && process.env['CI'] !== 'true';
/** Their newest calcium is in the critical range: the only reason to speak when nobody has a cramp. */
const CRITICAL = ['mimic4-10004235.json', 'mimic4-10021938.json', 'mimic4-10029291.json'];
const ABSENT_VALUE = /\b(NaN|undefined|null)\b|\[object|\{\{|\[\[/;

const folder = realPatientsFolder();
if (folder === undefined) process.stderr.write('real-patients: left out, the folder of real records is not here\n');
const patients = folder === undefined ? [] : readRealPatients(folder);
const describeWhenThere = folder === undefined ? describe.skip : describe;

/** What of an answer is kept in the repository: nothing of the patient. */
interface KeptCard {
  indicator: string;
  findings: { id: string; points: number; likelihood: string; missing: string[] }[];
}

let service: ComposedService;
beforeAll(async () => {
  service = await startComposedService();
});
afterAll(async () => {
  await service.close();
});

describeWhenThere('real patients (their folder is not in this repository)', () => {
  // A loop: Jest takes no empty table of suites, and without the folder there is nobody.
  for (const patient of patients) {
    describe(`${patient.file} with a cramp`, () => {
      let cards: Card[];
      let text: string;
      beforeAll(async () => {
        const answer = await service.openChart(withCramp(patient), patient.now);
        expect({ status: answer.status, failed: failedLibraries() }).toEqual({ status: 200, failed: [] });
        ({ cards, text } = answer);
      });

      it('is answered as a reviewer has agreed to', () => {
        if (UPDATES) keep(patient.file, cards.map(kept));
        expect(cards.map(kept)).toEqual(readSnapshot()[patient.file]);
      });

      it('is shown only values, dates and resources of its own record', () => {
        const own = new Map(withCramp(patient).map((each) => [`${each.resourceType}/${each.id ?? ''}`, each]));
        for (const { value, unit, reference, derived, text: line } of cards
          .flatMap(findingsOf)
          .flatMap((finding) => finding.evidence)) {
          if (reference !== undefined && !own.has(reference)) throw new Error(`Not of this record: ${line}`);
          if (value === undefined || derived === true) continue;
          if (!carries(own.get(reference ?? ''), value, unit ?? ''))
            throw new Error(`Not in the resource named: ${line}`);
        }
        expect(patients.filter((other) => other.id !== patient.id && text.includes(other.id))).toEqual([]);
      });

      it('is told in words: a short summary, and nothing that is not known', () => {
        for (const { summary, detail = '' } of cards) {
          expect(summary.length).toBeLessThan(140);
          expect(`${summary}\n${detail}`).not.toMatch(ABSENT_VALUE);
        }
        const texts = cards
          .flatMap(findingsOf)
          .flatMap(({ evidence, against, missing }) => [...evidence.map((line) => line.text), ...against, ...missing]);
        expect(texts.filter((each) => each === '' || ABSENT_VALUE.test(each))).toEqual([]);
      });

      it('is asked for tests of its own only', () => {
        const resources = cards.flatMap(({ suggestions = [] }) => suggestions).flatMap(({ actions = [] }) => actions);
        for (const action of resources) {
          expect(action).toMatchObject({
            type: 'create',
            resource: {
              resourceType: 'ServiceRequest',
              status: 'draft',
              intent: 'proposal',
              subject: { reference: `Patient/${patient.id}` },
            },
          });
        }
      });
    });
  }

  it.each(patients.map((patient) => [patient.file, patient] as const))(
    '%s without a cramp is silent, but for a calcium in the critical range',
    async (file, patient) => {
      const { status, cards } = await service.openChart(patient.resources, patient.now);
      const said = cards.map((card) => [card.indicator, ...findingsOf(card).map(({ id }) => id)]);
      const expected = CRITICAL.includes(file) ? [['critical', 'severe-hypocalcaemia-no-cramp-recorded']] : [];
      expect({ status, said }).toEqual({ status: 200, said: expected });
    },
  );

  it('have each an answer that was agreed to', () => {
    expect(Object.keys(readSnapshot())).toEqual(patients.map(({ file }) => file));
  });

  it('leave nothing of theirs in what is kept: no value, date or unit', () => {
    const names = Object.values(readSnapshot()).flatMap((cards) => cards.flatMap(({ findings }) => findings));
    expect(names.flatMap(({ missing }) => missing).filter((name) => /\d{2}(?!-OH)|\.\d|mg|mmol/.test(name))).toEqual(
      [],
    );
  });
});

describe('the reasons of the kept answers', () => {
  const reasons: Record<string, string> = parse(readFileSync(WHY, 'utf8'));

  it('stand for every answer and for nothing else', () => {
    expect(Object.keys(reasons)).toEqual(Object.keys(readSnapshot()));
  });

  it.each(Object.entries(readSnapshot()))('are a sentence about %s that fits and holds no number', (file, cards) => {
    expect(reasons[file]).toMatch(/^[A-Z][^\d]{40,}\.$/);
    expect(reasons[file]?.startsWith('Silent: ')).toBe(cards.length === 0);
  });
});

function kept(card: Card): KeptCard {
  const findings = findingsOf(card).map(({ id, points, likelihood, missing }) => ({
    id,
    points,
    likelihood,
    missing: missing.map((sentence) => sentence.replace(/:.*/s, '')),
  }));
  return { indicator: card.indicator, findings };
}

function readSnapshot(): Record<string, KeptCard[]> {
  return JSON.parse(readFileSync(SNAPSHOT, 'utf8'));
}

/** UPDATE_REAL_PATIENTS=1: what is kept must be reviewed against the records before it is committed. */
function keep(file: RealPatient['file'], cards: KeptCard[]): void {
  const files = patients.map((patient) => patient.file);
  const known = { ...readSnapshot(), [file]: cards };
  const current = Object.fromEntries(
    Object.entries(known)
      .filter(([name]) => files.includes(name))
      .sort(),
  );
  writeFileSync(SNAPSHOT, `${JSON.stringify(current, null, 2)}\n`);
}

function failedLibraries(): unknown[] {
  return service.logged().filter(({ msg }) => msg === 'libraryFailed');
}
