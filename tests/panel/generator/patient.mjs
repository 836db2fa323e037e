import { CAUSES, CRAMPS, SECOND_CAUSES } from './causes.mjs';
import { Chance } from './chance.mjs';
import { sessionsOf } from './dialysis.mjs';
import { laboratoryOf } from './laboratory-history.mjs';
import { TESTS } from './laboratory.mjs';
import { Writer } from './writer.mjs';

const STAGES = {
  '3a': { gfr: [46, 57], icd10: 'N18.31', snomed: '700378005', display: 'Chronic kidney disease stage 3A' },
  '3b': { gfr: [31, 43], icd10: 'N18.32', snomed: '700379002', display: 'Chronic kidney disease stage 3B' },
  4: { gfr: [16, 28], icd10: 'N18.4', snomed: '431857002', display: 'Chronic kidney disease stage 4' },
  5: { gfr: [9, 13], icd10: 'N18.5', snomed: '433146000', display: 'Chronic kidney disease stage 5' },
  haemodialysis: { gfr: [5, 9], icd10: 'N18.6', snomed: '46177005', display: 'End stage renal disease' },
  'peritoneal-dialysis': { gfr: [5, 9], icd10: 'N18.6', snomed: '46177005', display: 'End stage renal disease' },
};
const OTHER_CONDITIONS = [
  ['I10', 'Essential (primary) hypertension'],
  ['E78.5', 'Hyperlipidaemia, unspecified'],
  ['M17.9', 'Osteoarthritis of knee, unspecified'],
  ['H52.4', 'Presbyopia'],
  ['E11.9', 'Type 2 diabetes mellitus without complications'],
];
const OTHER_DRUGS = [
  { rxnorm: '17767', atc: 'C08CA01', name: 'amlodipine' },
  { rxnorm: '29046', atc: 'C09AA03', name: 'lisinopril' },
  { rxnorm: '6918', atc: 'C07AB02', name: 'metoprolol' },
  { rxnorm: '214824', atc: 'V03AE02', name: 'sevelamer' },
];
const DRAFTS = [
  { rxnorm: '5640', atc: 'M01AE01', name: 'ibuprofen' },
  { rxnorm: '4603', atc: 'C03CA01', name: 'furosemide' },
  { rxnorm: '161', atc: 'N02BE01', name: 'paracetamol' },
];
/** How a rule comes not to be met although the cause was planted. */
const SPOILS = ['missing', 'local code', 'unreadable unit'];

/**
 * The patient of this place in the panel: a FHIR collection Bundle, and the truth, which does not stand in it.
 *
 * @param options `seed`, `now` (ms), `resources` (about how many)
 */
export function generatedPatient(index, { seed, now, resources }) {
  const chance = Chance.ofPatient(seed, index);
  const id = `panel-${seed}-${String(index).padStart(7, '0')}`;
  const plan = planOf(chance);
  const writer = new Writer(id, now, chance);
  writePatient(writer, plan, chance);
  laboratoryOf(writer, plan, chance, resources);
  const bundle = {
    resourceType: 'Bundle',
    id,
    type: 'collection',
    timestamp: new Date(now).toISOString(),
    entry: writer.resources.map((resource) => ({ resource })),
  };
  const meets = plan.spoil === undefined ? plan.planted : plan.planted.slice(1);
  return { bundle, truth: { patient: id, stage: plan.stage, planted: plan.planted, meets } };
}

/** Stage, causes, and the newest value of every test. */
function planOf(chance) {
  const planted = plantedCauses(chance);
  const causes = planted.map((id) => CAUSES[id]);
  const stage = chance.pick(causes[0]?.stages ?? Object.keys(STAGES));
  const isDialysis = stage.endsWith('dialysis');
  const usual = Object.fromEntries(Object.entries(TESTS).map(([test, { normal }]) => [test, normal]));
  const labs = Object.assign(
    usual,
    { gfr: STAGES[stage].gfr },
    isDialysis ? { pth: [160, 420], creatinine: [5, 9], urea: [45, 70] } : {},
    ...causes.map((cause) => cause.labs ?? {}),
  );
  // On dialysis a PTH of several times the limit is what is expected.
  if (isDialysis && causes.some((cause) => cause.labs?.pth !== undefined)) labs.pth = [620, 900];
  const isSpoilt = causes[0]?.spoil !== undefined && chance.isTrue(0.12);
  return {
    planted,
    causes,
    stage,
    labs,
    isPlanted: new Set(causes.flatMap((cause) => Object.keys(cause.labs ?? {}))),
    spoil: isSpoilt ? { test: causes[0].spoil, how: chance.pick(SPOILS) } : undefined,
    hasCramp: !causes.some(({ noCramp }) => noCramp) && (planted.length > 0 || chance.isTrue(0.4)),
    isSi: chance.isTrue(0.4),
  };
}

function plantedCauses(chance) {
  if (chance.isTrue(0.15)) return [];
  const first = chance.pick(Object.keys(CAUSES));
  const { alone, noCramp, labs = {} } = CAUSES[first];
  if (alone || noCramp || !chance.isTrue(0.2)) return [first];
  const second = chance.pick(SECOND_CAUSES);
  const isFree = second !== first && Object.keys(CAUSES[second].labs).every((test) => labs[test] === undefined);
  return isFree ? [first, second] : [first];
}

function writePatient(writer, { causes, stage, hasCramp, labs }, chance) {
  writer.patient(chance.pick(['female', 'male']), chance.whole(1936, 1996));
  const { icd10, snomed, display } = STAGES[stage];
  writer.condition({ icd10, snomed, display }, chance.whole(300, 900));
  if (stage.endsWith('dialysis')) writer.condition({ icd10: 'Z99.2', display: 'Dependence on renal dialysis' }, 280);
  if (hasCramp) writeCondition(writer, chance.pick(CRAMPS), chance);
  for (const [code, name] of OTHER_CONDITIONS) {
    if (chance.isTrue(0.5)) writer.condition({ icd10: code, display: name }, chance.whole(100, 2000));
  }
  for (const cause of causes) writeCause(writer, cause, chance);
  for (const each of OTHER_DRUGS) if (chance.isTrue(0.6)) writer.order(each, chance.whole(20, 300), 'active');
  if (chance.isTrue(0.1)) writer.order(chance.pick(DRAFTS), 0, 'draft');
  const session = Object.assign({}, ...causes.map((cause) => cause.session ?? {}));
  sessionsOf(
    writer,
    stage,
    { ...session, dialysateCalcium: session.dialysateCalcium ?? labs.dialysateCalcium },
    chance,
  );
}

function writeCause(writer, { conditions = [], drugs = [], operation }, chance) {
  for (const each of conditions) writeCondition(writer, each, chance);
  for (const each of drugs) writer.order(each, chance.whole(...each.startedDaysAgo), 'active');
  if (operation !== undefined) writer.operation(chance.whole(...operation));
}

function writeCondition(writer, condition, chance) {
  writer.condition(condition, chance.whole(...condition.daysAgo));
}
