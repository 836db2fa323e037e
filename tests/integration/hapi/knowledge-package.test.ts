import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Bundle, FhirResource, MedicationRequest, OperationOutcome } from 'fhir/r4.js';
import { hapiUrl } from '../../support/hapi.js';
import { evaluatedBySecond } from '../../crosscheck/second-engine.js';
import { daysUntil, withDatesShifted } from '../../crosscheck/shifted-dates.js';
import { readSamplePatients, toResources } from '../../../src/web/sample-patient.js';
import { type ComposedService, startComposedService } from '../../support/composed-service.js';
import { kidneyPatient, NOW } from '../../support/kidney-patient.js';
import { answerTo } from '../../support/prefetched.js';

const ROOT = join(import.meta.dirname, '../../..');
const FHIR_JSON = { 'Content-Type': 'application/fhir+json' };
/** HAPI looks for changed PlanDefinitions every few seconds. */
const LISTED_WITHIN_MS = 60_000;
/**
 * FHIR R4's own list of expression languages ends before the one that "Using CQL with FHIR" asks for (FHIR R5 has it), and
 * the validator knows no other.
 */
const ALLOWED = "Unknown code 'http://hl7.org/fhir/expression-language#text/cql-identifier'";

interface HapiCard {
  summary: string;
  detail: string;
  indicator: string;
  source: { label: string };
  suggestions?: unknown[];
}
interface HapiService {
  id: string;
  hook: string;
  prefetch: Record<string, string>;
}

/** HAPI knows no now but that of its clock. */
const lowCalcium = withDatesShifted(
  kidneyPatient('packaged', { calcium: 7.8, phosphate: 6.2 }),
  daysUntil(new Date(), NOW),
);

let server: string;
let base: string;
let transaction: Bundle;
let loaded: { status: number; answer: Bundle };
beforeAll(async () => {
  server = await hapiUrl();
  base = server.replace(/\/fhir$/, '');
  await promisify(execFile)(process.execPath, [join(ROOT, 'dist/cli/package-knowledge.js')]);
  const text = readFileSync(join(ROOT, 'dist/package-transaction.json'), 'utf8');
  transaction = JSON.parse(text) as Bundle;
  const response = await fetch(server, { method: 'POST', headers: FHIR_JSON, body: text });
  loaded = { status: response.status, answer: (await response.json()) as Bundle };
}, 600_000);

async function validated(resource: FhirResource): Promise<string[]> {
  const address = `${server}/${resource.resourceType}/$validate`;
  const response = await fetch(address, { method: 'POST', headers: FHIR_JSON, body: JSON.stringify(resource) });
  const { issue } = (await response.json()) as OperationOutcome;
  const errors = issue.filter(({ severity }) => severity === 'error' || severity === 'fatal');
  return errors.map(({ diagnostics }) => `${resource.resourceType}/${resource.id ?? ''}: ${diagnostics ?? ''}`);
}

async function service(hook = 'patient-view'): Promise<HapiService> {
  const begun = performance.now();
  for (;;) {
    const response = await fetch(`${base}/cds-services`);
    const { services = [] } = (await response.json()) as { services?: HapiService[] };
    const found = services.find(({ id }) => id === serviceFor(hook));
    if (found !== undefined) return found;
    if (performance.now() - begun > LISTED_WITHIN_MS) throw new Error('HAPI does not list the service.');
    await wait(500);
  }
}

const serviceFor = (hook: string) => `renal-cramps-${hook}`;

/** HAPI's own answer for a patient it does not hold, by prefetch; on an order hook with these orders as drafts. */
async function cardsFor(
  patientId: string,
  resources: readonly FhirResource[],
  { hook, ...orders }: { hook: string; selections?: string[]; draftOrders?: Bundle } = { hook: 'patient-view' },
): Promise<HapiCard[]> {
  const { prefetch: templates } = await service(hook);
  const prefetch = Object.fromEntries(
    Object.entries(templates).map(([key, template]) => {
      return [key, answerTo(template.replaceAll('{{context.patientId}}', patientId), resources)];
    }),
  );
  const context = { userId: 'Practitioner/example', patientId, ...orders };
  const body = { hook, hookInstance: 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea', context, prefetch };
  const address = `${base}/cds-services/${serviceFor(hook)}`;
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(address, { method: 'POST', headers, body: JSON.stringify(body) });
  expect(response.status).toBe(200);
  return ((await response.json()) as { cards: HapiCard[] }).cards;
}

describe('the knowledge package in a HAPI FHIR server', () => {
  it('is taken in one transaction', () => {
    expect(loaded.status).toBe(200);
    const refused = loaded.answer.entry?.filter(({ response }) => !response?.status.startsWith('20'));
    expect(refused).toEqual([]);
    expect(loaded.answer.entry).toHaveLength(transaction.entry!.length);
  });

  it('is valid in every resource, but for the language of FHIR R5 that the rules name', async () => {
    const errors: string[] = [];
    for (const { resource } of transaction.entry!) errors.push(...(await validated(resource as FhirResource)));
    expect(errors.filter((error) => !error.endsWith(ALLOWED))).toEqual([]);
    expect(new Set(errors.map((error) => error.slice(0, error.indexOf(':'))))).toEqual(
      new Set(['patient-view', 'order-select', 'order-sign'].map((hook) => `PlanDefinition/renal-cramps-${hook}`)),
    );
  }, 600_000);

  it('lets it refuse a resource that is wrong, so that it is known to look', async () => {
    const wrong = { resourceType: 'ValueSet', id: 'wrong', status: 'finished' } as unknown as FhirResource;
    expect(await validated(wrong)).toEqual([expect.stringMatching(/finished/)]);
  });
});

describe("HAPI's own CDS Hooks endpoint over the package", () => {
  let cards: HapiCard[];
  // Each call takes it long: every condition and value is evaluated anew.
  beforeAll(async () => {
    cards = await cardsFor('packaged', lowCalcium);
  }, 300_000);

  it('lists the service with the very searches that ours asks for', async () => {
    const { hook, prefetch } = await service();
    expect(hook).toBe('patient-view');
    expect(Object.values(prefetch)).toContain('Patient/{{context.patientId}}');
    expect(Object.values(prefetch)).toHaveLength(10);
  });

  it('says the cause, the evidence, what is missing and what can be done, and names the tests', () => {
    const [causes, tests, ...more] = cards;
    expect(more).toEqual([]);
    expect(causes).toMatchObject({
      summary: expect.stringMatching(/^Cramp: likely low calcium 7\.8 mg\/dL with high phosphate 6\.2 mg\/dL/),
      indicator: 'warning',
      source: { label: 'Renal cramp decision support' },
    });
    expect(causes?.detail).toMatch(/^\*\*Low calcium with phosphate build-up: likely, \d+ points\*\*/);
    expect(causes?.detail).toMatch(/- calcium 7\.8 mg\/dL \(\d{4}-\d\d-\d\d\): \+45/);
    expect(causes?.detail).toMatch(/\*\*What can be done\*\*/);
    expect(tests).toMatchObject({ summary: 'Tests worth ordering', indicator: 'info' });
    expect(tests?.detail).toMatch(/ionised calcium/);
  });

  it('cannot offer the tests as orders: HAPI drops suggestions', () => {
    expect(cards.flatMap(({ suggestions = [] }) => suggestions)).toEqual([]);
  });

  it('is silent for a patient without kidney disease', async () => {
    const healthy: FhirResource[] = [{ resourceType: 'Patient', id: 'healthy', birthDate: '1970-01-01' }];
    expect(await cardsFor('healthy', healthy)).toEqual([]);
  }, 300_000);
});

describe("HAPI's own endpoint on the sample patients of the demo", () => {
  let ours: ComposedService;
  beforeAll(async () => {
    ours = await startComposedService();
  });
  afterAll(() => ours.close());

  const samples = readSamplePatients(join(ROOT, 'src/web/samples'));
  it.each(samples.map((sample) => [sample.patient.id, sample] as const))(
    'says of %s what our service says first',
    async (id, sample) => {
      const now = new Date();
      // Under ids that HAPI does not hold, whatever else was loaded into it.
      const record = JSON.stringify(toResources(sample, now)).replaceAll(id, `packaged-${id}`);
      const resources: FhirResource[] = JSON.parse(record);
      const [own] = (await ours.openChart(resources, now)).cards;
      const [theirs] = await cardsFor(`packaged-${id}`, resources);
      expect([theirs?.indicator, theirs?.summary]).toEqual([own?.indicator, own?.summary]);
    },
    300_000,
  );
});

describe("HAPI's own endpoint on the hooks of an order", () => {
  const draft: MedicationRequest = {
    resourceType: 'MedicationRequest',
    id: 'packaged-ibuprofen',
    status: 'draft',
    intent: 'order',
    subject: { reference: 'Patient/packaged' },
    medicationCodeableConcept: {
      coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: '5640', display: 'ibuprofen' }],
    },
    authoredOn: new Date().toISOString(),
  };
  const draftOrders: Bundle = { resourceType: 'Bundle', type: 'collection', entry: [{ resource: draft }] };

  it.each([
    { hook: 'order-select', draftOrders, selections: ['MedicationRequest/packaged-ibuprofen'] },
    { hook: 'order-sign', draftOrders },
  ])(
    'says the causes of the record on $hook, and nothing on the draft',
    async (context) => {
      const cards = await cardsFor('packaged', lowCalcium, context);
      expect((await service(context.hook)).hook).toBe(context.hook);
      expect(cards.map(({ summary }) => summary)).toEqual([
        expect.stringMatching(/^Cramp: likely low calcium 7\.8 mg\/dL with high phosphate 6\.2 mg\/dL/),
        'Tests worth ordering',
      ]);
      expect(cards.map(({ detail }) => detail).join('')).not.toMatch(/ibuprofen|NSAID/i);
    },
    300_000,
  );

  it('could say it: the same rule speaks once the draft is named to it as a parameter', async () => {
    const record = { patientId: 'packaged', ordersInContext: ['packaged-ibuprofen'] };
    const asked = (draftsToJudge: string[]) =>
      evaluatedBySecond(server, ['DraftNsaidInCkd'], { ...record, draftsToJudge }, [...lowCalcium, draft]);
    const named = await asked(['packaged-ibuprofen']);
    const unnamed = await asked([]);
    expect(JSON.stringify([...(named as { findings: Map<string, unknown> }).findings.values()])).toContain('ibuprofen');
    expect(JSON.stringify([...(unnamed as { findings: Map<string, unknown> }).findings.values()])).not.toContain(
      'ibuprofen',
    );
  }, 300_000);
});
