/** One analyte of the plots; its codes come from the service, by the names of value sets. */
export interface Analyte {
  name: string;
  /** Names of value sets. */
  sets: readonly string[];
  /** Shown also without a result: its absence matters. */
  always: boolean;
  /** mEq/L and mmol/L are the same. */
  monovalent?: true;
}

/** The rows, in their fixed order. To add one: a line here, naming the value sets whose results it draws. */
export const ANALYTES: readonly Analyte[] = [
  { name: 'Calcium, ionised', sets: ['ionised-calcium', 'ionised-calcium-at-ph-7-4'], always: true },
  { name: 'Calcium, total', sets: ['total-calcium'], always: true },
  { name: 'Calcium, corrected', sets: ['corrected-calcium'], always: false },
  { name: 'Albumin', sets: ['albumin'], always: false },
  { name: 'Phosphate', sets: ['phosphate'], always: true },
  { name: 'PTH', sets: ['pth'], always: true },
  { name: '25-OH vitamin D', sets: ['25-oh-vitamin-d'], always: true },
  { name: 'Magnesium', sets: ['magnesium'], always: true },
  { name: 'Potassium', sets: ['potassium'], always: true, monovalent: true },
  { name: 'Sodium', sets: ['sodium'], always: false, monovalent: true },
  { name: 'Bicarbonate', sets: ['bicarbonate'], always: false, monovalent: true },
  { name: 'eGFR', sets: ['estimated-gfr'], always: false },
  {
    name: 'Systolic blood pressure',
    sets: [
      'systolic-blood-pressure',
      'systolic-blood-pressure-sitting-or-lying',
      'systolic-blood-pressure-standing',
      'blood-pressure',
    ],
    always: false,
  },
  { name: 'Ultrafiltration volume', sets: ['ultrafiltration-volume'], always: false },
  { name: 'Ultrafiltration rate', sets: ['ultrafiltration-rate'], always: false },
  { name: 'Creatine kinase', sets: ['creatine-kinase'], always: false },
  { name: 'Ferritin', sets: ['ferritin'], always: false },
  { name: 'Transferrin saturation', sets: ['transferrin-saturation'], always: false },
  { name: 'TSH', sets: ['tsh'], always: false },
];
