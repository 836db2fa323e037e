import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { FhirResource } from 'fhir/r4.js';
import { belongsToPatient } from '../../../src/patient-data/belongs-to-patient.js';

const server = 'https://ehr.example/fhir/r4';

/** as: hostile and incomplete resources are the point of these tests. */
const resource = (content: unknown): FhirResource => content as FhirResource;
const observationOf = (subject: unknown): FhirResource => resource({ resourceType: 'Observation', id: 'o1', subject });
const referringTo = (reference: unknown): FhirResource => observationOf({ reference });

describe('belongsToPatient', () => {
  it('tells a Patient by its id', () => {
    expect(belongsToPatient(resource({ resourceType: 'Patient', id: 'p1' }), 'p1')).toBe(true);
    expect(belongsToPatient(resource({ resourceType: 'Patient', id: 'p2' }), 'p1')).toBe(false);
    expect(belongsToPatient(resource({ resourceType: 'Patient', id: 'P1' }), 'p1')).toBe(false);
    expect(belongsToPatient(resource({ resourceType: 'Patient' }), 'p1')).toBe(false);
  });

  it('does not take a Patient for ours because it links to ours', () => {
    const linked = { resourceType: 'Patient', id: 'p2', link: [{ other: { reference: 'Patient/p1' }, type: 'refer' }] };
    expect(belongsToPatient(resource(linked), 'p1')).toBe(false);
  });

  it.each(['Patient/p1', 'Patient/p1/_history/1', 'Patient/p1/_history/2024-01.a'])(
    'takes %s for ours',
    (reference) => {
      expect(belongsToPatient(referringTo(reference), 'p1')).toBe(true);
    },
  );

  it.each([
    'Patient/p2',
    'Patient/p11',
    'Patient/p',
    'Patient/P1',
    'patient/p1',
    'p1',
    '/Patient/p1',
    './Patient/p1',
    '../Patient/p1',
    'Patient/p1/',
    'Patient/p1 ',
    ' Patient/p1',
    'Patient/p1\n',
    'Patient/p1#x',
    'Patient/p1?x=1',
    'Patient/p1/_history',
    'Patient/p1/_history/',
    'Patient/p1/_history/1/_history/2',
    'Patient/p2/Patient/p1',
    'Patient/p2/_history/1/Patient/p1',
    'Patient/p1/_history/1/../../../Patient/p2',
    'Group/p1',
    'Practitioner/p1',
    'urn:uuid:p1',
    '#p1',
    '',
  ])('does not take "%s" for ours', (reference) => {
    expect(belongsToPatient(referringTo(reference), 'p1', server)).toBe(false);
  });

  it.each(['https://ehr.example/fhir/r4/Patient/p1', 'https://ehr.example/fhir/r4/Patient/p1/_history/3'])(
    'takes %s for ours, with or without a slash at the end of the base',
    (reference) => {
      expect(belongsToPatient(referringTo(reference), 'p1', 'https://ehr.example/fhir/r4')).toBe(true);
      expect(belongsToPatient(referringTo(reference), 'p1', 'https://ehr.example/fhir/r4/')).toBe(true);
    },
  );

  it.each([
    'https://ehr.example/fhir/Patient/p1',
    'https://ehr.example/fhir/r4/x/Patient/p1',
    'https://ehr.example/fhir/r4Patient/p1',
    'https://ehr.example/fhir/r4//Patient/p1',
    'https://ehr.example/fhir/r4/Patient/p2',
    'https://ehr.example/fhir/r4/Group/p1',
    'https://ehr.example.evil.example/fhir/r4/Patient/p1',
    'https://ehr.example@evil.example/fhir/r4/Patient/p1',
    'https://ehr.example:8443/fhir/r4/Patient/p1',
    'http://ehr.example/fhir/r4/Patient/p1',
    'https://evil.example/?https://ehr.example/fhir/r4/Patient/p1',
    'https://ehr.example/fhir/r4/Patient/p1?x=1',
  ])('does not take %s for ours', (reference) => {
    expect(belongsToPatient(referringTo(reference), 'p1', server)).toBe(false);
  });

  it('takes no absolute reference for ours while the server is not known', () => {
    expect(belongsToPatient(referringTo(`${server}/Patient/p1`), 'p1')).toBe(false);
    expect(belongsToPatient(referringTo('/Patient/p1'), 'p1', '')).toBe(false);
    expect(belongsToPatient(referringTo('//Patient/p1'), 'p1', '/')).toBe(false);
  });

  it('knows a urn:uuid only as an alias, compared as it stands', () => {
    const aliases = new Set(['urn:uuid:0f3a']);
    expect(belongsToPatient(referringTo('urn:uuid:0f3a'), 'p1')).toBe(false);
    expect(belongsToPatient(referringTo('urn:uuid:0f3a'), 'p1', undefined, aliases)).toBe(true);
    expect(belongsToPatient(referringTo('urn:uuid:0F3A'), 'p1', undefined, aliases)).toBe(false);
    expect(belongsToPatient(referringTo('urn:uuid:0f3'), 'p1', undefined, aliases)).toBe(false);
    expect(belongsToPatient(referringTo('Patient/p1'), 'p1', undefined, aliases)).toBe(true);
  });

  it('does not take a contained Patient for ours, not even one with our id', () => {
    const contained = { subject: { reference: '#p1' }, contained: [{ resourceType: 'Patient', id: 'p1' }] };
    expect(belongsToPatient(resource({ resourceType: 'Observation', ...contained }), 'p1', server)).toBe(false);
  });

  it.each([
    ['Condition', 'subject'],
    ['MedicationRequest', 'subject'],
    ['MedicationAdministration', 'subject'],
    ['Procedure', 'subject'],
    ['Encounter', 'subject'],
    ['ServiceRequest', 'subject'],
    ['AllergyIntolerance', 'patient'],
    ['NutritionOrder', 'patient'],
    ['Immunization', 'patient'],
    ['Coverage', 'beneficiary'],
    ['ResearchSubject', 'individual'],
    ['Task', 'for'],
  ])('tells a %s by its %s', (resourceType, element) => {
    const of = (id: string): FhirResource =>
      resource({ resourceType, id: 'x', [element]: { reference: `Patient/${id}` } });
    expect(belongsToPatient(of('p1'), 'p1')).toBe(true);
    expect(belongsToPatient(of('p2'), 'p1')).toBe(false);
    expect(belongsToPatient(resource({ resourceType, id: 'x' }), 'p1')).toBe(false);
  });

  it('does not look for the patient in an element the type does not have', () => {
    expect(
      belongsToPatient(resource({ resourceType: 'Observation', patient: { reference: 'Patient/p1' } }), 'p1'),
    ).toBe(false);
  });

  it('refuses a resource that names a second patient', () => {
    const both = {
      resourceType: 'Observation',
      subject: { reference: 'Patient/p1' },
      patient: { reference: 'Patient/p2' },
    };
    expect(belongsToPatient(resource(both), 'p1')).toBe(false);
  });

  it('lets a Medication through, unless it names another patient', () => {
    expect(belongsToPatient(resource({ resourceType: 'Medication', id: 'm1' }), 'p1')).toBe(true);
    expect(belongsToPatient(resource({ resourceType: 'Medication', subject: { reference: 'Patient/p2' } }), 'p1')).toBe(
      false,
    );
  });

  it.each([
    'Practitioner',
    'Organization',
    'OperationOutcome',
    'Bundle',
    'Group',
    'constructor',
    '__proto__',
    'Nonsense',
    '',
  ])('is not of a patient: %s', (resourceType) => {
    expect(belongsToPatient(resource({ resourceType, id: 'p1', subject: { reference: 'Patient/p1' } }), 'p1')).toBe(
      false,
    );
  });

  it.each([
    null,
    undefined,
    'Patient/p1',
    7,
    [],
    [{ resourceType: 'Patient', id: 'p1' }],
    {},
    { id: 'p1' },
    { resourceType: 5, subject: { reference: 'Patient/p1' } },
    { resourceType: ['Patient'], id: 'p1' },
  ])('does not throw on what is no resource: %j', (content) => {
    expect(belongsToPatient(resource(content), 'p1')).toBe(false);
  });

  it.each([
    null,
    'Patient/p1',
    5,
    [],
    [{ reference: 'Patient/p1' }],
    {},
    { display: 'Patient/p1' },
    { identifier: { value: 'p1' } },
    { reference: null },
    { reference: 5 },
    { reference: ['Patient/p1'] },
    { reference: { toString: 'Patient/p1' } },
  ])('does not throw on a subject that names nobody: %j', (subject) => {
    expect(belongsToPatient(observationOf(subject), 'p1', server)).toBe(false);
  });

  it.each(['', '.*', 'p1/../p2', 'p1|p2', 'a'.repeat(65)])(
    'finds nothing for "%s", which is no FHIR id',
    (patientId) => {
      expect(belongsToPatient(referringTo(`Patient/${patientId}`), patientId)).toBe(false);
      expect(belongsToPatient(resource({ resourceType: 'Patient', id: patientId }), patientId)).toBe(false);
      expect(belongsToPatient(resource({ resourceType: 'Medication', id: 'm1' }), patientId)).toBe(false);
    },
  );

  it('finds no way for a reference that merely resembles ours', () => {
    const piece = fc.constantFrom(
      'Patient',
      '/',
      'p1',
      'p2',
      '_history',
      '1',
      '#',
      '?',
      '..',
      server,
      'urn:uuid:',
      ' ',
    );
    const allowed =
      /^(https:\/\/ehr\.example\/fhir\/r4\/)?Patient\/p1(\/_history\/(p1|p2|1|Patient|\.\.|[A-Za-z0-9.-])+)?$/;
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 7 }), (pieces) => {
        const reference = pieces.join('');
        expect(belongsToPatient(referringTo(reference), 'p1', server)).toBe(allowed.test(reference));
      }),
      { numRuns: 3000 },
    );
  });
});
