import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ComposedService, startComposedService } from '../support/composed-service.js';
import { expectOutcome } from '../support/http-service.js';
import { furosemide, kidneyPatient } from '../support/kidney-patient.js';
import { callOf, cardsFor, draftOrders, post } from './calls.js';

const RECORD = kidneyPatient('p', { calcium: 8.2 });
const DRAFT = { ...furosemide('p'), id: 'draft-1', status: 'draft' };
const OTHER = { ...DRAFT, id: 'draft-2', medicationCodeableConcept: { text: 'Cetirizine 10 mg' } };
const SUMMARY = 'Draft Furosemide 40 mg: calcium 8.2 mg/dL already low; may worsen cramps';

describe('CDS Hooks, the context of each hook', () => {
  let service: ComposedService;
  beforeAll(async () => {
    service = await startComposedService();
  });
  afterAll(() => service.close());

  const selecting = (selections: unknown, ...orders: object[]) =>
    cardsFor(service, callOf(service, RECORD, 'order-select', { selections, draftOrders: draftOrders(...orders) }));
  const signing = (...orders: object[]) =>
    cardsFor(service, callOf(service, RECORD, 'order-sign', { draftOrders: draftOrders(...orders) }));
  const summariesOf = (cards: Awaited<ReturnType<typeof signing>>) => cards.map(({ summary }) => summary);

  it.each(['userId', 'patientId'])('A6.45, A6.46 and A6.47 must hold %s', async (field) => {
    for (const hook of ['patient-view', 'order-select', 'order-sign'] as const) {
      const response = await post(service, callOf(service, RECORD, hook, { [field]: undefined }));
      expect(await expectOutcome(response, 400, 'invalid')).toContain(`context.${field}`);
    }
  });

  it('A6.45 may hold an encounter', async () => {
    const [without] = await cardsFor(service, callOf(service, RECORD));
    const [within] = await cardsFor(service, callOf(service, RECORD, 'patient-view', { encounterId: 'e1' }));
    expect(within?.summary).toBe(without?.summary);
  });

  it('A6.46 judges the orders selected, named by reference or by id, and no other', async () => {
    expect(summariesOf(await selecting(['MedicationRequest/draft-1'], DRAFT, OTHER))).toContain(SUMMARY);
    expect(summariesOf(await selecting(['draft-1'], DRAFT, OTHER))).toContain(SUMMARY);
    expect(summariesOf(await selecting(['MedicationRequest/draft-2'], DRAFT, OTHER))).not.toContain(SUMMARY);
  });

  it('A6.46 takes an order whose details are still missing', async () => {
    const bare = { resourceType: 'MedicationRequest', id: 'draft-3', status: 'draft', subject: DRAFT.subject };
    const before = summariesOf(await cardsFor(service, callOf(service, RECORD)));
    expect(summariesOf(await selecting(['MedicationRequest/draft-3'], bare))).toEqual(before);
  });

  it('A6.46 reads past orders of the other four types', async () => {
    const others = ['ServiceRequest', 'DeviceRequest', 'NutritionOrder', 'VisionPrescription'].map((resourceType) => ({
      resourceType,
      id: `${resourceType}-1`,
      status: 'draft',
      intent: 'order',
      subject: DRAFT.subject,
      patient: DRAFT.subject,
    }));
    const cards = await selecting(['MedicationRequest/draft-1'], DRAFT, ...others);
    expect(summariesOf(cards)).toContain(SUMMARY);
    expect(cards.map(({ detail }) => detail).join('\n')).not.toContain('could not be read');
  });

  it('A6.47 judges every draft that is signed', async () => {
    expect(summariesOf(await signing(OTHER, DRAFT))).toContain(SUMMARY);
  });

  it('A6.47 takes orders that are no draft any more for what they are, and judges them no more', async () => {
    expect(summariesOf(await signing({ ...DRAFT, status: 'active' }))).not.toContain(SUMMARY);
  });

  it('A6.52 says of an order of another FHIR release that it was not read', async () => {
    const order = { resourceType: 'MedicationOrder', id: 'order-123', status: 'draft', patient: DRAFT.subject };
    const cards = await signing(order);
    expect(cards.map(({ detail }) => detail).join('\n')).toContain(
      '1 of the medication orders could not be read and were left out',
    );
  });

  it('A6.52 is 400 for the context of another hook', async () => {
    const body = { ...callOf(service, RECORD, 'order-sign'), hook: 'medication-prescribe' };
    const url = `${service.url}/cds-services/renal-cramps-order-sign`;
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(await expectOutcome(response, 400, 'invalid')).toContain('hook');
  });
});
