import { describe, expect, it } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import { belongsToPatient, isKnownType } from '../../../src/patient-data/belongs-to-patient.js';

const server = 'https://ehr.example/fhir/r4';

/** as: hostile and incomplete resources are the point of these tests. */
const resource = (content: unknown): FhirResource => content as FhirResource;
const referringTo = (reference: unknown): FhirResource =>
  resource({ resourceType: 'Observation', id: 'o1', subject: { reference } });

describe('belongsToPatient', () => {
  it.each([
    ['one of several that it is about', [{ reference: 'Patient/p1' }, { reference: 'Patient/p2' }]],
    ['what it is about, though no list', { reference: 'Patient/p2' }],
    ['a Patient named by type and identifier alone', [{ type: 'Patient', identifier: { value: '2' } }]],
    ['a Patient of another server', [{ reference: 'https://other.example/fhir/Patient/p1' }]],
  ])('refuses an Observation when another patient is %s', (_, focus) => {
    const ours = { resourceType: 'Observation', subject: { reference: 'Patient/p1' } };
    expect(belongsToPatient(resource({ ...ours, focus }), 'p1', server)).toBe(false);
  });

  it.each([
    ['nothing', null],
    ['no reference', ['x', null, {}, { reference: 5 }]],
    ['a thing', [{ reference: 'Device/p2' }, { reference: 'Location/myPatient/x' }]],
    ['our patient', [{ reference: 'Patient/p1/_history/2' }]],
  ])('keeps an Observation that is about %s', (_, focus) => {
    const ours = { resourceType: 'Observation', subject: { reference: 'Patient/p1' } };
    expect(belongsToPatient(resource({ ...ours, focus }), 'p1', server)).toBe(true);
  });

  it('reads the focus of no other type: there it is something else', () => {
    const ours = { subject: { reference: 'Patient/p1' }, focus: [{ reference: 'Patient/p2' }] };
    expect(belongsToPatient(resource({ resourceType: 'Communication', ...ours }), 'p1')).toBe(true);
  });

  it('knows a server by http too, and takes what is no address for no server', () => {
    expect(belongsToPatient(referringTo('http://ehr/fhir/Patient/p1'), 'p1', 'http://ehr/fhir')).toBe(true);
    expect(belongsToPatient(referringTo('ftp://ehr/fhir/Patient/p1'), 'p1', 'ftp://ehr/fhir')).toBe(false);
    expect(belongsToPatient(referringTo('x https://ehr/Patient/p1'), 'p1', 'x https://ehr')).toBe(false);
    expect(belongsToPatient(referringTo('undefined/Patient/p1'), 'p1')).toBe(false);
  });
});

describe('isKnownType', () => {
  it.each(['Observation', 'Coverage', 'Practitioner', 'OperationOutcome', 'Medication', 'Patient', 'Group'])(
    'knows %s',
    (resourceType) => {
      expect(isKnownType(resourceType)).toBe(true);
    },
  );

  it.each(['', 'observation', 'Nonsense', 'constructor', 'Bundle', 'ValueSet'])(
    'does not know "%s"',
    (resourceType) => {
      expect(isKnownType(resourceType)).toBe(false);
    },
  );
});
