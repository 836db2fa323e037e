import { afterEach, describe, expect, it } from '@jest/globals';
import { FOLDERS } from '../../../src/folders.js';
import type { PatientRecord } from '../../../src/patient-record.js';
import { type Evaluation, evaluate, evaluateRun, openRun } from '../../../src/reasoning/evaluate.js';
import { type Knowledge, loadKnowledge } from '../../../src/reasoning/knowledge.js';
import { type Moment, momentsIn } from '../../../src/reasoning/moment.js';
import { codesRetrieved, generatedCase } from '../../support/generated-record.js';
import { furosemide, kidneyPatient, NOW as KIDNEY_NOW } from '../../support/kidney-patient.js';
import { copyKnowledge, type KnowledgeCopy, throwingIn } from '../../support/knowledge-copy.js';
import { readRealPatients, realPatientsFolder, withCramp } from '../../support/real-patients.js';
import { NOW, readCases } from '../../vignettes/case-file.js';
import { resourcesOf } from '../../vignettes/hook-client.js';

const BATCHES = Array.from({ length: 10 }, (_, batch) => batch);
const RECORDS_PER_BATCH = 100;

const knowledge = loadKnowledge(FOLDERS);

function recordOf(
  resources: PatientRecord['resources'],
  patientId: string,
  draftsToJudge: string[] = [],
): PatientRecord {
  const patient = resources.find((resource) => resource.resourceType === 'Patient');
  if (patient === undefined) throw new Error('no patient');
  return { patientId, patient, resources, ordersInContext: draftsToJudge, draftsToJudge, gaps: [] };
}

/** What an evaluation says, apart from how it came about. */
function said({ findings, failed }: Evaluation) {
  return { findings, failed: failed.map(({ library }) => library) };
}

async function bothEngines(record: PatientRecord, moment: Moment, using: Knowledge = knowledge) {
  const compiled = await evaluate(using, record, moment);
  const reference = await evaluateRun(openRun(using, record, moment));
  return { compiled, reference };
}

async function expectTheSame(record: PatientRecord, moment: Moment): Promise<Evaluation> {
  const { compiled, reference } = await bothEngines(record, moment);
  expect(said(compiled)).toEqual(said(reference));
  expect(compiled.interpreted).toEqual([]);
  return compiled;
}

describe('the compiled knowledge', () => {
  it('is all of it', () => {
    expect([...knowledge.compiled.keys()]).toEqual([...knowledge.everyLibrary.keys()]);
    expect(knowledge.compiled.size).toBeGreaterThan(40);
  });

  it('finds what the interpreter finds in every vignette', async () => {
    const cases = readCases('tests/vignettes');
    const shown = new Set<string>();
    for (const { name, played } of cases) {
      const { record, drafts } = resourcesOf(played);
      const ids = drafts.map(({ id = '' }) => id);
      const { compiled, reference } = await bothEngines(
        recordOf([...record, ...drafts], played.patient.id, ids),
        momentsIn('UTC')(NOW),
      );
      expect({ name, ...said(compiled) }).toEqual({ name, ...said(reference) });
      expect(compiled.interpreted).toEqual([]);
      compiled.findings.forEach(({ library }) => shown.add(library));
    }
    // Every library had something to say somewhere.
    expect([...shown].sort()).toEqual([...knowledge.libraries.keys()].sort());
  });

  it.each(BATCHES)('finds what the interpreter finds in a hundred generated records (%d)', async (batch) => {
    const codes = codesRetrieved();
    const found = new Set<string>();
    for (let index = 0; index < RECORDS_PER_BATCH; index += 1) {
      const seed = batch * RECORDS_PER_BATCH + index;
      const { record, moment } = generatedCase(seed, codes);
      const { compiled, reference } = await bothEngines(record, moment);
      expect({ seed, ...said(compiled) }).toEqual({ seed, ...said(reference) });
      expect({ seed, interpreted: compiled.interpreted }).toEqual({ seed, interpreted: [] });
      compiled.findings.forEach(({ library }) => found.add(library));
    }
    // A generator that no rule speaks about would show nothing.
    expect(found.size).toBeGreaterThan(10);
  });
});

const folder = realPatientsFolder();
const describeReal = folder === undefined ? describe.skip : describe;

describeReal('the compiled knowledge on real patients (left out: REAL_PATIENTS names no folder)', () => {
  it.each(folder === undefined ? [] : readRealPatients(folder))(
    'finds what the interpreter finds: $file',
    async (patient) => {
      for (const zone of ['UTC', 'Asia/Kolkata', 'America/New_York']) {
        const evaluation = await expectTheSame(recordOf(withCramp(patient), patient.id), momentsIn(zone)(patient.now));
        expect(evaluation.findings).not.toEqual([]);
      }
    },
  );
});

let copy: KnowledgeCopy | undefined;
afterEach(() => {
  copy?.remove();
  copy = undefined;
});

describe('a library that throws', () => {
  const ill = recordOf([...kidneyPatient('p', { calcium: 7.8, phosphate: 6.2 }), furosemide('p')], 'p');
  const moment = momentsIn('UTC')(KIDNEY_NOW);

  it.each([
    ['LoopDiureticCalciumLoss', 'Finding'],
    ['MineralStatus', 'Phosphate'],
    ['CalciumStatus', 'Effective Grade'],
    ['CrampRecord', 'Potassium Results'],
    ['CrampThresholds', 'Low Potassium'],
    ['CrampPopulation', 'Has Cramp'],
  ])('costs no more compiled, where what cannot decide is not looked at: %s, %s', async (library, expression) => {
    copy = copyKnowledge();
    copy.edit('elm', `${library}.json`, throwingIn(expression));
    const damaged = loadKnowledge({ ...copy.folders, compiledElm: copy.compile() });
    expect(damaged.compiled.size).toBe(knowledge.compiled.size);
    const { compiled, reference } = await bothEngines(ill, moment, damaged);
    expect(compiled.interpreted).toEqual([]);
    const failed = ({ failed }: Evaluation) => failed.map(({ library: name }) => name);
    expect(failed(reference)).toEqual(expect.arrayContaining(failed(compiled)));
    expect(compiled.failed).not.toEqual([]);
    const answered = compiled.findings.filter(({ library: name }) => !failed(reference).includes(name));
    expect(answered).toEqual(reference.findings);
  });
});

describe('a library that cannot run compiled', () => {
  const ill = recordOf([...kidneyPatient('p', { calcium: 7.8, phosphate: 6.2 }), furosemide('p')], 'p');
  const moment = momentsIn('UTC')(KIDNEY_NOW);

  it('is interpreted, with what includes it, when its ELM is not the one it was compiled from', async () => {
    copy = copyKnowledge();
    copy.edit('elm', 'MineralStatus.json', (elm) => `${elm} `);
    const changed = loadKnowledge(copy.folders);
    const { findings, interpreted } = await evaluate(changed, ill, moment);
    expect(interpreted).toContain('LowCalciumPhosphateRetention');
    expect(interpreted).not.toContain('Hypokalaemia');
    expect(findings).toEqual((await evaluate(knowledge, ill, moment)).findings);
  });

  it('is interpreted, with what includes it, when it holds a node that the compiler does not know', async () => {
    copy = copyKnowledge();
    copy.edit('elm', 'MuscleEnzyme.json', withUnknownNode('Upper Normal'));
    const changed = loadKnowledge({ ...copy.folders, compiledElm: copy.compile() });
    const interpreted = [...knowledge.compiled.keys()].filter((name) => !changed.compiled.has(name));
    expect(interpreted).toEqual(expect.arrayContaining(['MuscleEnzyme', 'MuscleInjury', 'StatinMyopathy']));
    expect(interpreted).not.toContain('Hypokalaemia');
    const { compiled, reference } = await bothEngines(ill, moment, changed);
    expect(said(compiled)).toEqual(said(reference));
  });

  it('is interpreted as a whole when there is nothing compiled', async () => {
    const { compiledElm, ...plain } = FOLDERS;
    expect(compiledElm).toBeDefined();
    const interpretedOnly = loadKnowledge(plain);
    const { findings, interpreted } = await evaluate(interpretedOnly, ill, moment);
    expect(interpreted).toEqual([...knowledge.libraries.keys()]);
    expect(findings).toEqual((await evaluate(knowledge, ill, moment)).findings);
  });
});

/** ELM in which an expression is the absolute value of itself, which the interpreter knows and the compiler does not. */
function withUnknownNode(expression: string): (elm: string) => string {
  return (text) => {
    const elm: { library: { statements: { def: { name: string; expression?: object }[] } } } = JSON.parse(text);
    const statement = elm.library.statements.def.find(({ name }) => name === expression);
    if (statement?.expression === undefined) throw new Error(`There is no expression ${expression}.`);
    statement.expression = { type: 'Abs', operand: statement.expression };
    return JSON.stringify(elm);
  };
}
