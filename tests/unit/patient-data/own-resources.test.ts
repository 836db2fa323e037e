import { describe, expect, it } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import { aliasesOf, ownResources, withoutDuplicates } from '../../../src/patient-data/own-resources.js';

const fhirServer = 'https://ehr.example/fhir';
const owner = { patientId: 'p1', fhirServer };

/** as: what is no FHIR is the point of some of these. */
const resource = (content: unknown): FhirResource => content as FhirResource;
const patient = (id: string): FhirResource => ({ resourceType: 'Patient', id });
const lab = (id: unknown, more: object = {}): FhirResource =>
  resource({ resourceType: 'Observation', id, subject: { reference: 'Patient/p1' }, ...more });

describe('ownResources', () => {
  it('counts what is another patient’s and what another server calls its own, and keeps the order of the rest', () => {
    const entries = [
      { fullUrl: `${fhirServer}/Observation/o1`, resource: lab('o1') },
      { fullUrl: 'https://other.example/fhir/Observation/o2', resource: lab('o2') },
      { resource: lab('o3', { subject: { reference: 'Patient/p2' } }) },
      { resource: lab('o4', { subject: { reference: 'urn:uuid:0f3a' } }) },
      { resource: lab('o5') },
    ];
    expect(ownResources(entries, owner)).toEqual({ own: [lab('o1'), lab('o5')], foreign: 3 });
    const withAlias = ownResources(entries, { ...owner, aliases: new Set(['urn:uuid:0f3a']) });
    expect([withAlias.own.map(({ id }) => id), withAlias.foreign]).toEqual([['o1', 'o4', 'o5'], 2]);
  });

  it('takes away an id that is none, and nothing else', () => {
    const [wrong, none, right] = [lab('a/b', { status: 'final' }), lab(undefined), lab('o1')];
    const { id: _none, ...nameless } = lab('x');
    const { own } = ownResources([{ resource: wrong }, { resource: resource(nameless) }, { resource: right }], owner);
    expect(own).toStrictEqual([{ ...nameless, status: 'final' }, nameless, right]);
    expect(own[2]).toBe(right);
    expect('id' in ownResources([{ resource: none }], owner).own[0]!).toBe(false);
  });
});

describe('aliasesOf', () => {
  it.each(['urn:uuid:0f3a', 'urn:oid:1.2.3', 'https://ehr.example/fhir/Patient/p1'])(
    'takes %s, by which the Patient’s own entry goes',
    (fullUrl) => {
      expect(aliasesOf([{ fullUrl, resource: patient('p1') }], owner)).toEqual(new Set([fullUrl]));
    },
  );

  it.each([
    'https://ehr.example/fhir/Patient/p2',
    'https://ehr.example/fhir/Group/p1',
    'https://other.example/fhir/Patient/p1',
    'https://ehr.example/fhirPatient/p1',
    'Patient/p1',
    'https://other.example/urn:uuid:0f3a',
    'urn:x:0f3a',
  ])('does not take %s', (fullUrl) => {
    expect(aliasesOf([{ fullUrl, resource: patient('p1') }], owner)).toEqual(new Set());
  });

  it('takes no name of another patient, of another resource, or of an entry without one', () => {
    const entries = [
      { fullUrl: 'urn:uuid:1', resource: patient('p2') },
      { fullUrl: 'urn:uuid:2', resource: resource({ resourceType: 'Group', id: 'p1' }) },
      { resource: patient('p1') },
      { fullUrl: 'urn:uuid:3', resource: patient('p1') },
    ];
    expect(aliasesOf(entries, owner)).toEqual(new Set(['urn:uuid:3']));
  });

  it('takes no address while the server is not known', () => {
    const entries = ['https://ehr.example/fhir/Patient/p1', 'urn:uuid:1'].map((fullUrl) => ({
      fullUrl,
      resource: patient('p1'),
    }));
    expect(aliasesOf(entries, { patientId: 'p1', fhirServer: undefined })).toEqual(new Set(['urn:uuid:1']));
  });
});

describe('withoutDuplicates', () => {
  const dated = (lastUpdated: unknown, name: string, versionId?: unknown) =>
    lab('o1', { meta: { lastUpdated, versionId }, note: [{ text: name }] });
  const keptOf = (...record: FhirResource[]) =>
    withoutDuplicates(record, []).map((kept) => ('note' in kept ? kept.note?.[0]?.text : undefined));
  const [early, late] = ['2026-01-01T10:00:00+02:00', '2026-01-01T09:00:00Z'];

  it.each([
    ['the one updated later', dated(early, 'old', '9'), dated(late, 'new', '1')],
    ['the higher version, when no time is given', dated(undefined, 'old', '9'), dated(undefined, 'new', '10')],
    ['the higher version of two of the same time', dated(late, 'old', '1'), dated(late, 'new', '2')],
  ])('keeps %s, in whatever order they come', (_, old, newest) => {
    expect(keptOf(old, newest)).toEqual(['new']);
    expect(keptOf(newest, old)).toEqual(['new']);
  });

  it.each([
    ['nothing tells', dated(undefined, 'first'), dated(undefined, 'second')],
    ['both are of one time and version', dated(late, 'first', '3'), dated(late, 'second', '3')],
    ['only one has a time', dated(early, 'first'), dated(undefined, 'second')],
    ['time and version are no texts', dated(5, 'first', 1), dated([9], 'second', { a: 2 })],
  ])('keeps the first when %s', (_, first, second) => {
    expect(keptOf(first, second)).toEqual(['first']);
  });

  it('lets an order of the context stand for the same in the record, and keeps types apart', () => {
    const order = (status: string): FhirResource =>
      resource({ resourceType: 'MedicationRequest', id: 'o1', status, meta: { lastUpdated: early } });
    const newer = resource({ ...order('active'), meta: { lastUpdated: late } });
    expect(withoutDuplicates([newer, lab('o1')], [order('draft')])).toEqual([order('draft'), lab('o1')]);
  });

  it('takes resources without an id for different ones', () => {
    const [one, two] = [lab(undefined), lab(undefined)];
    expect(withoutDuplicates([one, two, one], [])).toEqual([one, two]);
    expect(withoutDuplicates([lab('a/b'), lab('a/b')], [])).toHaveLength(2);
  });
});
