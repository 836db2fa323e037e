import { describe, expect, it } from '@jest/globals';
import type { FhirResource, Medication, MedicationRequest } from 'fhir/r4.js';
import { medicationsResolved, type BundledResource } from '../../../src/patient-data/medication-reference.js';

const code = { coding: [{ system: 'urn:local', code: 'A1' }], text: 'Drug one' };
const medication = (id?: string): Medication => ({
  resourceType: 'Medication',
  ...(id === undefined ? {} : { id }),
  code,
});

const request = (reference?: string, more: Partial<MedicationRequest> = {}): MedicationRequest => ({
  resourceType: 'MedicationRequest',
  id: 'r1',
  status: 'active',
  intent: 'order',
  subject: { reference: 'Patient/p1' },
  medicationReference: { ...(reference === undefined ? {} : { reference }), display: 'Drug one' },
  ...more,
});

/** A server that holds the Medications named, and what it was asked for. */
function serverWith(...ids: string[]) {
  const asked: string[] = [];
  const read = (resourceType: string, id: string) => {
    asked.push(`${resourceType}/${id}`);
    return Promise.resolve(ids.includes(id) ? { resource: medication(id) } : { failure: 'failed' });
  };
  return { asked, read };
}

const unresolved = (count: number) => [{ kind: 'medication-unresolved', count }];

describe('a medication reference', () => {
  const cases: [string, MedicationRequest, BundledResource[]][] = [
    ['to a contained Medication', request('#m', { contained: [medication('m')] }), []],
    ['to a contained Medication whose id keeps the hash', request('#m', { contained: [medication('#m')] }), []],
    ['by type and id', request('Medication/m1'), [{ resource: medication('m1') }]],
    ['by type, id and version', request('Medication/m1/_history/2'), [{ resource: medication('m1') }]],
    [
      'by absolute URL equal to a fullUrl',
      request('https://a/Medication/9'),
      [{ fullUrl: 'https://a/Medication/9', resource: medication('x') }],
    ],
    ['by urn equal to a fullUrl', request('urn:uuid:1'), [{ fullUrl: 'urn:uuid:1', resource: medication() }]],
    [
      'by absolute URL on the own server',
      request('https://ehr.example/fhir/Medication/m1'),
      [{ resource: medication('m1') }],
    ],
  ];

  it.each(cases)('%s becomes the concept, in a copy', async (_, order, entries) => {
    const before = structuredClone(order);
    const { resources, gaps } = await medicationsResolved([order], entries, 'https://ehr.example/fhir/');
    const { medicationReference: _gone, ...rest } = before;
    expect(resources).toEqual([{ ...rest, medicationCodeableConcept: code }]);
    expect(gaps).toEqual([]);
    expect(order).toEqual(before);
    const [resolved] = resources as MedicationRequest[];
    expect(resolved!.medicationCodeableConcept).not.toBe(code);
  });

  const dangling: [string, MedicationRequest, BundledResource[]][] = [
    ['to a contained Medication that is not there', request('#m', { contained: [medication('other')] }), []],
    ['to a Medication of a Bundle by hash', request('#m1'), [{ resource: medication('m1') }]],
    ['to an unknown id', request('Medication/m2'), [{ resource: medication('m1') }]],
    [
      'to an id of an entry of another server',
      request('Medication/m1'),
      [{ fullUrl: 'https://elsewhere/fhir/Medication/m1', resource: medication('m1') }],
    ],
    [
      'to an id that is the relative fullUrl of another Medication',
      request('Medication/m1'),
      [{ fullUrl: 'Medication/m1', resource: medication('m2') }],
    ],
    ['to another server with a known id', request('https://elsewhere/Medication/m1'), [{ resource: medication('m1') }]],
    ['to a longer host name', request('https://ehr.example.evil/fhir/Medication/m1'), [{ resource: medication('m1') }]],
    ['to a resource of another type', request('Patient/m1'), [{ resource: { resourceType: 'Patient', id: 'm1' } }]],
    ['with a display only', request(), [{ resource: medication('m1') }]],
    [
      'to a Medication without a code',
      request('Medication/m1'),
      [{ resource: { resourceType: 'Medication', id: 'm1' } }],
    ],
  ];

  it.each(dangling)('%s stays without a concept and is counted', async (_, order, entries) => {
    const { resources, gaps } = await medicationsResolved([order], entries, 'https://ehr.example/fhir');
    expect(resources).toEqual([order]);
    expect(gaps).toEqual(unresolved(1));
  });

  it('is resolved by the first of two entries of the same name', async () => {
    const draft: Medication = { resourceType: 'Medication', id: 'm1', code: { text: 'from the draft' } };
    const { resources } = await medicationsResolved(
      [request('Medication/m1')],
      [{ resource: draft }, { resource: medication('m1') }],
    );
    expect(resources).toEqual([expect.objectContaining({ medicationCodeableConcept: { text: 'from the draft' } })]);
  });

  it('is left alone beside a concept, and on other types', async () => {
    const coded = request('Medication/m9', { medicationCodeableConcept: code });
    const patient: FhirResource = { resourceType: 'Patient', id: 'p1' };
    expect(await medicationsResolved([coded, patient], [])).toEqual({ resources: [coded, patient], gaps: [] });
  });

  it('is resolved in statements and administrations too', async () => {
    const subject = { reference: 'Patient/p1' };
    const medicationReference = { reference: 'Medication/m1' };
    const { resources } = await medicationsResolved(
      [
        { resourceType: 'MedicationStatement', status: 'active', subject, medicationReference },
        {
          resourceType: 'MedicationAdministration',
          status: 'completed',
          subject,
          medicationReference,
          effectiveDateTime: '2026-05-01',
        },
      ],
      [{ resource: medication('m1') }],
    );
    expect(resources).toEqual([
      { resourceType: 'MedicationStatement', status: 'active', subject, medicationCodeableConcept: code },
      {
        resourceType: 'MedicationAdministration',
        status: 'completed',
        subject,
        medicationCodeableConcept: code,
        effectiveDateTime: '2026-05-01',
      },
    ]);
  });
});

describe('with an open FHIR server', () => {
  it('only what the entries lack is read, each id once', async () => {
    const server = serverWith('m1', 'm2');
    const orders = ['Medication/m1', 'Medication/m2', 'Medication/m2', 'https://elsewhere/Medication/m3'].map((name) =>
      request(name),
    );
    const { resources, gaps } = await medicationsResolved(orders, [{ resource: medication('m1') }], undefined, server);
    expect(server.asked).toEqual(['Medication/m2']);
    expect(resources.filter((resource) => 'medicationCodeableConcept' in resource)).toHaveLength(3);
    expect(gaps).toEqual(unresolved(1));
  });

  it('at most 20 are read, and the rest is counted', async () => {
    const ids = Array.from({ length: 23 }, (_, index) => `m${index}`);
    const server = serverWith(...ids);
    const { gaps } = await medicationsResolved(
      ids.map((id) => request(`Medication/${id}`)),
      [],
      undefined,
      server,
    );
    expect(server.asked).toHaveLength(20);
    expect(gaps).toEqual(unresolved(3));
  });

  it('a failing read leaves the order unresolved', async () => {
    const order = request('Medication/m1');
    expect(await medicationsResolved([order], [], undefined, serverWith())).toEqual({
      resources: [order],
      gaps: unresolved(1),
    });
  });
});
