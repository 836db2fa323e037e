import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import { cardsFor, serviceBeside } from '../../support/chart-by-callback.js';
import { findingsOf, type ComposedService } from '../../support/composed-service.js';
import { FhirProxy } from '../../support/fhir-proxy.js';
import { hapiUrl, store } from '../../support/hapi.js';
import { condition, daysAgo, kidneyPatient, NOW, result } from '../../support/kidney-patient.js';
import { prefetched } from '../../support/prefetched.js';

/** What the server gives at most on one page, whatever `_count` asks for. */
const PAGE = 50;

let server: string;
let proxy: FhirProxy;
let service: ComposedService;

beforeAll(async () => {
  server = await hapiUrl();
  proxy = await FhirProxy.open(server);
  service = await serviceBeside(proxy.url);
}, 300_000);
afterAll(async () => {
  await service.close();
  await proxy.close();
});

const sodium = (id: string, name: string, days: number) =>
  result(id, name, { code: '2951-2', value: 139, unit: 'mmol/L' }, daysAgo(days));

async function openChart(id: string, record: readonly FhirResource[]) {
  await store(server, record);
  proxy.calls.splice(0);
  const byCallback = await cardsFor(service, { patientId: id, now: NOW, fhirServer: proxy.url });
  const prefetch = prefetched(service.services[0]!.prefetch!, record, id);
  expect(byCallback).toEqual(await cardsFor(service, { patientId: id, now: NOW, prefetch }));
  return byCallback.flatMap(findingsOf).map((finding) => finding.id);
}

function furtherPages(): number {
  return proxy.calls.filter((call) => call.includes('_getpages=')).length;
}

describe('a search that the server answers in pages', () => {
  it('is read to the page that holds the result which decides', async () => {
    const id = 'many-results';
    const newer = Array.from({ length: 120 }, (_, index) => sodium(id, `sodium-${index}`, 3 + index / 10));
    const [deciding] = [result(id, 'low', { code: '17861-6', value: 7.8, unit: 'mg/dL' }, daysAgo(20))];
    const others = kidneyPatient(id, { phosphate: 6.2 }).filter((each) => each.id !== `${id}-calcium`);
    const record = [...others.map((each) => onDay(each, 20)), ...newer, deciding];
    expect(await openChart(id, record)).toContain('low-calcium-phosphate-retention');
    expect(furtherPages()).toBe(2);
  });

  it('is read to its end where nothing sorts it', async () => {
    const id = 'many-problems';
    const other = { code: 'J45.909', display: 'Unspecified asthma' };
    const problems = Array.from({ length: 3 * PAGE }, (_, index) =>
      condition(id, `asthma-${index}`, other, daysAgo(100)),
    );
    expect(await openChart(id, [...problems, ...kidneyPatient(id, { calcium: 7.8, phosphate: 6.2 })])).toContain(
      'low-calcium-phosphate-retention',
    );
    expect(furtherPages()).toBe(3);
  });

  it('is left where results become too old to count', async () => {
    const id = 'long-history';
    const older = Array.from({ length: 4 * PAGE }, (_, index) => sodium(id, `sodium-${index}`, 20 * (index + 1)));
    expect(await openChart(id, [...kidneyPatient(id, { calcium: 7.8, phosphate: 6.2 }), ...older])).toContain(
      'low-calcium-phosphate-retention',
    );
    expect(furtherPages()).toBe(0);
  });
});

/** Results of that day, so that all newer ones come before them. */
function onDay(resource: FhirResource, days: number): FhirResource {
  return resource.resourceType === 'Observation' ? { ...resource, effectiveDateTime: daysAgo(days) } : resource;
}
