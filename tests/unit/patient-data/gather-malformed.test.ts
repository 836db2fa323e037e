import { describe, expect, it } from '@jest/globals';
import { bundle, condition, full, gathered, idsOf, lab, requestWith, subject } from '../../support/gathered.js';

const unreadable = (resourceType: string, count = 1) => ({ kind: 'unreadable', resourceType, count });

describe('an id', () => {
  it.each([null, '', 5, '.', '..', 'a b', 'x'.repeat(65), { toString: 1, valueOf: 1 }])(
    'that is %j is taken away; the results stay, each of them',
    async (id) => {
      const labs = bundle({ ...lab('o1'), id }, { ...lab('o1'), id, status: 'amended' });
      const record = await gathered(requestWith({ ...full, labs }));
      const { id: _none, ...rest } = lab('o1');
      expect(record.resources.slice(2)).toEqual([rest, { ...rest, status: 'amended' }]);
      expect(record.resources.slice(2).some((resource) => 'id' in resource)).toBe(false);
    },
  );

  it('that comes twice is told by texts of meta alone', async () => {
    const strange = { toString: 1, valueOf: 1 };
    for (const meta of [{ lastUpdated: strange }, { versionId: strange }, null, 3]) {
      const labs = bundle({ ...lab('o1'), meta }, lab('o1', { meta: { versionId: '2' } }), { ...lab('o1'), meta });
      expect(idsOf(await gathered(requestWith({ ...full, labs })))).toEqual([
        'Patient/p1',
        'Condition/c1',
        'Observation/o1',
      ]);
    }
  });

  it('of a Medication that is no text names nothing', async () => {
    const medications = bundle({ resourceType: 'Medication', id: { toString: 1 }, code: { text: 'x' } });
    expect((await gathered(requestWith({ ...full, medications }))).gaps).toEqual([]);
  });
});

it.each([{ toString: 1, valueOf: 1 }, 5, ['https://other.example.org/fhir/Patient/p1'], null])(
  'a reference to the patient that is %j names nobody; what is beside it stays',
  async (reference) => {
    const stranger = { ...lab('o2'), subject: { type: 'Patient', reference } };
    const alone = await gathered(requestWith({ ...full, labs: bundle(stranger) }));
    expect(idsOf(alone)).toEqual(['Patient/p1', 'Condition/c1']);
    expect(alone.gaps).toEqual([{ kind: 'foreign', count: 1 }]);
    const beside = await gathered(requestWith({ ...full, labs: bundle(stranger, lab('o1')) }));
    expect(idsOf(beside)).toEqual(['Patient/p1', 'Condition/c1', 'Observation/o1']);
  },
);

describe('what no rule can read is left out and said', () => {
  it.each<[string, object]>([
    ['the type in other letters', { resourceType: 'condition' }],
    ['a code that is a text', { code: 'R25.2' }],
    ['a coding that is no list', { code: { coding: { code: 'R25.2' } } }],
    ['a clinical status of STU3', { clinicalStatus: 'active' }],
    ['a verification status of STU3', { verificationStatus: 'entered-in-error' }],
    ['a clinical status whose coding is no list', { clinicalStatus: { coding: { code: 'active' } } }],
    ['a verification status whose coding is no list', { verificationStatus: { coding: {} } }],
  ])('%s', async (_, more) => {
    const record = await gathered(requestWith({ ...full, conditions: bundle({ ...condition, ...more }) }));
    expect(idsOf(record)).toEqual(['Patient/p1', 'Observation/o1']);
    expect(record.gaps).toEqual([unreadable('Condition')]);
  });

  it('a Bundle in a Bundle', async () => {
    const record = await gathered(requestWith({ ...full, labs: bundle(bundle(lab('o1')), lab('o2')) }));
    expect(idsOf(record)).toEqual(['Patient/p1', 'Condition/c1', 'Observation/o2']);
    expect(record.gaps).toEqual([unreadable('Observation')]);
  });

  it('under an unknown key too, where it stands for no query', async () => {
    const { conditions: _absent, ...rest } = full;
    const mine = bundle({ ...condition, resourceType: 'condition' }, { ...condition, resourceType: 'CONDITION' });
    expect((await gathered(requestWith({ ...rest, mine }))).gaps).toEqual([
      { kind: 'not-had', resourceType: 'Condition', reason: 'not-provided' },
      unreadable('Condition', 2),
    ]);
  });

  it('but not a concept that is absent or only a text', async () => {
    const conditions = bundle({ ...condition, code: null, clinicalStatus: { text: 'active' } });
    expect((await gathered(requestWith({ ...full, conditions }))).gaps).toEqual([]);
  });
});

it('more than 5,000 resources are cut off, and that is said', async () => {
  const labs = bundle(...Array.from({ length: 5_001 }, (_, index) => lab(`o${index}`)));
  const record = await gathered(requestWith({ ...full, labs }));
  expect(idsOf(record)).toHaveLength(5_000);
  expect(record.gaps).toEqual([{ kind: 'incomplete', resourceType: 'Observation' }]);
});

it('more than 5,000 resources of all queries together are cut off too, under whatever key they come', async () => {
  const some = (name: string) => bundle(...Array.from({ length: 3_000 }, (_, index) => lab(`${name}${index}`)));
  const record = await gathered(requestWith({ ...full, labs: some('a'), extra: some('b') }));
  expect(idsOf(record).length).toBeLessThanOrEqual(5_000);
  expect(record.gaps).toEqual([{ kind: 'incomplete', resourceType: 'Observation' }]);
});

it('a Medication nested too deep is not taken over', async () => {
  const deep: unknown = JSON.parse('['.repeat(20_000) + ']'.repeat(20_000));
  const order = { resourceType: 'MedicationRequest', id: 'r1', status: 'active', subject };
  const medications = bundle(
    { ...order, medicationReference: { reference: 'Medication/m1' } },
    { resourceType: 'Medication', id: 'm1', code: { coding: deep } },
  );
  expect((await gathered(requestWith({ ...full, medications }))).gaps).toEqual([
    { kind: 'medication-unresolved', count: 1 },
  ]);
});
