import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { DateTime, Executor, type PatientObject, Repository } from 'cql-execution';
import type { FhirResource } from 'fhir/r4.js';
import { FOLDERS } from '../../../src/folders.js';
import type { PatientRecord } from '../../../src/patient-record.js';
import { evaluate } from '../../../src/reasoning/evaluate.js';
import type { Finding } from '../../../src/reasoning/finding.js';
import { loadKnowledge } from '../../../src/reasoning/knowledge.js';
import { readFinding } from '../../../src/reasoning/read-finding.js';
import { openRecord } from '../../../src/reasoning/record-source.js';
import { startComposedService, findingsOf } from '../../support/composed-service.js';
import { condition, daysAgo, furosemide, kidneyPatient, NOW, result } from '../../support/kidney-patient.js';
import { copyKnowledge, type KnowledgeCopy, throwingIn } from '../../support/knowledge-copy.js';

const MOMENT = { now: NOW, offsetMinutes: 0 };
const PRESSURE = { code: '8480-6', value: 92, unit: 'mm[Hg]' };
const RESTLESS_LEGS = { code: 'G25.81', display: 'Restless legs syndrome' };

const records: Record<string, FhirResource[]> = {
  'everything normal': kidneyPatient('p'),
  'low calcium, high phosphate, a loop diuretic': [
    ...kidneyPatient('p', { calcium: 7.8, phosphate: 6.2 }),
    furosemide('p'),
  ],
  'calcium low only before correction': [...kidneyPatient('p', { calcium: 7.9, albumin: 2.8 }), furosemide('p')],
  'calcium in the critical range': kidneyPatient('p', { calcium: 6.9, magnesium: 1.1, potassium: 2.7 }),
  'a low pressure and restless legs': [
    ...kidneyPatient('p', { phosphate: 6 }),
    result('p', 'pressure', PRESSURE, daysAgo(1)),
    condition('p', 'legs', RESTLESS_LEGS, daysAgo(20)),
  ],
  'nothing but a cramp and kidney disease': kidneyPatient('p').slice(0, 3),
  'nothing at all': kidneyPatient('p').slice(0, 1),
};

function recordOf(resources: FhirResource[]): PatientRecord {
  const patient = resources.find((resource) => resource.resourceType === 'Patient');
  if (patient === undefined) throw new Error('no patient');
  return { patientId: 'p', patient, resources, ordersInContext: [], draftsToJudge: [], gaps: [] };
}

const knowledge = loadKnowledge(FOLDERS);
const elms = new Map(
  readdirSync(FOLDERS.elm).map((file) => [file.replace('.json', ''), readFileSync(join(FOLDERS.elm, file), 'utf8')]),
);
const repository = new Repository(Object.fromEntries([...elms].map(([name, elm]) => [name, JSON.parse(elm)])));
/** As the engine resolves them: every include of a library is an object of its own. */
const apartLibraries = [...knowledge.libraries.keys()].map((name) => ({ name, library: repository.resolve(name) }));

/** The engine as its makers mean it: one executor per library, nothing shared. */
async function evaluatedApart(resources: FhirResource[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { name, library } of apartLibraries) {
    let waiting: PatientObject | undefined = openRecord(knowledge.recordModel, resources, {
      patientId: 'p',
      offsetMinutes: 0,
    });
    const source = { currentPatient: () => waiting, nextPatient: () => (waiting = undefined) };
    const parameters = {
      'Encounter In Context': ['none'],
      'Orders In Context': ['none'],
      'Drafts To Judge': ['none'],
    };
    const executor = new Executor(library, knowledge.codeService, parameters);
    const { patientResults } = await executor.exec_expression('Finding', source, DateTime.fromJSDate(NOW, 0));
    const finding = readFinding(name, patientResults['p']['Finding']);
    if (finding !== undefined) findings.push(finding);
  }
  return findings;
}

/** The libraries that include this one, directly or not. */
function readersOf(name: string): string[] {
  const included = new Map([...elms].map(([reader, elm]) => [reader, [...elm.matchAll(/"path":"(\w+)"/g)]]));
  const reads = (reader: string): boolean =>
    included.get(reader)?.some(([, path = '']) => path === name || reads(path)) ?? false;
  return [...included.keys()].filter(reads);
}

let copy: KnowledgeCopy | undefined;
afterEach(() => {
  copy?.remove();
  copy = undefined;
});

function damaged(library: string, expression: string): KnowledgeCopy {
  copy = copyKnowledge();
  copy.edit('elm', `${library}.json`, throwingIn(expression));
  return copy;
}

describe('libraries that share their contexts', () => {
  it.each(Object.entries(records))('find the same as libraries that share nothing: %s', async (_, resources) => {
    const shared = await evaluate(knowledge, recordOf(resources), MOMENT);
    const apart = await evaluatedApart(resources);
    expect(shared.failed).toEqual([]);
    expect(shared.findings).toEqual(apart);
    expect(shared.findings.map(({ library }) => library)).toContain('InsufficientData');
  });
});

describe('a library that throws', () => {
  const { 'low calcium, high phosphate, a loop diuretic': ill = [], 'everything normal': well = [] } = records;

  it('costs only itself', async () => {
    const { findings } = await evaluate(knowledge, recordOf(ill), MOMENT);
    const { folders } = damaged('LoopDiureticCalciumLoss', 'Finding');
    const evaluation = await evaluate(loadKnowledge(folders), recordOf(ill), MOMENT);
    expect(findings.map(({ library }) => library)).toContain('LoopDiureticCalciumLoss');
    expect(evaluation.findings).toEqual(findings.filter(({ library }) => library !== 'LoopDiureticCalciumLoss'));
    expect(evaluation.failed.map(({ library }) => library)).toEqual(['LoopDiureticCalciumLoss']);
  });

  it('costs what reads it too, and nothing else', async () => {
    const { findings } = await evaluate(knowledge, recordOf(ill), MOMENT);
    const readers = readersOf('MineralStatus');
    const { folders } = damaged('MineralStatus', 'Phosphate');
    const evaluation = await evaluate(loadKnowledge(folders), recordOf(ill), MOMENT);
    const failed = evaluation.failed.map(({ library }) => library);
    expect(failed).toContain('LowCalciumPhosphateRetention');
    expect(failed.filter((library) => !readers.includes(library))).toEqual([]);
    expect(evaluation.findings).toEqual(findings.filter(({ library }) => !failed.includes(library)));
    expect(evaluation.findings).not.toEqual([]);
  });

  it('is named in the card that is shown, and in the log', async () => {
    const service = await startComposedService(damaged('LoopDiureticCalciumLoss', 'Finding').folders);
    const { cards } = await service.openChart(ill, NOW);
    expect(cards).toHaveLength(1);
    expect(findingsOf(cards[0]!)[0]).toMatchObject({ id: 'low-calcium-phosphate-retention', points: 85 });
    expect(cards[0]!.detail).toContain('LoopDiureticCalciumLoss');
    const failures = service.logged().filter(({ msg }) => msg === 'libraryFailed');
    expect(failures).toMatchObject([{ library: 'LoopDiureticCalciumLoss', errors: ['Error'] }]);
    await service.close();
  });

  it('is named in a card of its own when there is nothing else to say', async () => {
    const service = await startComposedService(damaged('LoopDiureticCalciumLoss', 'Finding').folders);
    const { cards } = await service.openChart(well, NOW);
    expect(cards.map(({ indicator }) => indicator)).toEqual(['info']);
    expect(findingsOf(cards[0]!)).toEqual([
      {
        id: 'not-checked',
        points: 0,
        likelihood: 'possible',
        evidence: [],
        against: [],
        missing: ['LoopDiureticCalciumLoss'],
      },
    ]);
    expect(cards[0]!.detail).toContain('LoopDiureticCalciumLoss');
    await service.close();
  });

  it('is not named for a patient without kidney disease', async () => {
    const service = await startComposedService(damaged('LoopDiureticCalciumLoss', 'Finding').folders);
    const cramp = well.filter(({ id }) => id === 'p' || id === 'p-cramp');
    expect(await service.openChart(cramp, NOW)).toMatchObject({ status: 200, cards: [] });
    await service.close();
  });

  it('is named for everybody when it is the one that knows who is in scope', async () => {
    const service = await startComposedService(damaged('InsufficientData', 'Finding').folders);
    const { cards } = await service.openChart(well.slice(0, 1), NOW);
    expect(cards.flatMap(findingsOf)).toMatchObject([{ id: 'not-checked', missing: ['InsufficientData'] }]);
    await service.close();
  });
});
