import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ComposedService, startComposedService } from '../../support/composed-service.js';
import { AUTHORIZATION } from '../../support/hook-requests.js';
import { expectOutcome } from '../../support/http-service.js';
import { furosemide, kidneyPatient } from '../../support/kidney-patient.js';
import { callOf, cardsFor, draftOrders, type HookBody, post } from '../calls.js';

const RECORD = kidneyPatient('pat015', { calcium: 7.9, phosphate: 3.8 });
const SUBJECT = { reference: 'Patient/pat015' };
const CAUSE = 'Cramp: possible low calcium 7.9 mg/dL, mechanism not known';

/** Orders and coverage, as a test client for coverage requirements sends them. */
const ORDERS = draftOrders(
  {
    ...furosemide('pat015'),
    id: 'smart-MedicationRequest-103',
    status: 'draft',
    insurance: [{ reference: 'Coverage/c1' }],
  },
  { resourceType: 'ServiceRequest', id: 'sr1', status: 'draft', intent: 'order', subject: SUBJECT },
  { resourceType: 'DeviceRequest', id: 'dr1', status: 'draft', intent: 'original-order', subject: SUBJECT },
  { resourceType: 'NutritionOrder', id: 'no1', status: 'draft', intent: 'order', patient: SUBJECT },
  { resourceType: 'VisionPrescription', id: 'vp1', status: 'draft', patient: SUBJECT },
  { resourceType: 'CommunicationRequest', id: 'cr1', status: 'draft', subject: SUBJECT },
);
const COVERAGE = {
  resourceType: 'Bundle',
  type: 'searchset',
  entry: [
    { resource: { resourceType: 'Coverage', id: 'c1', status: 'active', beneficiary: SUBJECT } },
    { resource: { resourceType: 'Organization', id: 'payer', active: true } },
  ],
};

describe('the test kit for coverage requirements', () => {
  let service: ComposedService;
  beforeAll(async () => {
    service = await startComposedService();
  });
  afterAll(() => service.close());

  const signing = (changes: object = {}): HookBody & Record<string, unknown> => ({
    ...callOf(service, RECORD, 'order-sign', { draftOrders: ORDERS }),
    fhirServer: 'https://fhir.example.org/r4',
    fhirAuthorization: { ...AUTHORIZATION, expires_in: 30, patient: 'pat015' },
    ...changes,
  });

  it('B3.5 sends orders of six types with coverage beside them, and gets the cards of its drug', async () => {
    const call = signing();
    const prefetch = { ...call.prefetch, coverage: COVERAGE, serviceRequests: null };
    const cards = await cardsFor(service, { ...call, prefetch });
    expect(cards.map(({ summary }) => summary)).toEqual([
      'Draft Furosemide 40 mg: calcium 7.9 mg/dL already low; may worsen cramps',
      CAUSE,
    ]);
    expect(cards.map(({ detail }) => detail).join('\n')).not.toMatch(/could not be read|another patient/);
  });

  it.each<[string, (call: HookBody) => object, string]>([
    ['no hook', () => ({ hook: undefined }), 'hook'],
    ['the hook of another service', () => ({ hook: 'appointment-book' }), 'hook'],
    ['a hookInstance that is no UUID', () => ({ hookInstance: 'order-sign-1' }), 'hookInstance'],
    ['a context that is a list', () => ({ context: [] }), 'context'],
    ['fhirAuthorization without fhirServer', () => ({ fhirServer: undefined }), 'fhirServer'],
    ['fhirServer that is no URL', () => ({ fhirServer: 'fhir.example.org' }), 'fhirServer'],
    ['expires_in that is text', () => ({ fhirAuthorization: { ...AUTHORIZATION, expires_in: '300' } }), 'expires_in'],
    [
      'token_type in small letters',
      () => ({ fhirAuthorization: { ...AUTHORIZATION, token_type: 'bearer' } }),
      'token_type',
    ],
    ['a user of another type', ({ context }) => ({ context: { ...context, userId: 'Organization/1' } }), 'userId'],
    ['a user without type', ({ context }) => ({ context: { ...context, userId: 'example' } }), 'userId'],
    ['a patientId with a slash', ({ context }) => ({ context: { ...context, patientId: 'Patient/p' } }), 'patientId'],
    ['draftOrders that are no Bundle', ({ context }) => ({ context: { ...context, draftOrders: [] } }), 'draftOrders'],
  ])('B3.5 is answered 400 for %s', async (_name, change, field) => {
    const body = { ...signing(), ...change(signing()) };
    const response = await fetch(`${service.url}/cds-services/renal-cramps-order-sign`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(await expectOutcome(response, 400, 'invalid')).toContain(field);
  });

  it('B3.5 may leave optional attributes blank instead of out', async () => {
    const blank = { ...signing(), fhirServer: '', fhirAuthorization: null };
    const context = { ...signing().context, encounterId: '' };
    expect((await cardsFor(service, { ...blank, context })).at(-1)?.summary).toBe(CAUSE);
  });

  it('B3.5 may send an order without an id, which is named as unread', async () => {
    const orders = draftOrders({ ...furosemide('pat015'), id: undefined, status: 'draft' });
    const cards = await cardsFor(service, signing({ context: { ...signing().context, draftOrders: orders } }));
    expect(cards.map(({ detail }) => detail).join('\n')).toContain(
      '1 of the medication orders could not be read and were left out',
    );
  });

  it('B3.5 may select what is not among the drafts, which is named as unread', async () => {
    const body = callOf(service, RECORD, 'order-select', {
      draftOrders: ORDERS,
      selections: ['MedicationRequest/none'],
    });
    const cards = await cardsFor(service, body);
    expect(cards.map(({ detail }) => detail).join('\n')).toContain(
      '1 of the medication orders could not be read and were left out',
    );
  });

  it('B3.14 asks on order-sign for system actions of coverage, and gets none', async () => {
    const response = await post(service, signing());
    expect(Object.keys(Object(await response.json()))).toEqual(['cards']);
  });
});
