import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import { startComposedService } from '../support/composed-service.js';
import { expectOutcome, postJson } from '../support/http-service.js';
import { furosemide, kidneyPatient, NOW } from '../support/kidney-patient.js';
import { prefetched } from '../support/prefetched.js';
import { startWebService, type WebService } from '../support/web-service.js';

interface Explained {
  now: string;
  knowledge: { version: string };
  cards: { summary: string }[];
  findings: { id: string; title: string; points: number; shown: boolean; likelihood?: string; evidence: object[] }[];
  notApplied: { id: string; title: string; unmet: { criterion: string; value: string }[] }[];
  gate: { value: string; criteria: { criterion: string; value: string }[] };
  gaps: string[];
  inputs: { reference: string; valueSets: string[] }[];
}

const LOW_CALCIUM = [...kidneyPatient('p', { calcium: 7.8, phosphate: 6.2 }), furosemide('p')];

describe('POST /app/explain', () => {
  let service: WebService;
  let templates: Record<string, string>;
  beforeAll(async () => {
    service = await startWebService();
    const discovery = (await (await fetch(`${service.url}/cds-services`)).json()) as {
      services: { prefetch: Record<string, string> }[];
    };
    templates = discovery.services[0]!.prefetch;
  });
  afterAll(() => service.close());

  const request = (resources: readonly FhirResource[], more: object = {}): object => ({
    hook: 'patient-view',
    hookInstance: 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea',
    fhirServer: service.samples,
    context: { userId: 'Practitioner/a', patientId: 'p' },
    prefetch: prefetched(templates, resources, 'p'),
    extension: { 'org.renal-cramp-cds.evaluation-time': NOW.toISOString() },
    ...more,
  });
  const ask = (body: object, headers: Record<string, string> = { Origin: service.url }): Promise<Response> =>
    postJson(`${service.url}/app/explain`, JSON.stringify(body), headers);
  const explained = async (resources: readonly FhirResource[]): Promise<Explained> => {
    const response = await ask(request(resources));
    expect(response.status).toBe(200);
    // What it is not shows in the expectations.
    return (await response.json()) as Explained;
  };

  it('answers the card and every finding, those under the display limit too, most points first', async () => {
    const { cards, findings, now, knowledge } = await explained(LOW_CALCIUM);
    expect(now).toBe(NOW.toISOString());
    expect(knowledge.version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(cards.map(({ summary }) => summary)).toEqual([
      'Cramp: likely low calcium 7.8 mg/dL with high phosphate 6.2 mg/dL (CKD G4)',
    ]);
    expect(findings[0]).toMatchObject({
      id: 'low-calcium-phosphate-retention',
      title: 'Low calcium with phosphate build-up',
      points: 85,
      shown: true,
      likelihood: 'likely',
    });
    expect(findings.map(({ points }) => points)).toEqual(
      findings.map(({ points }) => points).toSorted((a, b) => b - a),
    );
    expect(findings.find(({ id }) => id === 'low-calcium-unclassified')).toMatchObject({ shown: false, points: 55 });
  });

  it('gives evidence with value, unit, date, reference and the limit used', async () => {
    const { findings } = await explained(LOW_CALCIUM);
    expect(findings[0]?.evidence).toContainEqual({
      text: 'Phosphate 6.2 mg/dL (15 May 2026, 2 days ago)',
      points: 30,
      value: 6.2,
      unit: 'mg/dL',
      date: expect.stringMatching(/^2026-05-15T/),
      reference: 'Observation/p-phosphate',
      limit: { value: 4.5, unit: 'mg/dL' },
    });
  });

  it('says why each other rule did not apply, what the gate answers, and what it recognised', async () => {
    const { notApplied, gate, inputs } = await explained(LOW_CALCIUM);
    expect(notApplied.find(({ id }) => id === 'hypomagnesaemia')).toMatchObject({
      title: 'Low magnesium',
      unmet: [{ criterion: expect.stringContaining('Magnesium'), value: 'false' }],
    });
    expect(gate).toMatchObject({ value: 'true', criteria: [{ criterion: '"Is Alive"', value: 'true' }, {}, {}] });
    expect(inputs).toContainEqual({ reference: 'Observation/p-phosphate', valueSets: ['phosphate'] });
    expect(inputs.find(({ reference }) => reference === 'MedicationRequest/p-furosemide')?.valueSets).toContain(
      'loop-diuretic',
    );
  });

  it('judges from the prefetch alone and says what it lacks', async () => {
    const { prefetch: _, ...bare } = request([]) as Record<string, unknown>;
    await expectOutcome(await ask(bare), 412, 'incomplete');
    const { medications: _left, ...rest } = prefetched(templates, LOW_CALCIUM, 'p');
    const response = await ask(request([], { prefetch: rest }));
    expect(((await response.json()) as Explained).gaps).toEqual([
      'Could not be checked: medication orders (not provided)',
    ]);
  });

  it.each([
    ['without an origin', {}],
    ['of another origin', { Origin: 'https://elsewhere.example.org' }],
    ['of an opaque origin', { Origin: 'null' }],
    ['that a browser calls cross-site', { Origin: '', 'Sec-Fetch-Site': 'cross-site' }],
  ])('refuses a call %s', async (_, headers) => {
    const own = 'Sec-Fetch-Site' in headers ? { ...headers, Origin: service.url } : headers;
    await expectOutcome(await ask(request(LOW_CALCIUM), own), 401, 'security');
  });

  it('takes no token, no other hook, no other method and no other content', async () => {
    const fhirAuthorization = { access_token: 'secret', token_type: 'Bearer', expires_in: 1, scope: '', subject: 's' };
    expect(await expectOutcome(await ask(request([], { fhirAuthorization })), 400, 'invalid')).not.toContain('secret');
    await expectOutcome(await ask(request([], { hook: 'encounter-start' })), 400, 'invalid');
    await expectOutcome(await fetch(`${service.url}/app/explain`), 405, 'not-supported');
    const form = await postJson(`${service.url}/app/explain`, 'x', {
      Origin: service.url,
      'Content-Type': 'text/plain',
    });
    await expectOutcome(form, 415, 'not-supported');
  });

  it('is limited by itself, far below the hooks', async () => {
    const own = await startWebService();
    try {
      const calls = Array.from({ length: 250 }, () =>
        postJson(`${own.url}/app/explain`, '{}', { Origin: own.url }).then(({ status }) => status),
      );
      const statuses = await Promise.all(calls);
      expect(statuses.filter((status) => status === 429)).toHaveLength(10);
      expect((await fetch(`${own.url}/cds-services`)).status).toBe(200);
    } finally {
      await own.close();
    }
  });

  it('logs nothing of what it was told', async () => {
    await explained(LOW_CALCIUM);
    expect(service.logged()).not.toMatch(/p-phosphate|Furosemide|"p"/);
  });

  it('is off without the demo, unless an EHR can launch the app', async () => {
    const off = await startComposedService(undefined, { DEMO: 'off' });
    const app = await startComposedService(undefined, {
      DEMO: 'off',
      SMART_CLIENTS: 'https://ehr.example.org/fhir=our-app',
    });
    try {
      await expectOutcome(await postJson(`${off.url}/app/explain`, '{}', { Origin: off.url }), 404, 'not-found');
      await expectOutcome(await fetch(`${off.url}/app`), 404, 'not-found');
      await expectOutcome(await postJson(`${app.url}/app/explain`, '{}', { Origin: app.url }), 400, 'invalid');
    } finally {
      await Promise.all([off.close(), app.close()]);
    }
  });
});
