import type { Analyte } from './analyte.js';
import { scene, sceneWithout, SESSION } from './scenes.js';

export const CALCIUM: Analyte[] = [
  {
    name: 'calcium',
    codes: ['17861-6', '2000-8', '49765-1', '1996-8'],
    refusedCodes: ['51950-4', '59148-7', '34907-6', '18281-6'],
    written: [
      [8.3, 'mg/dL'],
      [2.09, 'mmol/L'],
      [4.1, 'meq/L'],
    ],
    refusedUnit: 'mg/L',
    around: scene({}),
    read: 'low-calcium-unclassified 45', // mild 35 + 10
    unread: 'absent',
    settling: ['<', 8.4],
    open: ['<', 8.5],
    duringDialysis: 'left out',
  },
  {
    name: 'ionised calcium',
    codes: ['1995-0', '17863-2', '17864-0', '38230-9', '12180-6', '1994-3', '47596-2', '41645-3', '34581-9', '41644-6'],
    refusedCodes: ['13959-2', '83064-6'],
    written: [
      [1.11, 'mmol/L'],
      [4.4, 'mg/dL'],
      [2.22, 'meq/L'],
    ],
    refusedUnit: 'g/L',
    around: scene({}),
    read: 'low-calcium-unclassified 50', // mild 35 + ionised 5 + 10
    unread: 'absent',
    settling: ['<', 1.12],
    open: ['<', 1.13],
    duringDialysis: 'left out',
  },
  {
    name: 'ionised calcium at pH 7.4',
    codes: ['19072-8', '57333-7', '59473-9', '47598-8', '53140-0'],
    written: [
      [1.11, 'mmol/L'],
      [4.4, 'mg/dL'],
      [2.22, 'meq/L'],
    ],
    refusedUnit: 'g/L',
    around: scene({}),
    read: 'low-calcium-unclassified 50',
    unread: 'absent',
    settling: ['<', 1.12],
    open: ['<', 1.13],
    duringDialysis: 'left out',
  },
  {
    name: 'corrected calcium (as reported)',
    codes: ['46099-8', '29265-6'],
    refusedCodes: ['34907-6', '18281-6'],
    written: [
      [8.3, 'mg/dL'],
      [2.09, 'mmol/L'],
      [4.1, 'meq/L'],
    ],
    refusedUnit: 'mg/L',
    around: sceneWithout('calcium'),
    read: 'low-calcium-unclassified 45', // without the loss of 10
    unread: 'absent',
    settling: ['<', 8.4],
    open: ['<', 8.5],
    duringDialysis: 'left out',
  },
  {
    name: 'albumin',
    codes: ['1751-7', '61151-7', '61152-5', '2862-1'],
    refusedCodes: ['54347-0'],
    written: [
      [3.8, 'g/dL'],
      [38, 'g/L'],
    ],
    refusedUnit: 'mmol/L',
    around: sceneWithout('albumin', { calcium: 8 }),
    read: 'low-calcium-unclassified 45', // 8.0 corrected to 8.2: mild 35 + 10
    unread: 'low-calcium-unclassified 35', // the same, 10 less without albumin
    open: ['<', 3.8],
    duringDialysis: 'read',
  },
  {
    name: 'dialysate calcium',
    codes: ['1998-4', '27373-0', '46093-1'],
    written: [
      [1.24, 'mmol/L'],
      [4.9, 'mg/dL'],
      [2.4, 'meq/L'],
    ],
    refusedUnit: 'g/L',
    around: scene({}, SESSION),
    part: 'session',
    read: 'low-dialysate-calcium 30',
    unread: 'absent',
    settling: ['<', 1.25],
    open: ['<', 1.26],
    duringDialysis: 'read',
  },
];

export const ELECTROLYTES: Analyte[] = [
  {
    name: 'phosphate',
    codes: ['2777-1', '14879-1'],
    written: [
      [4.6, 'mg/dL'],
      [1.46, 'mmol/L'],
    ],
    refusedUnit: 'meq/L',
    around: scene({ calcium: 8.3 }),
    read: 'low-calcium-phosphate-retention 65', // 35 + 30
    unread: 'absent',
    settling: ['>', 4.5],
    open: ['>', 4.4],
    duringDialysis: 'left out',
  },
  {
    name: 'magnesium',
    codes: ['19123-9', '2601-3', '21377-7'],
    written: [
      [1.6, 'mg/dL'],
      [0.69, 'mmol/L'],
      [1.3, 'meq/L'],
    ],
    refusedUnit: 'mg/L',
    around: scene({}),
    read: 'hypomagnesaemia 50',
    unread: 'absent',
    settling: ['<', 1.7],
    open: ['<', 1.8],
    duringDialysis: 'left out',
  },
  {
    name: 'potassium',
    codes: ['2823-3', '6298-4'],
    written: [
      [3.4, 'mmol/L'],
      [3.4, 'meq/L'],
    ],
    refusedUnit: 'mg/dL',
    around: scene({}),
    read: 'hypokalaemia 45',
    unread: 'absent',
    settling: ['<', 3.5],
    open: ['<', 3.6],
    duringDialysis: 'left out',
  },
  {
    name: 'sodium',
    codes: ['2951-2', '2947-0'],
    written: [
      [129, 'mmol/L'],
      [129, 'meq/L'],
    ],
    refusedUnit: 'mg/dL',
    around: scene({}),
    read: 'hyponatraemia 45',
    unread: 'absent',
    settling: ['<', 130],
    open: ['<', 136],
    duringDialysis: 'read',
  },
  {
    name: 'bicarbonate',
    codes: ['1963-8', '2028-9', '1959-6', '14627-4'],
    written: [
      [35, 'mmol/L'],
      [35, 'meq/L'],
    ],
    refusedUnit: 'mg/dL',
    around: scene({}),
    read: 'metabolic-alkalosis 40',
    unread: 'absent',
    settling: ['>', 35],
    open: ['>', 29],
    duringDialysis: 'left out',
  },
];
