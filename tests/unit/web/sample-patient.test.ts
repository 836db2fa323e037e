import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { ServiceError } from '../../../src/errors.js';
import { FOLDERS } from '../../../src/folders.js';
import { readSamplePatients, toResources } from '../../../src/web/sample-patient.js';

const NOW = new Date('2026-05-17T12:00:00Z');

function read(yaml: string) {
  const folder = mkdtempSync(join(tmpdir(), 'samples-'));
  writeFileSync(join(folder, 'case.yaml'), yaml);
  return readSamplePatients(folder);
}

const PATIENT = 'title: A case\npatient: { id: ada, name: Ada Example, gender: female, age: 63 }\n';

function resources(yaml: string) {
  return toResources(read(PATIENT + yaml)[0]!, NOW);
}

function refusal(yaml: string): ServiceError {
  try {
    read(yaml);
  } catch (error) {
    // Whatever else it is shows in the expectation.
    return error as ServiceError;
  }
  throw new Error('it was read');
}

describe('the sample patients', () => {
  const samples = readSamplePatients(FOLDERS.samples);

  it('are twelve, each with an id, a title and an invented name of their own', () => {
    expect(samples).toHaveLength(12);
    for (const pick of [
      samples.map(({ patient }) => patient.id),
      samples.map(({ title }) => title),
      samples.map(({ patient }) => patient.name),
    ])
      expect(new Set(pick).size).toBe(12);
  });

  it('put the most telling one first', () => {
    expect(samples[0]?.patient.id).toBe('sample-phosphate');
  });

  it('hold nothing from the future and nothing but resources of their own patient', () => {
    for (const sample of samples) {
      const all = toResources(sample, NOW);
      const subjects = all.slice(1).map((resource) => JSON.stringify(resource));
      expect(subjects.every((text) => text.includes(`"Patient/${sample.patient.id}"`))).toBe(true);
      const times = JSON.stringify(all).match(/\d{4}-\d\d-\d\dT[^"]+/g) ?? [];
      expect(times.filter((time) => Date.parse(time) > NOW.getTime())).toEqual([]);
    }
  });

  it('are the same each time they are made', () => {
    for (const sample of samples) expect(toResources(sample, NOW)).toEqual(toResources(sample, NOW));
  });
});

describe('toResources', () => {
  it('gives the patient a birthday that holds the age for months to come', () => {
    expect(resources('')).toEqual([
      {
        resourceType: 'Patient',
        id: 'ada',
        name: [{ text: 'Ada Example', given: ['Ada'], family: 'Example' }],
        gender: 'female',
        birthDate: '1963-02-06',
      },
    ]);
  });

  it('writes a result as a FHIR Observation at its time', () => {
    const [, result] = resources(
      'results:\n  - { loinc: 2731-8, display: PTH, value: 210, unit: pg/mL, comparator: ">", high: 65, at: 5 days ago at 08:00 }',
    );
    expect(result).toEqual({
      resourceType: 'Observation',
      id: 'ada-observation-1',
      status: 'final',
      category: [
        {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' }],
        },
      ],
      subject: { reference: 'Patient/ada' },
      code: { coding: [{ system: 'http://loinc.org', code: '2731-8', display: 'PTH' }], text: 'PTH' },
      effectiveDateTime: '2026-05-12T08:00:00Z',
      valueQuantity: { value: 210, unit: 'pg/mL', system: 'http://unitsofmeasure.org', code: 'pg/mL', comparator: '>' },
      referenceRange: [{ high: { value: 65, unit: 'pg/mL', system: 'http://unitsofmeasure.org', code: 'pg/mL' } }],
    });
  });

  it('writes a dialysis session with what was measured before, during and after it', () => {
    const made = resources(
      'sessions:\n  - { ended: 2 days ago at 12:00, hours: 4, before: 142, during: 84, after: 118, ultrafiltration: 4200, weightAfter: 70.5, dryWeight: 70 }',
    );
    expect(made[1]).toMatchObject({
      resourceType: 'Procedure',
      id: 'ada-session-1',
      status: 'completed',
      performedPeriod: { start: '2026-05-15T08:00:00.000Z', end: '2026-05-15T12:00:00.000Z' },
    });
    const observed = made
      .slice(2)
      .map((resource) =>
        resource.resourceType === 'Observation'
          ? [
              resource.code.coding?.[0]?.code,
              resource.valueQuantity?.value,
              resource.effectiveDateTime?.slice(11, 16),
              resource.partOf?.[0]?.reference,
            ]
          : [],
      );
    expect(observed).toEqual([
      ['8480-6', 142, '07:45', undefined],
      ['8480-6', 84, '10:00', undefined],
      ['8480-6', 118, '12:15', undefined],
      ['uf-volume', 4200, '12:10', 'Procedure/ada-session-1'],
      ['8344-4', 70.5, '12:10', 'Procedure/ada-session-1'],
      ['8341-0', 70, '12:10', undefined],
    ]);
  });

  it('writes the other entries as the resources they stand for', () => {
    const made = resources(`conditions:
  - { icd10: N18.4, display: CKD stage 4, recorded: 400 days ago }
pressures:
  - { systolic: 120, diastolic: 70, at: 1 day ago }
  - { systolic: 108, position: standing, at: 1 day ago }
medications:
  - { rxnorm: 313988, display: furosemide, authored: 60 days ago, until: 10 days ago, status: stopped }
statements:
  - { display: Furosemide 40 mg, since: 60 days ago }
administrations:
  - { atc: C03CA01, display: furosemide, given: 3 days ago }
procedures:
  - { pcs: 5A1D70Z, display: Haemodialysis, at: 9 days ago }
encounter: { started: 1 hour ago, reason: { icd10: R25.2, display: Cramp } }
`);
    expect(made.slice(1)).toMatchObject([
      {
        resourceType: 'Condition',
        recordedDate: '2025-04-12T12:00:00.000Z',
        clinicalStatus: { coding: [{ code: 'active' }] },
      },
      {
        resourceType: 'Observation',
        code: { coding: [{ code: '85354-9' }] },
        component: [{ valueQuantity: { value: 120 } }, { valueQuantity: { value: 70 } }],
      },
      {
        resourceType: 'Observation',
        code: { coding: [{ code: '8460-8' }] },
        valueQuantity: { value: 108, code: 'mm[Hg]' },
      },
      { resourceType: 'Procedure', performedDateTime: '2026-05-08T12:00:00.000Z' },
      {
        resourceType: 'MedicationRequest',
        status: 'stopped',
        intent: 'order',
        dispenseRequest: { validityPeriod: { end: '2026-05-07T12:00:00.000Z' } },
      },
      { resourceType: 'MedicationStatement', medicationCodeableConcept: { text: 'Furosemide 40 mg' } },
      { resourceType: 'MedicationAdministration', effectiveDateTime: '2026-05-14T12:00:00.000Z' },
      {
        resourceType: 'Encounter',
        id: 'ada-encounter-1',
        period: { start: '2026-05-17T11:00:00.000Z' },
        reasonCode: [{ coding: [{ code: 'R25.2' }] }],
      },
    ]);
    expect(made[6]).not.toHaveProperty('medicationCodeableConcept.coding');
  });

  it('merges what the short form cannot say, removes what is null and makes relative times absolute', () => {
    const [, result] = resources(
      'results:\n  - { loinc: 2823-3, display: Potassium, value: 4.3, unit: mmol/L, at: now, fhir: { issued: 2 days ago, note: [{ text: haemolysed }], valueQuantity: { system: null, code: null } } }',
    );
    expect(result).toMatchObject({
      issued: '2026-05-15T12:00:00.000Z',
      note: [{ text: 'haemolysed' }],
      valueQuantity: { value: 4.3, unit: 'mmol/L' },
    });
    expect(result).not.toHaveProperty('valueQuantity.code');
  });

  it('keeps drafts out of the record', () => {
    const [sample] = read(`${PATIENT}drafts:\n  - { rxnorm: 9071, display: quinine, authored: now }\n`);
    expect(toResources(sample!, NOW)).toHaveLength(1);
  });
});

describe('readSamplePatients', () => {
  it.each([
    ['an unknown field', `${PATIENT}labs: []\n`, 'labs'],
    ['a time in other words', `${PATIENT}results:\n  - { loinc: 1-1, display: X, at: last week }\n`, 'results.0.at'],
    ['a value that is a text', `${PATIENT}results:\n  - { loinc: 1-1, display: X, value: "7,8" }\n`, 'results.0.value'],
    ['an entry without a display', `${PATIENT}conditions:\n  - { icd10: N18.4 }\n`, 'conditions.0.display'],
    ['an unknown code system', `${PATIENT}conditions:\n  - { icd11: GB61, display: CKD }\n`, 'conditions.0.icd11'],
    [
      'a patient without a family name',
      'title: A case\npatient: { id: a, name: Ada, gender: female }\n',
      'patient.name',
    ],
    [
      'an id that is no FHIR id',
      'title: A case\npatient: { id: a/b, name: Ada Example, gender: female }\n',
      'patient.id',
    ],
    ['no title', 'patient: { id: a, name: Ada Example, gender: female }\n', 'title'],
    ['a session without an end', `${PATIENT}sessions:\n  - { hours: 4 }\n`, 'sessions.0.ended'],
  ])('refuses %s and names the file and the place', (_what, yaml, place) => {
    const { code, message } = refusal(yaml);
    expect(code).toBe('invalid-config');
    expect(message).toContain(`case.yaml is wrong at ${place}: `);
  });

  it('refuses what is no YAML', () => {
    const { code, message } = refusal('title: [\n');
    expect({ code, message }).toEqual({
      code: 'invalid-config',
      message: 'The sample patient case.yaml cannot be read as YAML.',
    });
  });

  it('refuses a file that holds nothing', () => {
    expect(refusal('').message).toMatch(/^The sample patient case\.yaml is wrong at : /);
  });

  it('refuses two patients with one id', () => {
    const folder = mkdtempSync(join(tmpdir(), 'samples-'));
    writeFileSync(join(folder, 'one.yaml'), PATIENT);
    writeFileSync(join(folder, 'other.yaml'), PATIENT);
    expect(() => readSamplePatients(folder)).toThrow('Two sample patients have the id ada.');
  });

  it('refuses a folder that is not there', () => {
    expect(() => readSamplePatients('/no/such/folder')).toThrow('The folder of the sample patients cannot be read.');
  });
});
