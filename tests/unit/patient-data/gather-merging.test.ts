import { describe, expect, it } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import {
  bundle,
  condition,
  draft,
  full,
  gathered,
  idsOf,
  lab,
  outcome,
  patient,
  requestWith,
  serverWith,
} from '../../support/gathered.js';

const coded = (code: string) => lab('o1', { code: { coding: [{ code }] } });

describe('resources under unknown keys', () => {
  it('join by content and answer the query nobody else answered', async () => {
    const prefetch = {
      'patient-user': patient,
      myProblems: bundle(condition),
      lab_results: bundle(coded('1-1')),
      meds: bundle(),
    };
    const record = await gathered(requestWith(prefetch));
    expect(idsOf(record)).toEqual(['Patient/p1', 'Condition/c1', 'Observation/o1']);
    expect(record.gaps).toEqual([{ kind: 'not-had', resourceType: 'MedicationRequest', reason: 'not-provided' }]);
  });

  it('stand for a query with a list of codes only where one of their own bears one of these', async () => {
    const { labs: _absent, ...rest } = full;
    const notHad = { kind: 'not-had', resourceType: 'Observation', reason: 'not-provided' };
    const other = await gathered(requestWith({ ...rest, vitals: bundle(coded('8867-4')) }));
    expect(idsOf(other)).toContain('Observation/o1');
    expect(other.gaps).toEqual([notHad]);
    expect((await gathered(requestWith({ ...rest, more: bundle(coded('8867-4'), coded('1-1')) }))).gaps).toEqual([]);
    const foreign = { ...coded('1-1'), subject: { reference: 'Patient/p2' } };
    expect((await gathered(requestWith({ ...rest, more: bundle(coded('8867-4'), foreign) }))).gaps).toEqual([
      notHad,
      { kind: 'foreign', count: 1 },
    ]);
  });

  it('do not stand for a query whose key failed', async () => {
    const record = await gathered(requestWith({ ...full, conditions: outcome, more: bundle(condition) }));
    expect(idsOf(record)).toContain('Condition/c1');
    expect(record.gaps).toEqual([{ kind: 'not-had', resourceType: 'Condition', reason: 'failed' }]);
  });

  it('do not stand for a query when they are of somebody else', async () => {
    const { conditions: _absent, ...rest } = full;
    const foreign = { ...condition, subject: { reference: 'Patient/p2' } };
    expect((await gathered(requestWith({ ...rest, more: bundle(foreign) }))).gaps).toEqual([
      { kind: 'not-had', resourceType: 'Condition', reason: 'not-provided' },
      { kind: 'foreign', count: 1 },
    ]);
  });

  it('are passed over without a word where no query asks for them', async () => {
    const prefetch = {
      ...full,
      user: { resourceType: 'Practitioner', id: '1' },
      flag: true,
      empty: null,
      bad: outcome,
    };
    const record = await gathered(requestWith(prefetch));
    expect(idsOf(record)).toEqual(['Patient/p1', 'Condition/c1', 'Observation/o1']);
    expect(record.gaps).toEqual([]);
  });
});

describe('every resource', () => {
  it('of another patient is dropped and counted', async () => {
    const foreign = { ...lab('o2'), subject: { reference: 'Patient/p2' } };
    const labs = bundle(lab('o1'), foreign, { resourceType: 'Patient', id: 'p2' });
    const record = await gathered(requestWith({ ...full, labs }));
    expect(idsOf(record)).toEqual(['Patient/p1', 'Condition/c1', 'Observation/o1']);
    expect(record.gaps).toEqual([{ kind: 'foreign', count: 2 }]);
  });

  it('may name the patient by the fullUrl of the Patient entry', async () => {
    const byUrn = lab('o1', { subject: { reference: 'urn:uuid:1' } });
    const prefetch = {
      ...full,
      patient: { resourceType: 'Bundle', entry: [{ fullUrl: 'urn:uuid:1', resource: patient }] },
      labs: bundle(byUrn),
    };
    const record = await gathered(requestWith(prefetch));
    expect(idsOf(record)).toContain('Observation/o1');
    expect(record.gaps).toEqual([]);
  });

  it('stands once, in its newest version, whichever came first', async () => {
    const version = (versionId: string, lastUpdated?: string) =>
      lab('o1', { meta: { versionId, ...(lastUpdated ? { lastUpdated } : {}) } });
    const pairs = [
      [version('9', '2026-05-01T00:00:00Z'), version('10', '2026-05-02T00:00:00+02:00')],
      [version('9'), version('10')],
      [version('9', '2026-05-01T00:00:00Z'), version('10', '2026-05-01T00:00:00Z')],
    ] as const;
    for (const [older, newer] of pairs) {
      for (const labs of [bundle(older, newer), bundle(newer, older)]) {
        const record = await gathered(requestWith({ ...full, labs }));
        expect(record.resources.filter(({ resourceType }) => resourceType === 'Observation')).toEqual([newer]);
      }
    }
  });

  it('has readable units, resolved medications and recognised names', async () => {
    const { asked, server } = serverWith({
      'Medication/m2': { resource: { resourceType: 'Medication', id: 'm2', code: { text: 'Other' } } },
    });
    const refers = (id: string, reference: string): FhirResource => {
      const { medicationCodeableConcept: _none, ...rest } = draft(id, { status: 'active' });
      return { ...rest, medicationReference: { reference } };
    };
    const medications = bundle(
      refers('r1', 'Medication/m1'),
      { resourceType: 'Medication', id: 'm1', code: { text: 'ASPIRIN 100 mg' } },
      refers('r2', 'Medication/m2'),
      refers('r3', 'Medication/m3'),
    );
    const labs = bundle(lab('o1', { valueQuantity: { value: 8, unit: 'MG/DL' } }));
    const record = await gathered(requestWith({ ...full, medications, labs }), server);
    expect(asked).toEqual(['Medication/m2', 'Medication/m3']);
    const concepts = record.resources.map(
      (resource) => 'medicationCodeableConcept' in resource && resource.medicationCodeableConcept,
    );
    expect(concepts).toEqual([
      false,
      false,
      false,
      { text: 'ASPIRIN 100 mg', coding: [{ system: 'urn:renal-cramp-cds:ingredient-name', code: 'aspirin' }] },
      { text: 'Other' },
      false,
    ]);
    expect(record.resources).toContainEqual(
      lab('o1', { valueQuantity: { value: 8, unit: 'MG/DL', code: 'mg/dL', system: 'http://unitsofmeasure.org' } }),
    );
    expect(record.gaps).toEqual([{ kind: 'medication-unresolved', count: 1 }]);
  });
});
