import { describe, expect, it } from '@jest/globals';
import type { FhirResource, Observation } from 'fhir/r4.js';
import {
  prefetchQueries,
  prefetchTemplates,
  reachesBeyondLookBack,
} from '../../../src/patient-data/prefetch-templates.js';
import type { DataRequirement } from '../../../src/patient-record.js';

const everything: DataRequirement[] = [
  { resourceType: 'Patient', codes: [] },
  { resourceType: 'Encounter', codes: [] },
  { resourceType: 'Condition', codes: ['N18.5'], lookBackDays: 10 },
  { resourceType: 'Procedure', codes: ['302497006', '90935'] },
  { resourceType: 'MedicationRequest', codes: ['4603'] },
  { resourceType: 'MedicationStatement', codes: ['4603'] },
  { resourceType: 'MedicationAdministration', codes: ['4603'] },
  { resourceType: 'Observation', group: 'bedside', codes: ['8480-6', 'uf-volume'], lookBackDays: 14 },
  { resourceType: 'Observation', group: 'labs', codes: ['17861-6', '2777-1', '17861-6'], lookBackDays: 180 },
  { resourceType: 'Observation', group: 'labsSlow', codes: ['2731-8'], lookBackDays: 365 },
];

describe('prefetch templates', () => {
  it('are the ten queries of discovery, in this order, with bare codes', () => {
    expect(Object.entries(prefetchTemplates(everything))).toEqual([
      ['patient', 'Patient/{{context.patientId}}'],
      ['conditions', 'Condition?patient={{context.patientId}}&_count=500'],
      ['labs', 'Observation?patient={{context.patientId}}&code=17861-6,2777-1&_sort=-date&_count=200'],
      ['labsSlow', 'Observation?patient={{context.patientId}}&code=2731-8&_sort=-date&_count=100'],
      ['bedside', 'Observation?patient={{context.patientId}}&code=8480-6,uf-volume&_sort=-date&_count=200'],
      [
        'medications',
        'MedicationRequest?patient={{context.patientId}}&status=active,completed,stopped&_sort=-authoredon&_count=200',
      ],
      ['statements', 'MedicationStatement?patient={{context.patientId}}&status=active,completed&_count=200'],
      [
        'administrations',
        'MedicationAdministration?patient={{context.patientId}}&status=in-progress,completed&_sort=-effective-time&_count=100',
      ],
      ['procedures', 'Procedure?patient={{context.patientId}}&code=302497006,90935&_sort=-date&_count=100'],
      ['encounters', 'Encounter?patient={{context.patientId}}&status=in-progress&_count=5'],
    ]);
  });

  it('name no parameter twice', () => {
    for (const template of Object.values(prefetchTemplates(everything))) {
      const names = [...new URLSearchParams(template.split('?')[1] ?? '').keys()];
      expect(names).toEqual([...new Set(names)]);
    }
  });

  it('leave out what the knowledge does not retrieve, but always ask for the patient', () => {
    expect(prefetchTemplates([{ resourceType: 'Encounter', codes: [] }])).toEqual({
      patient: 'Patient/{{context.patientId}}',
      encounters: 'Encounter?patient={{context.patientId}}&status=in-progress&_count=5',
    });
  });

  it('ask for the whole type when one retrieve has no codes', () => {
    const procedures = [
      { resourceType: 'Procedure', codes: ['90935'] },
      { resourceType: 'Procedure', codes: [] },
    ];
    expect(prefetchTemplates(procedures)['procedures']).toBe(
      'Procedure?patient={{context.patientId}}&_sort=-date&_count=100',
    );
  });

  it('escape a code that would change the query', () => {
    const labs = [{ resourceType: 'Observation', group: 'labs', codes: ['a,b', 'c&d', '{{x}}'] }];
    expect(prefetchTemplates(labs)['labs']).toBe(
      'Observation?patient={{context.patientId}}&code=a%5C%2Cb,c%26d,%7B%7Bx%7D%7D&_sort=-date&_count=200',
    );
  });

  it.each([
    ['a type without a template', { resourceType: 'Immunization', codes: [] }],
    ['an Observation outside the groups', { resourceType: 'Observation', codes: ['1-1'] }],
    ['an Observation of an unknown group', { resourceType: 'Observation', group: 'yearly', codes: ['1-1'] }],
  ])('stop the start for %s', (_, requirement) => {
    expect(() => prefetchTemplates([requirement])).toThrow(
      expect.objectContaining({ code: 'invalid-knowledge', message: 'A retrieve is not covered by prefetch.' }),
    );
  });

  it('do not ask for service requests, which come with the context or by callback', () => {
    expect(Object.keys(prefetchTemplates([{ resourceType: 'ServiceRequest', codes: [] }]))).toEqual(['patient']);
  });

  it('tell gather the type, whether it is essential, and the longest look-back of sorted queries alone', () => {
    const queries = prefetchQueries([
      ...everything,
      { resourceType: 'Observation', group: 'labs', codes: ['1995-0'], lookBackDays: 400 },
      { resourceType: 'MedicationStatement', codes: [], lookBackDays: 30 },
    ]);
    const facts = queries.map(({ key, resourceType, essential, lookBackDays }) => [
      key,
      resourceType,
      essential,
      lookBackDays,
    ]);
    expect(facts).toEqual([
      ['patient', 'Patient', true, undefined],
      ['conditions', 'Condition', true, undefined],
      ['labs', 'Observation', true, 400],
      ['labsSlow', 'Observation', true, 365],
      ['bedside', 'Observation', true, 14],
      ['medications', 'MedicationRequest', false, undefined],
      ['statements', 'MedicationStatement', false, undefined],
      ['administrations', 'MedicationAdministration', false, undefined],
      ['procedures', 'Procedure', false, undefined],
      ['encounters', 'Encounter', false, undefined],
    ]);
  });
});

describe('a page of a search', () => {
  const now = new Date('2026-05-17T12:00:00Z');
  const labs = { resourceType: 'Observation', lookBackDays: 30 };
  const on = (effectiveDateTime: string): { resource: Observation } => ({
    resource: { resourceType: 'Observation', status: 'final', code: {}, effectiveDateTime },
  });

  it('is complete once its oldest result is older than the look-back', () => {
    expect(reachesBeyondLookBack(labs, [on('2026-05-16'), on('2026-04-01')], now)).toBe(true);
  });

  it('is not complete while its oldest result is still of use', () => {
    expect(reachesBeyondLookBack(labs, [on('2026-05-16'), on('2026-04-20')], now)).toBe(false);
  });

  it('is not complete when the server did not sort', () => {
    expect(reachesBeyondLookBack(labs, [on('2026-03-01'), on('2026-05-16'), on('2026-04-01')], now)).toBe(false);
  });

  it('is not complete without a look-back, or without any date', () => {
    expect(reachesBeyondLookBack({ resourceType: 'Observation' }, [on('2020-01-01')], now)).toBe(false);
    expect(reachesBeyondLookBack(labs, [on('yesterday')], now)).toBe(false);
    expect(reachesBeyondLookBack(labs, [], now)).toBe(false);
  });

  it('is judged by the results alone, by whatever element holds their time', () => {
    const resources: FhirResource[] = [
      { resourceType: 'Observation', status: 'final', code: {}, issued: '2026-05-16T00:00:00Z' },
      {
        resourceType: 'Observation',
        status: 'final',
        code: {},
        effectivePeriod: { start: '2026-01-01', end: '2026-01-02' },
      },
      { resourceType: 'Procedure', status: 'completed', subject: {}, performedDateTime: '2026-05-15' },
    ];
    expect(
      reachesBeyondLookBack(
        labs,
        resources.map((resource) => ({ resource })),
        now,
      ),
    ).toBe(true);
  });
});
