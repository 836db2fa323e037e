import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Card } from '../../../src/cds-hooks.js';
import { cardsFor, serviceBeside } from '../../support/chart-by-callback.js';
import { findingsOf, type ComposedService } from '../../support/composed-service.js';
import { FhirProxy } from '../../support/fhir-proxy.js';
import { hapiUrl, store } from '../../support/hapi.js';
import { furosemide, kidneyPatient, NOW } from '../../support/kidney-patient.js';
import { prefetched } from '../../support/prefetched.js';

const ID = 'partly-prefetched';
const RECORD = [...kidneyPatient(ID, { calcium: 7.8, phosphate: 6.2 }), furosemide(ID)];
/** What each template of discovery asks for. */
const ASKED = {
  patient: 'Patient',
  conditions: 'Condition',
  labs: 'Observation',
  labsSlow: 'Observation',
  bedside: 'Observation',
  medications: 'MedicationRequest',
  statements: 'MedicationStatement',
  administrations: 'MedicationAdministration',
  procedures: 'Procedure',
  encounters: 'Encounter',
};

let proxy: FhirProxy;
let service: ComposedService;
let prefetch: Record<string, unknown>;
let whole: Card[];

beforeAll(async () => {
  const server = await hapiUrl();
  await store(server, RECORD);
  proxy = await FhirProxy.open(server);
  service = await serviceBeside(proxy.url);
  prefetch = prefetched(service.services[0]!.prefetch!, RECORD, ID);
  whole = await cardsFor(service, { patientId: ID, now: NOW, prefetch });
}, 300_000);
beforeEach(() => {
  proxy.calls.splice(0);
});
afterAll(async () => {
  await service.close();
  await proxy.close();
});

/** The types asked for, but for the orders that are looked up before a test is suggested. */
function typesAsked(): string[] {
  const types = proxy.calls.map((call) => /^GET \/fhir\/(\w+)/.exec(call)?.[1] ?? call);
  return types.filter((type) => type !== 'ServiceRequest').sort();
}

describe('what prefetch lacks', () => {
  it('is a card worth completing: calcium and phosphate are the cause', () => {
    expect(whole.flatMap(findingsOf).map(({ id }) => id)).toContain('low-calcium-phosphate-retention');
    expect(Object.keys(prefetch).sort()).toEqual(Object.keys(ASKED).sort());
  });

  it.each(Object.entries(ASKED))('is asked for, and nothing else: %s', async (key, type) => {
    const { [key]: _left, ...rest } = prefetch;
    const cards = await cardsFor(service, { patientId: ID, now: NOW, prefetch: rest, fhirServer: proxy.url });
    expect(cards).toEqual(whole);
    expect(typesAsked()).toEqual([type]);
  });

  it('is everything when nothing was prefetched', async () => {
    const cards = await cardsFor(service, { patientId: ID, now: NOW, fhirServer: proxy.url });
    expect(cards).toEqual(whole);
    expect(typesAsked()).toEqual(Object.values(ASKED).sort());
  });

  it('is not asked for where the client says that there is nothing', async () => {
    const nothing = Object.fromEntries(Object.keys(ASKED).map((key) => [key, null]));
    const known = { ...nothing, patient: prefetch['patient'] };
    const cards = await cardsFor(service, { patientId: ID, now: NOW, prefetch: known, fhirServer: proxy.url });
    expect(cards).toEqual([]);
    expect(proxy.calls).toEqual([]);
  });
});
