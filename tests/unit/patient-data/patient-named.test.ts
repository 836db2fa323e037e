import { describe, expect, it } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import { namesPatientElsewhere, patientIdOf } from '../../../src/patient-data/belongs-to-patient.js';
import { areOfOtherServer } from '../../../src/patient-data/own-resources.js';

const OURS = 'https://ehr.example.org/fhir';
const ELSEWHERE = 'https://other.example.org/fhir/Patient/p1';
// as: odd references are the point of these tests.
const of = (reference: unknown, resourceType = 'Observation') =>
  ({ resourceType, subject: { reference } }) as unknown as FhirResource & Record<string, unknown>;

describe('patientIdOf', () => {
  it.each([
    ['a relative reference', of('Patient/p1'), 'p1'],
    ['an absolute one', of(ELSEWHERE), 'p1'],
    ['one to a version', of('Patient/p1/_history/2'), 'p1'],
    ['one to a group', of('Group/p1'), undefined],
    ['one that is no text', of(7), undefined],
    ['no reference', of(undefined), undefined],
    ['no element', { resourceType: 'Observation' }, undefined],
    ['a type that names no patient', of('Patient/p1', 'Medication'), undefined],
  ])('reads %s: %#', (_what, resource, id) => {
    expect(patientIdOf(resource)).toBe(id);
  });
});

describe('namesPatientElsewhere', () => {
  it.each([
    ['the same id on another server', of(ELSEWHERE), OURS, true],
    ['an absolute address while ours is not known', of(ELSEWHERE), undefined, true],
    ['another server in capitals', of('HTTPS://other.example.org/fhir/Patient/p1'), OURS, true],
    ['the patient on our server', of(`${OURS}/Patient/p1`), OURS, false],
    ['a relative reference to another patient', of('Patient/p2'), OURS, false],
    ['a group elsewhere', of('https://other.example.org/fhir/Group/p1'), OURS, false],
  ])('says of %s: %#', (_what, resource, server, isElsewhere) => {
    expect(namesPatientElsewhere(resource, 'p1', server)).toBe(isElsewhere);
  });
});

describe('areOfOtherServer', () => {
  const owner = { patientId: 'p1', fhirServer: OURS };
  const entry = (reference: string, fullUrl?: string) => ({
    resource: of(reference),
    ...(fullUrl === undefined ? {} : { fullUrl }),
  });

  it('is so when each entry is, by its address or by its subject', () => {
    const byAddress = entry('Patient/p1', 'https://other.example.org/fhir/Observation/1');
    expect(areOfOtherServer([entry(ELSEWHERE), byAddress], owner)).toBe(true);
    expect(areOfOtherServer([byAddress], owner)).toBe(true);
    expect(areOfOtherServer([entry(ELSEWHERE)], owner)).toBe(true);
  });

  it('is not so when one is ours, nor of an empty answer', () => {
    expect(areOfOtherServer([entry(ELSEWHERE), entry('Patient/p1')], owner)).toBe(false);
    expect(areOfOtherServer([], owner)).toBe(false);
  });
});
