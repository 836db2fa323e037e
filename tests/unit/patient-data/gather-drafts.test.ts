import { describe, expect, it } from '@jest/globals';
import type { Bundle } from 'fhir/r4.js';
import { draft, full, gathered, idsOf, ordersRequest, requestWith } from '../../support/gathered.js';

const unreadable = (count: number) => ({ kind: 'unreadable', resourceType: 'MedicationRequest', count });

describe('a medication order of the context', () => {
  it.each([undefined, null, 'draft', 'Draft', 'new', 7])(
    'of status %j is judged, as a draft, for no order may slip through by a misspelt status',
    async (status) => {
      for (const hook of ['order-sign', 'order-select'] as const) {
        const record = await gathered(ordersRequest(hook, [{ ...draft('r1'), status }], ['r1']));
        expect(record.draftsToJudge).toEqual(['r1']);
        expect(record.resources).toContainEqual(draft('r1'));
        expect(record.gaps).toEqual([]);
      }
    },
  );

  it.each(['active', 'on-hold', 'unknown', 'entered-in-error', 'cancelled', 'completed', 'stopped', 'Cancelled'])(
    'of status %s is not judged and keeps it',
    async (status) => {
      const record = await gathered(ordersRequest('order-sign', [{ ...draft('r1'), status }]));
      expect([record.ordersInContext, record.draftsToJudge]).toEqual([['r1'], []]);
      expect(record.resources).toContainEqual({ ...draft('r1'), status });
    },
  );

  it('that is not selected keeps its status', async () => {
    const orders = [draft('r1'), draft('r2', { status: 'active' })];
    const record = await gathered(ordersRequest('order-select', orders, ['r1']));
    expect(record.resources).toContainEqual(draft('r2', { status: 'active' }));
  });

  it.each([
    'MedicationRequest/r1',
    'r1',
    'urn:uuid:1',
    'https://ehr.example/fhir/MedicationRequest/r1',
    'http://x/MedicationRequest/r1',
  ])('is selected by %s', async (selection) => {
    const entry = [{ fullUrl: 'urn:uuid:1', resource: draft('r1') }, { resource: draft('r2') }];
    const draftOrders: Bundle = { resourceType: 'Bundle', type: 'collection', entry };
    const context = { userId: 'Practitioner/1', patientId: 'p1', draftOrders, selections: [selection] };
    const record = await gathered(requestWith(full, { hook: 'order-select', context }));
    expect(record.draftsToJudge).toEqual(['r1']);
    expect(record.gaps).toEqual([]);
  });

  it('that a selection names and the Bundle lacks is said', async () => {
    const selections = ['r1', 'r9', 'http://x/MedicationRequest/xr1', 'ServiceRequest/r1'];
    const record = await gathered(ordersRequest('order-select', [draft('r1')], selections));
    expect(record.draftsToJudge).toEqual(['r1']);
    expect(record.gaps).toEqual([unreadable(3)]);
  });

  it('whose id was used before is left out and said: the first one counts', async () => {
    const second = draft('r1', { medicationCodeableConcept: { text: 'Other' } });
    const record = await gathered(ordersRequest('order-sign', [draft('r1'), second]));
    expect(record.resources.filter(({ id }) => id === 'r1')).toEqual([draft('r1')]);
    expect(record.ordersInContext).toEqual(['r1']);
    expect(record.gaps).toEqual([unreadable(1)]);
  });

  it.each(['medicationRequest', 'MedicationOrder', 'Bundle', 'Nonsense'])(
    'of type %s is said',
    async (resourceType) => {
      const record = await gathered(ordersRequest('order-sign', [{ ...draft('r1'), resourceType }]));
      expect([record.ordersInContext, record.draftsToJudge, record.gaps]).toEqual([[], [], [unreadable(1)]]);
    },
  );

  it.each(['NutritionOrder', 'Practitioner', 'Medication', 'Encounter'])(
    'may stand beside a %s without a word',
    async (resourceType) => {
      const record = await gathered(ordersRequest('order-sign', [draft('r1'), { resourceType, id: 'x' }]));
      expect([record.draftsToJudge, record.gaps]).toEqual([['r1'], []]);
    },
  );

  it.each([5, null, '', '..', 'a/b', 'x'.repeat(65), { toString: 1 }])(
    'with the id %j cannot be named: it is left out and said',
    async (id) => {
      const record = await gathered(ordersRequest('order-sign', [{ ...draft('r1'), id }]));
      expect([record.ordersInContext, record.draftsToJudge, record.gaps]).toEqual([[], [], [unreadable(1)]]);
      expect(idsOf(record)).toEqual(['Patient/p1', 'Condition/c1', 'Observation/o1']);
    },
  );

  it('whose subject has only a display is of the patient in context; one with an identifier may be anybody’s', async () => {
    const named = await gathered(ordersRequest('order-sign', [{ ...draft('r1'), subject: { display: 'me' } }]));
    expect([named.draftsToJudge, named.gaps]).toEqual([['r1'], []]);
    const subject = { identifier: { value: '1' } };
    const other = await gathered(ordersRequest('order-sign', [{ ...draft('r1'), subject }]));
    expect([other.draftsToJudge, other.gaps]).toEqual([[], [unreadable(1), { kind: 'foreign', count: 1 }]]);
  });
});
