import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Bundle, FhirResource } from 'fhir/r4.js';
import type { CdsResponse, CdsService } from '../../src/cds-hooks.js';
import { composeService } from '../../src/compose.js';
import { readConfig } from '../../src/config.js';
import { forgetfulStore } from '../support/forgetful-store.js';
import { listen, type Listening } from '../../src/http/server.js';
import { createLog } from '../../src/log.js';
import { demoCall } from '../../src/web/demo-call.js';
import { freePort } from '../support/free-port.js';
import { expectOutcome, postJson } from '../support/http-service.js';

let server: Listening;
let service: CdsService;
let base: string;

async function start(settings: Record<string, string> = {}) {
  const config = readConfig({ PORT: String(await freePort()), DEMO: 'on', LOG_LEVEL: 'silent', ...settings });
  const composed = composeService(config, createLog('silent'), forgetfulStore());
  return { ...composed, config, server: await listen(composed.app, config) };
}

beforeAll(async () => {
  const started = await start();
  server = started.server;
  service = started.services.find(({ hook }) => hook === 'patient-view')!;
  base = `${server.url}/demo/fhir`;
});
afterAll(() => server.close());

async function get<Resource extends FhirResource = Bundle<FhirResource>>(path: string): Promise<Resource> {
  const response = await fetch(`${base}/${path}`);
  expect({ path, status: response.status }).toEqual({ path, status: 200 });
  expect(response.headers.get('content-type')).toBe('application/fhir+json; charset=utf-8');
  // What it is not shows in the expectations of the test.
  return (await response.json()) as Resource;
}

function codesOf(bundle: Bundle<FhirResource>): unknown[] {
  return (bundle.entry ?? []).map(({ resource }) =>
    resource?.resourceType === 'Observation' ? resource.code.coding?.[0]?.code : resource?.resourceType,
  );
}

async function call(body: object): Promise<CdsResponse> {
  const response = await postJson(`${server.url}/cds-services/${service.id}`, JSON.stringify(body));
  expect(response.status).toBe(200);
  // Two answers are compared; their shape is the matter of the contract tests.
  return (await response.json()) as CdsResponse;
}

function patientView(patientId: string, more: object): object {
  return {
    hook: 'patient-view',
    hookInstance: 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea',
    context: { userId: 'Practitioner/example', patientId },
    ...more,
  };
}

/** Cards without what is fresh in every answer, and without the link that needs an EHR to open it. */
function lasting({ cards }: CdsResponse): unknown {
  const kept = cards.map(({ links = [], ...card }) => ({
    ...card,
    links: links.filter(({ type }) => type !== 'smart'),
  }));
  return JSON.parse(JSON.stringify(kept, (key, value: unknown) => (key === 'uuid' ? undefined : value)));
}

describe('a hook call that names the demo endpoint', () => {
  it('needs no prefetch and gives a card for the first sample', async () => {
    const { cards } = await call(patientView('sample-phosphate', { fhirServer: base }));
    expect(cards.map(({ summary }) => summary)).toEqual([
      'Cramp: likely low calcium 7.8 mg/dL with high phosphate 6.2 mg/dL (CKD G4)',
    ]);
    expect(cards[0]?.detail).not.toContain('could not be');
  });

  it('gives the same cards as the same data by prefetch, for every sample', async () => {
    const patients = await get('Patient');
    const ids = (patients.entry ?? []).map(({ resource }) => resource!.id!);
    expect(ids).toHaveLength(12);
    for (const id of ids) {
      const templates = Object.entries(service.prefetch ?? {});
      const answers = templates.map(async ([key, template]) => [
        key,
        await get<FhirResource>(template.replace('{{context.patientId}}', id)),
      ]);
      const prefetch = Object.fromEntries(await Promise.all(answers));
      const byPrefetch = await call(patientView(id, { prefetch }));
      const byCallback = await call(patientView(id, { fhirServer: base }));
      expect({ id, cards: lasting(byCallback) }).toEqual({ id, cards: lasting(byPrefetch) });
    }
  });

  it('may name it by localhost too', async () => {
    const fhirServer = base.replace('127.0.0.1', 'localhost');
    expect((await call(patientView('sample-phosphate', { fhirServer }))).cards).toHaveLength(1);
  });

  it('is refused another path of the service', async () => {
    const body = JSON.stringify(patientView('sample-phosphate', { fhirServer: `${server.url}/demo` }));
    await expectOutcome(await postJson(`${server.url}/cds-services/${service.id}`, body), 412, 'incomplete');
  });
});

describe('the demo endpoint', () => {
  it('lists the patients with addresses that can be read', async () => {
    const bundle = await get('Patient');
    expect(bundle).toMatchObject({ resourceType: 'Bundle', type: 'searchset', total: 12 });
    const [first] = bundle.entry ?? [];
    expect(first?.fullUrl).toBe(`${base}/Patient/sample-phosphate`);
    expect(await get<FhirResource>('Patient/sample-phosphate')).toEqual(first?.resource);
  });

  it.each([
    ['Observation?patient=sample-phosphate&code=17861-6', Array(5).fill('17861-6')],
    ['Observation?patient=Patient/sample-phosphate&code=http://loinc.org|17861-6', Array(5).fill('17861-6')],
    ['Observation?subject=Patient/sample-stale&code=2951-2,2823-3', ['2823-3', '2951-2']],
    ['Observation?patient=sample-phosphate&code=http://snomed.info/sct|17861-6', []],
    ['Observation?patient=nobody', []],
    ['Observation?patient=sample-phosphate&category=vital-signs', []],
    [
      'Observation?patient=sample-restless-legs&code=2276-4,98979-8,17861-6&_sort=-date&_count=3',
      ['17861-6', '98979-8', '2276-4'],
    ],
    [
      'Observation?patient=sample-restless-legs&code=2276-4,98979-8,17861-6&_sort=date&_count=3',
      ['98979-8', '2276-4', '98979-8'],
    ],
    ['Observation?patient=sample-phosphate&_sort=-date&_count=0', []],
    ['MedicationRequest?patient=sample-furosemide&status=active,completed', ['MedicationRequest']],
    ['MedicationRequest?patient=sample-furosemide&status=stopped', []],
    ['Condition?patient=sample-phosphate&clinical-status=active&code=N18.4', ['Condition']],
    ['ServiceRequest?patient=sample-phosphate&status=active&authored=ge2026-01-01&_count=100', []],
    ['MedicationRequest?patient=sample-furosemide&authored=ge2020-01-01', ['MedicationRequest']],
    ['MedicationRequest?patient=sample-furosemide&authored=ge2999-01-01', []],
  ])('answers %s', async (query, codes) => {
    expect(codesOf(await get(query))).toEqual(codes);
  });

  it('can be read by browser clients of the listed origins, and by no other', async () => {
    const open = await start({ CORS_ORIGINS: 'https://ehr.example.org' });
    const allowed = async (origin: string) => {
      const response = await fetch(`${open.server.url}/demo/fhir/metadata`, { headers: { Origin: origin } });
      return response.headers.get('access-control-allow-origin');
    };
    expect(await allowed('https://ehr.example.org')).toBe('https://ehr.example.org');
    expect(await allowed('https://evil.example.org')).toBeNull();
    await open.server.close();
  });

  it('gives long answers in pages that lead to the whole', async () => {
    const first = await get('Observation?patient=sample-phosphate&_sort=-date&_count=20');
    const next = first.link?.find(({ relation }) => relation === 'next')?.url ?? '';
    const second = await get(next.slice(base.length + 1));
    expect([first.total, first.entry?.length, second.entry?.length]).toEqual([31, 20, 11]);
    expect(second.link?.map(({ relation }) => relation)).toEqual(['self']);
    const ids = [...(first.entry ?? []), ...(second.entry ?? [])].map(({ resource }) => resource?.id);
    expect(new Set(ids).size).toBe(31);
  });

  it('says what it can', async () => {
    const statement = await get<FhirResource>('metadata');
    expect(statement).toMatchObject({ resourceType: 'CapabilityStatement', fhirVersion: '4.0.1', kind: 'instance' });
  });

  it.each([
    ['GET', 'Observation?patient=sample-phosphate&value-quantity=5', 400, 'invalid'],
    ['GET', 'Observation?patient=nobody&_sort=code', 400, 'invalid'],
    ['GET', 'Observation?_count=many', 400, 'invalid'],
    ['GET', `Observation?code=${'1,'.repeat(300)}1`, 400, 'invalid'],
    ['GET', 'Observation/no-such-id', 404, 'not-found'],
    ['GET', 'Patient/sample-phosphate-observation-1', 404, 'not-found'],
    ['GET', 'Account', 404, 'not-found'],
    ['GET', 'Patient/sample-phosphate/$everything', 404, 'not-found'],
    ['POST', 'Patient', 405, 'not-supported'],
    ['DELETE', 'Patient/sample-phosphate', 405, 'not-supported'],
  ])('refuses %s %s', async (method, path, status, code) => {
    await expectOutcome(await fetch(`${base}/${path}`, { method }), status, code);
  });
});

describe('the demo switched off', () => {
  it('has no endpoint, no samples and calls nothing back', async () => {
    const off = await start({ DEMO: 'off' });
    await expectOutcome(await fetch(`${off.server.url}/demo/fhir/Patient`), 404, 'not-found');
    expect(off.samplePatientIds).toEqual([]);
    const body = JSON.stringify(patientView('sample-phosphate', { fhirServer: `${off.server.url}/demo/fhir` }));
    await expectOutcome(await postJson(`${off.server.url}/cds-services/${service.id}`, body), 412, 'incomplete');
    await off.server.close();
  });
});

describe('demoCall', () => {
  it('gives a line to copy that a shell can run', () => {
    expect(demoCall({ host: '127.0.0.1', port: 3000 }, 'renal-cramps-patient-view', 'sample-phosphate')).toBe(
      `curl -s http://127.0.0.1:3000/cds-services/renal-cramps-patient-view -H 'Content-Type: application/json' -d '${JSON.stringify(
        patientView('sample-phosphate', { fhirServer: 'http://127.0.0.1:3000/demo/fhir' }),
        ['hook', 'hookInstance', 'fhirServer', 'context', 'userId', 'patientId'],
      )}'`,
    );
  });

  it.each([
    ['0.0.0.0', 'http://127.0.0.1:3000/'],
    ['::', 'http://[::1]:3000/'],
    ['::1', 'http://[::1]:3000/'],
    ['localhost', 'http://localhost:3000/'],
    ['192.168.1.20', 'http://192.168.1.20:3000/'],
  ])('reaches a service that listens on %s at %s', (host, url) => {
    const line = demoCall({ host, port: 3000 }, 'a-service', 'ada') ?? '';
    expect(line.startsWith(`curl -s ${url}cds-services/a-service `)).toBe(true);
    expect(line).toContain(`"fhirServer":"${url}demo/fhir"`);
  });

  it('says nothing while the port is not known', () => {
    expect(demoCall({ host: '127.0.0.1', port: 0 }, 'a-service', 'ada')).toBeUndefined();
  });
});
