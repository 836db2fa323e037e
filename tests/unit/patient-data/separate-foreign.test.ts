import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { FhirResource } from 'fhir/r4.js';
import { separateForeign } from '../../../src/patient-data/belongs-to-patient.js';

const server = 'https://ehr.example/fhir/r4';

/** as: hostile and incomplete resources are the point of these tests. */
const resource = (content: unknown): FhirResource => content as FhirResource;
const observationOf = (subject: unknown): FhirResource => resource({ resourceType: 'Observation', id: 'o1', subject });
const referringTo = (reference: unknown): FhirResource => observationOf({ reference });

describe('separateForeign', () => {
  it('keeps what is ours in order and counts the rest', () => {
    const ours = [
      resource({ resourceType: 'Patient', id: 'p1' }),
      referringTo('Patient/p1'),
      referringTo(`${server}/Patient/p1`),
    ];
    const mixed = [ours[0]!, referringTo('Patient/p2'), ours[1]!, observationOf(undefined), resource(null), ours[2]!];
    const { own, foreign } = separateForeign(mixed, 'p1', server);
    expect(own).toEqual(ours);
    expect(foreign).toBe(3);
  });

  it('passes aliases on', () => {
    const aliases = new Set(['urn:uuid:0f3a']);
    expect(separateForeign([referringTo('urn:uuid:0f3a')], 'p1', undefined, aliases).foreign).toBe(0);
    expect(separateForeign([referringTo('urn:uuid:0f3a')], 'p1').foreign).toBe(1);
  });

  it.each(['OperationOutcome', 'Practitioner', 'PractitionerRole', 'Organization', 'Location', 'HealthcareService'])(
    'neither keeps nor counts what is never about a patient: %s',
    (resourceType) => {
      expect(separateForeign([resource({ resourceType, id: 'p1' })], 'p1')).toEqual({ own: [], foreign: 0 });
    },
  );

  it.each([{}, { resourceType: 'Nonsense' }, { resourceType: 'Observation' }, { resourceType: 'Group' }, 'x', null])(
    'counts what cannot be told to be ours: %j',
    (content) => {
      expect(separateForeign([resource(content)], 'p1')).toEqual({ own: [], foreign: 1 });
    },
  );

  it('yields exactly our resources, in order, of any mixture with those of another patient', () => {
    const id = fc.stringMatching(/^[A-Za-z0-9.-]{1,64}$/).filter((text) => !['.', '..'].includes(text));
    const element = fc.constantFrom<[string, string][]>(
      ['Observation', 'subject'],
      ['MedicationRequest', 'subject'],
      ['AllergyIntolerance', 'patient'],
      ['Coverage', 'beneficiary'],
    );
    const form = fc.constantFrom(
      (patient: string) => `Patient/${patient}`,
      (patient: string) => `Patient/${patient}/_history/4`,
      (patient: string) => `${server}/Patient/${patient}`,
    );
    const item = fc.record({ isOurs: fc.boolean(), element, form });
    fc.assert(
      fc.property(id, id, fc.array(item, { maxLength: 12 }), (ourId, otherId, items) => {
        fc.pre(ourId !== otherId);
        const mixed = items.map(({ isOurs, element: [resourceType, name], form }, index) => ({
          isOurs,
          resource: resource({ resourceType, id: `${index}`, [name]: { reference: form(isOurs ? ourId : otherId) } }),
        }));
        const expected = mixed.filter(({ isOurs }) => isOurs).map(({ resource }) => resource);
        const { own, foreign } = separateForeign(
          mixed.map(({ resource }) => resource),
          ourId,
          server,
        );
        expect(own).toEqual(expected);
        expect(foreign).toBe(mixed.length - expected.length);
      }),
      { numRuns: 500 },
    );
  });

  it('throws on nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 3 })), (entries) => {
        const records = entries.map(resource);
        expect(separateForeign(records, 'p1', server).own.every((kept) => records.includes(kept))).toBe(true);
      }),
    );
  });
});
