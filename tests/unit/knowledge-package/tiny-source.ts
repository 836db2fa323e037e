import { join } from 'node:path';
import { parseText } from '../../../src/cards/template-text.js';
import type { PackageSource } from '../../../src/knowledge-package/package-source.js';
import { readPolicy } from '../../../src/policy.js';

const CQL = `// Magnesium is low.
library LowMagnesium version '0.0.1'

using FHIR version '4.0.1'

include Record version '0.0.1' called Record
`;

/** A library with a finding, and the one it includes, which alone retrieves. */
const ELM = {
  LowMagnesium: {
    library: {
      identifier: { id: 'LowMagnesium' },
      includes: { def: [{ localIdentifier: 'Record', path: 'Record' }] },
      statements: {
        def: [
          {
            name: 'Finding',
            expression: {
              type: 'Tuple',
              element: [
                { name: 'kind', value: { type: 'Literal', value: 'cause' } },
                { name: 'points', value: { type: 'ExpressionRef', name: 'Magnesium', libraryName: 'Record' } },
              ],
            },
          },
        ],
      },
    },
  },
  Record: {
    library: {
      identifier: { id: 'Record' },
      valueSets: {
        def: [
          { name: 'Magnesium', id: 'https://renal-cramp-cds.org/ValueSet/magnesium' },
          { name: 'Potassium', id: 'https://renal-cramp-cds.org/ValueSet/potassium' },
        ],
      },
      parameters: { def: [{ name: 'Drafts To Judge' }] },
      statements: {
        def: ['Magnesium', 'Potassium'].map((name) => ({
          name,
          expression: {
            type: 'Retrieve',
            dataType: '{http://hl7.org/fhir}Observation',
            codeProperty: 'code',
            codes: { type: 'ValueSetRef', name },
          },
        })),
      },
    },
  },
};

const set = (id: string, system: string, codes: string[], more: object = {}) => ({
  resourceType: 'ValueSet',
  id,
  url: 'https://renal-cramp-cds.org/ValueSet/magnesium',
  name: 'Magnesium',
  title: 'Magnesium',
  description: `Codes of ${system}.`,
  copyright: `Of ${system}.`,
  compose: { include: [{ system, concept: codes.map((code) => ({ code })) }] },
  ...more,
});

export const tinySource: PackageSource = {
  version: '1.2.3',
  date: '2026-05-17',
  cql: new Map([
    ['LowMagnesium', CQL],
    ['Record', "library Record version '1.2.3'\n"],
  ]),
  elm: new Map(Object.entries(ELM).map(([name, elm]) => [name, JSON.stringify(elm)])),
  valueSets: [
    set('magnesium', 'http://loinc.org', ['19123-9', '2601-3']),
    set('magnesium-snomed-ct', 'http://snomed.info/sct', ['38151008'], { name: 'MagnesiumSnomedCt' }),
  ],
  templates: new Map([
    [
      'LowMagnesium',
      {
        library: 'LowMagnesium',
        title: 'Low magnesium',
        summaries: [parseText('{{lead}}: low magnesium {{magnesium}}')],
        sections: { 'can-be-done': [], 'not-suggested': [], evidence: [] },
      },
    ],
  ]),
  policy: readPolicy(join(import.meta.dirname, '../../../cards/policy.yaml')),
  services: [{ id: 'renal-cramps-patient-view', hook: 'patient-view' }],
  queries: [{ resourceType: 'Patient', template: 'Patient/{{context.patientId}}' }],
};
