/**
 * The tests of a made-up laboratory: LOINC code, what is normal in kidney disease, and the units it reports in, each with
 * its factor from the first, its decimals, and the spellings that are met for it.
 */
const perDecilitre = (decimals, name = 'mg/dL') => ({
  code: name,
  factor: 1,
  decimals,
  spellings: [name, name, name.toLowerCase()],
});
const molar = (factor, decimals, name = 'mmol/L') => ({
  code: name,
  factor,
  decimals,
  spellings: [name, name, name.toLowerCase()],
});
const charged = { code: 'meq/L', factor: 1, decimals: 1, spellings: ['mEq/L', 'meq/L'] };
const only = (code, decimals, ...spellings) => ({ code, factor: 1, decimals, spellings: [code, ...spellings] });

const ELECTROLYTE = { conventional: charged, si: only('mmol/L', 1) };

export const TESTS = {
  calcium: {
    loinc: '17861-6',
    name: 'Calcium',
    normal: [9.0, 9.7],
    conventional: perDecilitre(1),
    si: molar(0.2495, 2),
  },
  albumin: {
    loinc: '1751-7',
    name: 'Albumin',
    normal: [4.1, 4.5],
    conventional: perDecilitre(1, 'g/dL'),
    si: molar(10, 0, 'g/L'),
  },
  phosphate: {
    loinc: '2777-1',
    name: 'Phosphate',
    normal: [3.0, 4.2],
    conventional: perDecilitre(1),
    si: molar(0.3229, 2),
  },
  magnesium: {
    loinc: '19123-9',
    name: 'Magnesium',
    normal: [1.9, 2.2],
    conventional: perDecilitre(1),
    si: molar(0.4114, 2),
  },
  potassium: { loinc: '2823-3', name: 'Potassium', normal: [4.0, 5.0], ...ELECTROLYTE },
  sodium: {
    loinc: '2951-2',
    name: 'Sodium',
    normal: [137, 142],
    conventional: { ...charged, decimals: 0 },
    si: only('mmol/L', 0),
  },
  bicarbonate: {
    loinc: '1963-8',
    name: 'Bicarbonate',
    normal: [22, 26],
    conventional: { ...charged, decimals: 0 },
    si: only('mmol/L', 0),
  },
  gfr: {
    loinc: '98979-8',
    name: 'eGFR',
    normal: [45, 55],
    conventional: only('mL/min/{1.73_m2}', 0, 'mL/min/1.73m2'),
    si: only('mL/min/{1.73_m2}', 0),
  },
  creatinine: {
    loinc: '2160-0',
    siLoinc: '14682-9',
    name: 'Creatinine',
    normal: [2.2, 2.8],
    conventional: perDecilitre(2),
    si: molar(88.4, 0, 'umol/L'),
  },
  urea: {
    loinc: '3094-0',
    siLoinc: '22664-7',
    name: 'Urea',
    normal: [30, 42],
    conventional: perDecilitre(0),
    si: molar(0.357, 1),
  },
  pth: {
    loinc: '2731-8',
    name: 'PTH',
    normal: [25, 58],
    conventional: only('pg/mL', 0, 'ng/L'),
    si: molar(0.106, 1, 'pmol/L'),
  },
  vitaminD: {
    loinc: '62292-8',
    name: '25-OH vitamin D',
    normal: [28, 45],
    conventional: only('ng/mL', 0, 'ug/L'),
    si: molar(2.496, 0, 'nmol/L'),
  },
  creatineKinase: {
    loinc: '2157-6',
    name: 'Creatine kinase',
    normal: [50, 150],
    conventional: only('U/L', 0, 'IU/L'),
    si: only('U/L', 0),
  },
  tsh: {
    loinc: '3016-3',
    name: 'TSH',
    normal: [1, 4],
    conventional: only('m[IU]/L', 1, 'mIU/L', 'uIU/mL'),
    si: only('m[IU]/L', 1),
  },
  ferritin: {
    loinc: '2276-4',
    name: 'Ferritin',
    normal: [260, 480],
    conventional: only('ng/mL', 0),
    si: only('ug/L', 0),
  },
  ironSaturation: {
    loinc: '2502-3',
    name: 'Transferrin saturation',
    normal: [24, 34],
    conventional: only('%', 0),
    si: only('%', 0),
  },
  haemoglobin: {
    loinc: '718-7',
    name: 'Haemoglobin',
    normal: [10.2, 12.4],
    conventional: only('g/dL', 1),
    si: molar(10, 0, 'g/L'),
  },
  glucose: { loinc: '2345-7', name: 'Glucose', normal: [84, 140], conventional: perDecilitre(0), si: molar(0.0555, 1) },
  freeCarnitine: {
    loinc: '14286-9',
    name: 'Free carnitine',
    normal: [26, 44],
    conventional: only('umol/L', 0),
    si: only('umol/L', 0),
  },
  dialysateCalcium: {
    loinc: '1998-4',
    name: 'Dialysate calcium',
    normal: [1.25, 1.5],
    conventional: only('mmol/L', 2),
    si: only('mmol/L', 2),
  },
};

/** How often each is done, in days; the rarer ones reach back further than they count. */
export const ROUTINE = {
  calcium: 14,
  albumin: 14,
  phosphate: 14,
  magnesium: 25,
  potassium: 10,
  sodium: 10,
  bicarbonate: 12,
  gfr: 30,
  creatinine: 12,
  urea: 12,
  pth: 80,
  vitaminD: 150,
  creatineKinase: 28,
  tsh: 170,
  ferritin: 75,
  ironSaturation: 75,
  haemoglobin: 12,
  glucose: 12,
};
