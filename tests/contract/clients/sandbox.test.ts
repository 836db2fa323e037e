import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ComposedService, startComposedService } from '../../support/composed-service.js';
import { expectOutcome } from '../../support/http-service.js';
import { cardsFor, post } from '../calls.js';
import { filledForm, sandboxCall, untouchedForm } from './sandbox.js';

const CAUSE = 'Cramp: possible low calcium 7.9 mg/dL, mechanism not known';
const DRAFT = 'Draft furosemide 40 MG Oral Tablet: calcium 7.9 mg/dL already low; may worsen cramps';
const SELECTED = { selections: ['MedicationRequest/request-123'] };

describe('the cds-hooks sandbox', () => {
  let service: ComposedService;
  beforeAll(async () => {
    service = await startComposedService();
  });
  afterAll(() => service.close());

  const summariesFor = async (body: Record<string, unknown>) =>
    (await cardsFor(service, body)).map(({ summary }) => summary);

  it('B1.3 opens a chart without an encounter', async () => {
    expect(await summariesFor(sandboxCall(service, 'patient-view'))).toEqual([CAUSE]);
  });

  it('B1.4 calls with an order without a drug as soon as its tab opens', async () => {
    const context = { ...SELECTED, draftOrders: untouchedForm() };
    expect(await summariesFor(sandboxCall(service, 'order-select', context))).toEqual([CAUSE]);
  });

  it('B1.4 and B1.5 sends a category that is no list, a Bundle without type and a dose in pills', async () => {
    const draftOrders = filledForm();
    expect(await summariesFor(sandboxCall(service, 'order-select', { ...SELECTED, draftOrders }))).toEqual([
      DRAFT,
      CAUSE,
    ]);
    expect(await summariesFor(sandboxCall(service, 'order-sign', { draftOrders }))).toEqual([DRAFT, CAUSE]);
  });

  it.each(['order-select', 'order-sign'] as const)(
    'B1.6 calls %s without orders and selections when its tab is clicked again',
    async (hook) => {
      expect(await summariesFor(sandboxCall(service, hook))).toEqual([CAUSE]);
    },
  );

  it('B1.7 calls for a patient its server does not know, before the right one is loaded: no data, no harm', async () => {
    const { prefetch: _none, ...call } = sandboxCall(service, 'patient-view', { patientId: 'unknown' });
    await expectOutcome(await post(service, call), 412, 'incomplete');
    const empty = { resourceType: 'Bundle', type: 'searchset', total: 0 };
    const response = await post(service, { ...call, prefetch: { conditions: empty, labs: empty } });
    await expectOutcome(response, 412, 'incomplete');
  });

  it('B2.11 leaves unresolved tokens as they are', async () => {
    const context = {
      encounterId: '{{context.encounterId}}',
      selections: null,
      draftOrders: '{{context.draftOrders}}',
    };
    expect(await summariesFor(sandboxCall(service, 'order-select', context))).toEqual([CAUSE]);
  });

  it('B2.11 may send an empty Bundle for any query, and a card that speaks names what it does not know', async () => {
    const call = sandboxCall(service, 'patient-view');
    const labs = { resourceType: 'Bundle', type: 'searchset', total: 0 };
    const [card] = await cardsFor(service, { ...call, prefetch: { ...Object(call['prefetch']), labs } });
    expect(card?.source.topic?.code).toBe('InsufficientData');
    expect(card?.detail).toMatch(/^- Calcium: no result/m);
  });

  it('B2.11 leaves a query that failed out, and the card says so', async () => {
    const call = sandboxCall(service, 'patient-view');
    const { medications: _failed, ...prefetch } = Object(call['prefetch']);
    const [card] = await cardsFor(service, { ...call, prefetch });
    expect(card?.summary).toBe(CAUSE);
    expect(card?.detail).toContain('- Could not be checked: medication orders (not provided)');
  });

  it('B2.11 joins parameters of one name, so discovery writes none twice', () => {
    const queries = Object.values(service.services[0]?.prefetch ?? {}).map((query) => query.split('?')[1] ?? '');
    expect(queries).toHaveLength(10);
    const doubled = queries.filter((query) => /(?:^|&)([^=&]+)=.*&\1=/.test(query));
    expect(doubled).toEqual([]);
  });

  it('B2.12 keeps services by their address, so each hook has an id of its own', () => {
    expect(new Set(service.services.map(({ id }) => id)).size).toBe(3);
  });

  it('B2.15 looks for system actions at their old place too, and finds none', async () => {
    const response = await post(service, sandboxCall(service, 'order-sign', { draftOrders: filledForm() }));
    expect(Object.keys(Object(await response.json()))).toEqual(['cards']);
  });
});
