/**
 * What can be planted. `stages`: where the rule can be met. `labs`: newest values, in the first unit of the test.
 * `spoil`: the test whose newest result decides; without it the rule is not met.
 * Ranges keep clear of every limit, so that rounding in another unit cannot cross one.
 */
const DIALYSIS = ['haemodialysis', 'peritoneal-dialysis'];
const OFF_DIALYSIS = ['3a', '3b', '4', '5'];
const ADVANCED = ['4', '5'];
const EVERY = [...OFF_DIALYSIS, ...DIALYSIS];
const LOW_CALCIUM = [7.62, 7.88];

const drug = (rxnorm, atc, name, startedDaysAgo = [40, 200]) => ({ rxnorm, atc, name, startedDaysAgo });
const condition = (icd10, display, daysAgo) => ({ icd10, display, daysAgo });

const FUROSEMIDE = drug('4603', 'C03CA01', 'furosemide');
const ATORVASTATIN = drug('83367', 'C10AA05', 'atorvastatin');
const RESTLESS_LEGS = condition('G25.81', 'Restless legs syndrome', [10, 120]);

export const CAUSES = {
  'low-calcium-phosphate-retention': {
    stages: ['3b', '4', '5', ...DIALYSIS],
    labs: { calcium: LOW_CALCIUM, phosphate: [5.9, 7.4], pth: [110, 300] },
    spoil: 'calcium',
  },
  'low-calcium-low-active-vitamin-d': {
    stages: ADVANCED,
    labs: { calcium: LOW_CALCIUM, pth: [110, 300], vitaminD: [8, 17] },
    spoil: 'calcium',
  },
  'calcium-phosphate-imbalance': {
    stages: ['3b', '4', '5', 'peritoneal-dialysis'],
    labs: { phosphate: [5.9, 7.4] },
    spoil: 'phosphate',
    alone: true,
  },
  'loop-diuretic-calcium-loss': {
    stages: OFF_DIALYSIS,
    labs: { calcium: LOW_CALCIUM },
    drugs: [FUROSEMIDE],
    spoil: 'calcium',
  },
  'uraemic-toxins': {
    stages: ['5'],
    labs: { gfr: [8, 13], urea: [108, 140], creatinine: [6.2, 8] },
    spoil: 'urea',
    alone: true,
  },
  'intradialytic-hypotension': { stages: ['haemodialysis'], session: { during: [76, 87] } },
  'high-ultrafiltration': { stages: ['haemodialysis'], session: { rate: [14, 17] } },
  'volume-depletion': { stages: OFF_DIALYSIS, conditions: [condition('E86.0', 'Dehydration', [4, 20])] },
  'post-parathyroidectomy-hypocalcaemia': {
    stages: EVERY,
    labs: { calcium: LOW_CALCIUM },
    operation: [10, 90],
    spoil: 'calcium',
  },
  'calcimimetic-hypocalcaemia': {
    stages: DIALYSIS,
    labs: { calcium: LOW_CALCIUM },
    drugs: [drug('407990', 'H05BX01', 'cinacalcet')],
    spoil: 'calcium',
  },
  'antiresorptive-hypocalcaemia': {
    stages: EVERY,
    labs: { calcium: LOW_CALCIUM },
    drugs: [drug('993449', 'M05BX04', 'denosumab', [20, 120])],
    spoil: 'calcium',
  },
  'low-calcium-unclassified': { stages: EVERY, labs: { calcium: LOW_CALCIUM }, spoil: 'calcium', alone: true },
  hypomagnesaemia: { stages: EVERY, labs: { magnesium: [1.25, 1.5] }, spoil: 'magnesium' },
  hypokalaemia: { stages: EVERY, labs: { potassium: [2.6, 3.3] }, spoil: 'potassium' },
  hyponatraemia: { stages: OFF_DIALYSIS, labs: { sodium: [121, 128] }, spoil: 'sodium' },
  'metabolic-alkalosis': { stages: OFF_DIALYSIS, labs: { bicarbonate: [36, 39] }, spoil: 'bicarbonate' },
  'statin-myopathy': {
    stages: EVERY,
    labs: { creatineKinase: [320, 1500] },
    drugs: [ATORVASTATIN],
    spoil: 'creatineKinase',
  },
  'muscle-injury': { stages: EVERY, labs: { creatineKinase: [1300, 5000] }, spoil: 'creatineKinase' },
  'uraemic-rls': { stages: ['4', '5', ...DIALYSIS], conditions: [RESTLESS_LEGS], noCramp: true },
  'iron-deficiency-rls': {
    stages: OFF_DIALYSIS,
    labs: { ferritin: [20, 60], ironSaturation: [9, 17] },
    conditions: [RESTLESS_LEGS],
    noCramp: true,
    spoil: 'ferritin',
  },
  'rls-worsening-drug': {
    stages: EVERY,
    drugs: [drug('3498', 'R06AA02', 'diphenhydramine')],
    conditions: [RESTLESS_LEGS],
    noCramp: true,
  },
  'low-dialysate-calcium': { stages: ['haemodialysis'], session: { dialysateCalcium: [1.0, 1.2] } },
  'vitamin-d-deficiency': { stages: ['3a', '3b'], labs: { vitaminD: [6, 17] }, spoil: 'vitaminD' },
  hypothyroidism: { stages: EVERY, labs: { tsh: [13, 40] }, spoil: 'tsh' },
  'carnitine-deficiency': { stages: DIALYSIS, labs: { freeCarnitine: [9, 18] }, spoil: 'freeCarnitine' },
  'peripheral-artery-disease': {
    stages: EVERY,
    conditions: [condition('I73.9', 'Peripheral vascular disease, unspecified', [20, 150])],
  },
  'diuretic-exposure': { stages: OFF_DIALYSIS, drugs: [FUROSEMIDE], alone: true },
};

/** These go with any other cause: they neither explain one nor are explained, and two beside it still make three. */
export const SECOND_CAUSES = ['hypomagnesaemia', 'hypokalaemia', 'hypothyroidism', 'muscle-injury'];

export const CRAMPS = [
  condition('R25.2', 'Cramp and spasm', [3, 120]),
  condition('G47.62', 'Sleep related leg cramps', [3, 120]),
  condition('M62.838', 'Other muscle spasm', [3, 120]),
];
