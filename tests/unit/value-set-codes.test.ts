import { describe, expect, it } from '@jest/globals';
import {
  all,
  ATC,
  codesOf,
  codings,
  ICD_10_CM,
  ICD_9_CM,
  INGREDIENT_NAME,
  LOINC,
  open,
  RXNORM,
  SNOMED,
} from '../support/value-sets.js';

/** Group of the query that fetches the results, and how many days back a result is still used. */
const FETCHED: Record<string, [group: string, lookBackDays: string]> = {
  'Total Calcium': ['labs', '90'],
  'Ionised Calcium': ['labs', '30'],
  'Ionised Calcium At pH 7.4': ['labs', '30'],
  Albumin: ['labs', '90'],
  Phosphate: ['labs', '90'],
  Magnesium: ['labs', '90'],
  Potassium: ['labs', '30'],
  Sodium: ['labs', '30'],
  Bicarbonate: ['labs', '30'],
  Creatinine: ['labs', '30'],
  'Estimated GFR': ['labs', '365'],
  'Urea Nitrogen': ['labs', '30'],
  Urea: ['labs', '30'],
  'Creatine Kinase': ['labs', '30'],
  'Corrected Calcium': ['labsSlow', '90'],
  PTH: ['labsSlow', '180'],
  '25-OH Vitamin D': ['labsSlow', '365'],
  '1,25-OH2 Vitamin D': ['labsSlow', '365'],
  Ferritin: ['labsSlow', '180'],
  'Transferrin Saturation': ['labsSlow', '180'],
  TSH: ['labsSlow', '365'],
  'Free Carnitine': ['labsSlow', '180'],
  QTc: ['labsSlow', '30'],
  'Pregnancy Status': ['labsSlow', '42'],
  'Blood Pressure': ['bedside', '14'],
  'Systolic Blood Pressure': ['bedside', '14'],
  'Systolic Blood Pressure Sitting Or Lying': ['bedside', '14'],
  'Systolic Blood Pressure Standing': ['bedside', '14'],
  'Body Weight': ['bedside', '90'],
  'Weight After Dialysis': ['bedside', '14'],
  'Dry Weight': ['bedside', '90'],
  'Dialysate Calcium': ['bedside', '14'],
  'Ultrafiltration Volume': ['bedside', '14'],
  'Ultrafiltration Rate': ['bedside', '14'],
  'Cramp Symptom Observation': ['bedside', '30'],
  'Restless Legs Symptom Observation': ['bedside', '30'],
};

describe('value sets of results', () => {
  it('say which query fetches them and how far back they are used; no other set does', () => {
    const tagged = open.filter(({ valueSet }) => valueSet.meta !== undefined);
    const said = tagged.map(({ valueSet }) => [valueSet.title, valueSet.meta?.tag.map(({ code }) => code)]);
    expect(Object.fromEntries(said)).toEqual(FETCHED);
    for (const { valueSet } of tagged) {
      const systems = valueSet.meta?.tag.map(({ system }) => system);
      expect(systems).toEqual(['urn:renal-cramp-cds:prefetch-group', 'urn:renal-cramp-cds:look-back-days']);
    }
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
