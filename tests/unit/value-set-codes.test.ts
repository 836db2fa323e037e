import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  all,
  ATC,
  codesOf,
  codings,
  FOLDER,
  ICD_10_CM,
  ICD_9_CM,
  INGREDIENT_NAME,
  LOINC,
  open,
  RXNORM,
  SNOMED,
} from '../support/value-sets.js';

/** Group of the query that fetches the results, and the threshold that says how many days back a result is still used. */
const FETCHED: Record<string, [group: string, lookBack: string]> = {
  'Total Calcium': ['labs', 'Calcium Look-Back'],
  'Ionised Calcium': ['labs', 'Ionised Calcium Look-Back'],
  'Ionised Calcium At pH 7.4': ['labs', 'Ionised Calcium Look-Back'],
  'Calcium After Dialysis': ['labsSlow', 'Calcium Look-Back'],
  Albumin: ['labs', 'Calcium Look-Back'],
  Phosphate: ['labs', 'Calcium Look-Back'],
  Magnesium: ['labs', 'Calcium Look-Back'],
  Potassium: ['labs', 'Electrolyte Look-Back'],
  Sodium: ['labs', 'Electrolyte Look-Back'],
  Bicarbonate: ['labs', 'Electrolyte Look-Back'],
  Creatinine: ['labs', 'Electrolyte Look-Back'],
  'Estimated GFR': ['labs', 'Vitamin D Look-Back'],
  'Urea Nitrogen': ['labs', 'Electrolyte Look-Back'],
  Urea: ['labs', 'Electrolyte Look-Back'],
  'Creatine Kinase': ['labs', 'Electrolyte Look-Back'],
  'Corrected Calcium': ['labsSlow', 'Calcium Look-Back'],
  PTH: ['labsSlow', 'PTH Look-Back'],
  '25-OH Vitamin D': ['labsSlow', 'Vitamin D Look-Back'],
  '1,25-OH2 Vitamin D': ['labsSlow', 'Vitamin D Look-Back'],
  Ferritin: ['labsSlow', 'Iron Look-Back'],
  'Transferrin Saturation': ['labsSlow', 'Iron Look-Back'],
  TSH: ['labsSlow', 'Vitamin D Look-Back'],
  'Free Carnitine': ['labsSlow', 'Iron Look-Back'],
  QTc: ['labsSlow', 'QTc Look-Back'],
  'Pregnancy Status': ['labsSlow', 'Pregnancy Look-Back'],
  'Blood Pressure': ['bedside', 'Bedside Look-Back'],
  'Systolic Blood Pressure': ['bedside', 'Bedside Look-Back'],
  'Systolic Blood Pressure Sitting Or Lying': ['bedside', 'Bedside Look-Back'],
  'Systolic Blood Pressure Standing': ['bedside', 'Bedside Look-Back'],
  'Body Weight': ['bedside', 'Body Weight Look-Back'],
  'Weight After Dialysis': ['bedside', 'Bedside Look-Back'],
  'Dry Weight': ['bedside', 'Dry Weight Look-Back'],
  'Dialysate Calcium': ['bedside', 'Bedside Look-Back'],
  'Ultrafiltration Volume': ['bedside', 'Bedside Look-Back'],
  'Ultrafiltration Rate': ['bedside', 'Bedside Look-Back'],
  'Cramp Symptom Observation': ['bedside', 'Symptom Observation Look-Back'],
  'Restless Legs Symptom Observation': ['bedside', 'Symptom Observation Look-Back'],
};

const CQL_FOLDER = join(FOLDER, '..');
const CQL = readdirSync(CQL_FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.cql'))
  .map((file) => readFileSync(join(CQL_FOLDER, file), 'utf8'))
  .join('\n');

/** The number of days a threshold of CrampThresholds.cql stands for. */
function daysOf(lookBack: string): string {
  const days = new RegExp(`^define "${lookBack}": (\\d+)`, 'm').exec(CQL)?.[1];
  if (days === undefined) throw new Error(`The thresholds have no "${lookBack}".`);
  return days;
}

/** The value set whose Observations a list of results is made of. */
function setsOf(results: string): string[] {
  const from = new RegExp(`^define "${results}": "Results"\\('[^']*', \\[Observation: code in Codes."([^"]+)"`, 'm');
  return from.exec(CQL)?.slice(1) ?? [];
}

describe('value sets of results', () => {
  it('say which query fetches them and how far back they are used; no other set does', () => {
    const tagged = open.filter(({ valueSet }) => valueSet.meta !== undefined);
    const said = tagged.map(({ valueSet }) => [valueSet.title, valueSet.meta?.tag.map(({ code }) => code)]);
    const expected = Object.entries(FETCHED).map(([title, [group, lookBack]]) => [title, [group, daysOf(lookBack)]]);
    expect(Object.fromEntries(said)).toEqual(Object.fromEntries(expected));
    for (const { valueSet } of tagged) {
      const systems = valueSet.meta?.tag.map(({ system }) => system);
      expect(systems).toEqual(['urn:renal-cramp-cds:prefetch-group', 'urn:renal-cramp-cds:look-back-days']);
    }
  });

  it('are used no further back than they are fetched', () => {
    const uses = [
      ...CQL.matchAll(/"(?:Latest|Unread|Unread Beside)"\((?:\w+\.)?"([^"]+)", (?:\w+\.)?"([^"]+) Window"/g),
    ];
    const windows = uses.flatMap(([, results, window]) => setsOf(results!).map((title) => [title, window!] as const));
    expect(new Set(windows.map(([title]) => title)).size).toBeGreaterThan(20);
    const farther = windows.filter(
      ([title, window]) => Number(daysOf(`${window} Look-Back`)) > Number(daysOf(FETCHED[title]![1])),
    );
    expect(farther).toEqual([]);
  });

  it('hold the two equations of 2021 that win over others of the same day', () => {
    expect(codesOf('Estimated GFR', LOINC)).toEqual(expect.arrayContaining(['98979-8', '98980-6']));
  });

  it('keep urea apart from urea nitrogen', () => {
    expect(codesOf('Urea', LOINC)).toEqual(['22664-7', '3091-6']);
    expect(codesOf('Urea Nitrogen', LOINC)).toEqual(['3094-0', '6299-2', '14937-7']);
  });

  it('keep calcium adjusted to pH 7.4 apart from calcium at the actual pH', () => {
    const actual = codesOf('Ionised Calcium', LOINC);
    expect(codesOf('Ionised Calcium At pH 7.4', LOINC).filter((code) => actual.includes(code))).toEqual([]);
  });
});

describe('value sets of conditions', () => {
  it('count every tetany as a cramp', () => {
    for (const system of [ICD_10_CM, ICD_9_CM, SNOMED]) {
      expect(codesOf('Muscle Cramp', system)).toEqual(expect.arrayContaining(codesOf('Tetany', system)));
    }
  });

  it('put no kidney disease code in two stages', () => {
    const stages = open.filter(({ file }) => file.startsWith('ckd-stage')).map(({ valueSet }) => valueSet.title);
    const codes = [ICD_10_CM, ICD_9_CM, SNOMED].flatMap((system) => stages.flatMap((title) => codesOf(title, system)));
    expect(stages).toHaveLength(8);
    expect(codes).toHaveLength(new Set(codes).size);
  });

  it('take no acute kidney injury for chronic kidney disease', () => {
    expect(codesOf('CKD Stage Unknown', ICD_10_CM)).not.toContain('N17.9');
    expect(codesOf('Acute Kidney Injury', ICD_10_CM)).toEqual(['N17.0', 'N17.1', 'N17.2', 'N17.8', 'N17.9']);
  });
});

describe('value sets of drugs', () => {
  const names = all.flatMap(({ valueSet }) => codings(valueSet).filter(({ system }) => system === INGREDIENT_NAME));

  it.each(['calcium', 'magnesium', 'potassium', 'sodium', 'carbonate', 'acetate', 'citrate', 'gluconate', 'sulfate'])(
    'never take the salt or counter-ion %s for a drug',
    (word) => {
      expect(names.filter(({ code }) => code === word)).toEqual([]);
    },
  );

  it.each([
    ['Loop Diuretic', ['furosemide', 'frusemide', 'torsemide', 'torasemide']],
    ['Thiazide Diuretic', ['chlorthalidone', 'chlortalidone', 'bendroflumethiazide', 'bendrofluazide']],
    ['Calcineurin Inhibitor', ['ciclosporin', 'cyclosporine']],
    ['NSAID', ['indomethacin', 'indometacin']],
    ['Oral Bisphosphonate', ['alendronate', 'alendronic acid']],
  ])('know the British and American names of the %s set', (title, expected) => {
    expect(codesOf(title, INGREDIENT_NAME)).toEqual(expect.arrayContaining(expected));
  });

  it('hold no ointment, gel, eye or nasal product, and no animal drug', () => {
    const displays = all.flatMap(({ valueSet }) => codings(valueSet).filter(({ system }) => system === RXNORM));
    expect(
      displays.filter(({ display }) => /topical|ointment| gel\b|ophthalmic|nasal|disal|salix|upcard/i.test(display)),
    ).toEqual([]);
  });

  it('give no denosumab of another strength than 60 mg', () => {
    expect(codesOf('Denosumab 60 mg', RXNORM)).toEqual(['993449', '993452', '993456']);
  });

  it('leave injected calcium out of the oral calcium salts', () => {
    const codes = [RXNORM, ATC, INGREDIENT_NAME].flatMap((system) => codesOf('Oral Calcium Salt', system));
    const injected = ['1908', '1901', 'A12AA03', 'A12AA07', 'calcium gluconate', 'calcium chloride'];
    expect(codes.filter((code) => injected.includes(code))).toEqual([]);
  });
});
