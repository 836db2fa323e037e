import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FhirResource, Medication, MedicationRequest, Reference } from 'fhir/r4.js';
import { cardsFor, serviceBeside } from '../../support/chart-by-callback.js';
import { findingsOf, type ComposedService } from '../../support/composed-service.js';
import { FhirProxy } from '../../support/fhir-proxy.js';
import { hapiUrl, store } from '../../support/hapi.js';
import { furosemide, kidneyPatient, NOW } from '../../support/kidney-patient.js';

let server: string;
let proxy: FhirProxy;
let service: ComposedService;

beforeAll(async () => {
  server = await hapiUrl();
  proxy = await FhirProxy.open(server);
  // The server shortens references under the address that it was called by.
  proxy.passesHost = false;
  service = await serviceBeside(proxy.url);
}, 300_000);
afterAll(async () => {
  await service.close();
  await proxy.close();
});

function drug(id: string): Medication {
  const { medicationCodeableConcept } = furosemide('anybody');
  return { resourceType: 'Medication', id, code: medicationCodeableConcept! };
}

function orderOf(
  patientId: string,
  medicationReference: Reference,
  more: Partial<MedicationRequest> = {},
): FhirResource {
  const { medicationCodeableConcept: _concept, ...order } = furosemide(patientId);
  return { ...order, medicationReference, ...more };
}

async function openChart(id: string, order: FhirResource, others: readonly FhirResource[] = []) {
  // Apart: within one transaction the server makes references to its resources relative.
  if (others.length > 0) await store(server, others);
  await store(server, [...kidneyPatient(id, { calcium: 7.8 }), order]);
  proxy.calls.splice(0);
  const cards = await cardsFor(service, { patientId: id, now: NOW, fhirServer: proxy.url });
  return { findings: cards.flatMap(findingsOf).map((finding) => finding.id), text: JSON.stringify(cards) };
}

describe('a drug that an order only refers to', () => {
  const references: [string, () => string][] = [
    ['relative', () => 'Medication/furosemide-relative'],
    ['absolute, under the address the server knows itself by', () => `${server}/Medication/furosemide-own`],
    ['absolute, under the address the client gave', () => `${proxy.url}/Medication/furosemide-given`],
    ['to a version', () => 'Medication/furosemide-version/_history/1'],
  ];

  it.each(references)('is read when the reference is %s', async (_, reference) => {
    const medicationId = /Medication\/([^/]+)/.exec(reference())![1]!;
    const id = `patient-${medicationId}`;
    const order = orderOf(id, { reference: reference() });
    const { findings } = await openChart(id, order, [drug(medicationId)]);
    expect(findings).toContain('loop-diuretic-calcium-loss');
    expect(proxy.callsOf('Medication/')).toEqual([`GET /fhir/Medication/${medicationId}`]);
  });

  it('is found inside the order without a call', async () => {
    const id = 'patient-contained';
    const { findings } = await openChart(id, orderOf(id, { reference: '#drug' }, { contained: [drug('drug')] }));
    expect(findings).toContain('loop-diuretic-calcium-loss');
    expect(proxy.callsOf('Medication/')).toEqual([]);
  });

  it('is said to be unknown when the server does not have it', async () => {
    const id = 'patient-without-drug';
    const { findings, text } = await openChart(id, orderOf(id, { reference: 'Medication/nowhere' }));
    expect(findings).not.toContain('loop-diuretic-calcium-loss');
    expect(text).toContain('1 medication entries name a drug that could not be looked up');
  });

  it('is not looked for on another server', async () => {
    const id = 'patient-of-elsewhere';
    const { findings, text } = await openChart(id, orderOf(id, { reference: 'http://127.0.0.1:9/fhir/Medication/x' }));
    expect(findings).not.toContain('loop-diuretic-calcium-loss');
    expect(text).toContain('1 medication entries name a drug that could not be looked up');
    expect(proxy.callsOf('Medication/')).toEqual([]);
  });
});

describe('a patient', () => {
  it('may have an id of digits alone', async () => {
    const { findings } = await openChart('4711007', furosemide('4711007'));
    expect(findings).toContain('loop-diuretic-calcium-loss');
  });

  it('may be referred to by an absolute address of the server', async () => {
    const id = 'patient-by-address';
    const subject = { reference: `${server}/Patient/${id}` };
    const { findings } = await openChart(id, { ...furosemide(id), subject });
    expect(findings).toContain('loop-diuretic-calcium-loss');
  });
});
