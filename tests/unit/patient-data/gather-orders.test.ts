import { describe, expect, it } from '@jest/globals';
import { bundle, draft, full, gathered, idsOf, ordersRequest, requestWith, subject } from '../../support/gathered.js';

describe('orders of the context', () => {
  it('join the record and take the place of its own version, even of a newer one', async () => {
    const stored = draft('r1', { status: 'active', meta: { versionId: '9' } });
    const request = ordersRequest('order-sign', [draft('r1')]);
    const record = await gathered({ ...request, prefetch: { ...full, medications: bundle(stored) } });
    expect(record.resources.filter(({ id }) => id === 'r1')).toEqual([draft('r1')]);
    expect(record.ordersInContext).toEqual(['r1']);
  });

  it('are all judged on order-sign, where they are medication orders', async () => {
    const service = { resourceType: 'ServiceRequest', id: 's1', status: 'draft', intent: 'order', subject };
    const record = await gathered(
      ordersRequest('order-sign', [draft('r1'), draft('r2', { status: 'stopped' }), service]),
    );
    expect(record.ordersInContext).toEqual(['r1', 'r2', 's1']);
    expect(record.draftsToJudge).toEqual(['r1']);
    expect(idsOf(record)).toContain('ServiceRequest/s1');
  });

  it('are judged on order-select where selected by Type/id or bare id', async () => {
    const orders = [draft('r1'), draft('r2'), draft('r3'), draft('r4')];
    const selections = ['MedicationRequest/r1', 'r2', 'ServiceRequest/r3'];
    expect((await gathered(ordersRequest('order-select', orders, selections))).draftsToJudge).toEqual(['r1', 'r2']);
  });

  it('are not judged on order-select without selections', async () => {
    expect((await gathered(ordersRequest('order-select', [draft('r1')]))).draftsToJudge).toEqual([]);
  });

  it.each(['order-select', 'order-sign'] as const)('may be missing on %s', async (hook) => {
    const record = await gathered(requestWith(full, { hook }));
    expect([record.ordersInContext, record.draftsToJudge, record.gaps]).toEqual([[], [], []]);
  });

  it('of another patient are dropped, counted and never judged', async () => {
    const record = await gathered(ordersRequest('order-sign', [draft('r1', { subject: { reference: 'Patient/p2' } })]));
    expect(idsOf(record)).not.toContain('MedicationRequest/r1');
    expect([record.ordersInContext, record.draftsToJudge]).toEqual([[], []]);
    expect(record.gaps).toEqual([
      { kind: 'unreadable', resourceType: 'MedicationRequest', count: 1 },
      { kind: 'foreign', count: 1 },
    ]);
  });

  it('without a subject are of the patient in context, and a single category becomes a list', async () => {
    const { subject: _none, ...rest } = draft('r1');
    const record = await gathered(ordersRequest('order-sign', [{ ...rest, category: { text: 'outpatient' } }]));
    expect(record.resources).toContainEqual(draft('r1', { category: [{ text: 'outpatient' }] }));
    expect(record.draftsToJudge).toEqual(['r1']);
    expect(record.gaps).toEqual([]);
  });

  it('without an id cannot be named, so they are left out and counted', async () => {
    const { id: _none, ...rest } = draft('r1');
    const record = await gathered(ordersRequest('order-sign', [rest, rest]));
    expect(idsOf(record)).toEqual(['Patient/p1', 'Condition/c1', 'Observation/o1']);
    expect(record.gaps).toEqual([{ kind: 'unreadable', resourceType: 'MedicationRequest', count: 2 }]);
  });

  it('refer to Medications beside them, which do not join the record', async () => {
    const { medicationCodeableConcept: _none, ...rest } = draft('r1');
    const orders = [
      { ...rest, medicationReference: { reference: 'Medication/m1' } },
      { resourceType: 'Medication', id: 'm1', code: { text: 'Drug' } },
    ];
    const record = await gathered(ordersRequest('order-sign', orders));
    expect(record.resources).toContainEqual(draft('r1'));
    expect(idsOf(record)).not.toContain('Medication/m1');
    expect(record.gaps).toEqual([]);
  });
});
