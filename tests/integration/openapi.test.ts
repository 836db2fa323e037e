import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { type OpenApiDocument, openApiDocument } from '../../src/http/openapi.js';
import { type ComposedService, patientView, startComposedService } from '../support/composed-service.js';
import { patientViewCall } from '../support/hook-requests.js';
import { PATIENT_VIEW, postJson } from '../support/http-service.js';
import { DescribedInterface } from '../support/described-interface.js';
import { sampleRecord } from '../support/sample-record.js';

const BASE = 'https://cds.example.org/renal';

describe('the description of the interface', () => {
  const folder = mkdtempSync(join(tmpdir(), 'openapi-'));
  let service: ComposedService;
  let document: OpenApiDocument;
  let described: DescribedInterface;
  beforeAll(async () => {
    const settings = { PUBLIC_BASE_URL: BASE, DATABASE_URL: `file:${join(folder, 'feedback.db')}` };
    service = await startComposedService(undefined, settings);
    document = (await (await fetch(`${service.url}/openapi.json`)).json()) as OpenApiDocument;
    described = new DescribedInterface(document);
  });
  afterAll(async () => {
    await service.close();
    rmSync(folder, { recursive: true });
  });

  async function sampleAnswer(): Promise<unknown> {
    const { resources, now } = sampleRecord('sample-phosphate');
    const [view] = service.services;
    const body = JSON.stringify(patientView(view!, resources, now));
    return (await postJson(`${service.url}/cds-services/${view!.id}`, body)).json();
  }

  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    expect(await validator.validate({ ...structuredClone(document) })).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  it('would not be valid without an answer', async () => {
    const { paths } = structuredClone(document);
    const broken = { ...document, paths: { ...paths, '/cds-services': { get: { summary: 'x', responses: 'none' } } } };
    expect(await new Validator().validate(broken)).toMatchObject({ valid: false });
  });

  it('names each service of discovery and its feedback, at the address of the configuration', () => {
    const called = service.services.flatMap(({ id }) => [`/cds-services/${id}`, `/cds-services/${id}/feedback`]);
    const others = ['/feedback/summary', '/health/live', '/health/ready'];
    expect(Object.keys(document.paths)).toEqual(['/cds-services', ...called, ...others]);
    expect(document.servers).toEqual([{ url: BASE }]);
  });

  it('says that it needs a token only when it does', () => {
    const parts = {
      about: { name: 'a', version: '1.0.0', knowledgeVersion: '1.0.0' },
      services: [PATIENT_VIEW],
      publicBaseUrl: BASE,
    };
    const open = openApiDocument({ ...parts, isAuthRequired: false });
    const closed = openApiDocument({ ...parts, isAuthRequired: true });
    expect(JSON.stringify(open)).not.toMatch(/security/);
    const secured = Object.entries(closed.paths).filter(([, { get, post }]) => (get ?? post)?.security !== undefined);
    expect(secured.map(([path]) => path)).toEqual([
      '/cds-services',
      '/cds-services/test-patient-view',
      '/cds-services/test-patient-view/feedback',
      '/feedback/summary',
    ]);
    expect(closed.components.securitySchemes).toMatchObject({ clientToken: { scheme: 'bearer', bearerFormat: 'JWT' } });
  });

  it('describes every field of discovery and of the cards of a patient', async () => {
    const discovery = await (await fetch(`${service.url}/cds-services`)).json();
    expect(described.complaints('Services', discovery)).toEqual([]);
    const cards = await sampleAnswer();
    expect(cards).toMatchObject({ cards: [{ suggestions: expect.any(Array), links: expect.any(Array) }] });
    expect(described.complaints('Cards', cards)).toEqual([]);
  });

  it('describes the report of feedback', async () => {
    const { cards } = (await sampleAnswer()) as { cards: { uuid: string }[] };
    const entry = { card: cards[0]!.uuid, outcome: 'overridden', outcomeTimestamp: '2026-11-22T08:00:00Z' };
    const reason = { system: 'urn:x', code: 'known', display: 'Known' };
    const sent = { feedback: [{ ...entry, overrideReason: { reason } }] };
    expect(described.complaints('Feedback', sent)).toEqual([]);
    const feedback = `${service.url}/cds-services/renal-cramps-patient-view/feedback`;
    expect((await postJson(feedback, JSON.stringify(sent))).status).toBe(200);
    const summary = await (await fetch(`${service.url}/feedback/summary?by=all`)).json();
    expect(summary).toMatchObject({ rows: [{ overridden: 1, reasons: [{ code: 'known' }] }] });
    expect(described.complaints('FeedbackSummary', summary)).toEqual([]);
  });

  it('would notice a field it does not describe, and one that is missing', () => {
    expect(described.complaints('Cards', { cards: [{ summary: 'x', extra: 1 }] })).not.toEqual([]);
    expect(described.complaints('Cards', { cards: [] })).toEqual([]);
    expect(described.complaints('Cards', {})).not.toEqual([]);
  });

  it('describes the calls that the tests make', () => {
    expect(described.complaints('PatientViewCall', patientViewCall())).toEqual([]);
    expect(described.complaints('PatientViewCall', { ...patientViewCall(), hook: 'order-sign' })).not.toEqual([]);
    const withToken = patientViewCall({ fhirAuthorization: {} });
    expect(described.complaints('PatientViewCall', withToken)).not.toEqual([]);
  });

  it('can be read by people: every path, every answer and every field, without script or anything from elsewhere', async () => {
    const response = await fetch(`${service.url}/openapi`);
    const page = await response.text();
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'self';/);
    expect(page).not.toMatch(/<script|<style|<img|<iframe|javascript:| on\w+=/i);
    for (const path of Object.keys(document.paths)) expect(page).toContain(` ${path}</code></h2>`);
    for (const field of [
      'context.patientId',
      'fhirAuthorization.access_token',
      'cards[].source.url',
      'feedback[].outcome',
    ])
      expect(page).toContain(`<code>${field}</code>`);
    const links = [...page.matchAll(/href="([^"]*)"/g)].map(([, link]) => link ?? '');
    for (const link of links.filter((each) => each.startsWith('#'))) expect(page).toContain(`id="${link.slice(1)}"`);
    for (const link of new Set(links.filter((each) => !each.startsWith('#'))))
      expect((await fetch(new URL(link, `${service.url}/openapi`))).status).toBe(200);
  });
});
