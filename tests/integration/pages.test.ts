import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Card } from '../../src/cds-hooks.js';
import { FOLDERS } from '../../src/folders.js';
import { startComposedService } from '../support/composed-service.js';
import { crampingPatient } from '../support/charted-patient.js';
import { prefetched } from '../support/prefetched.js';
import { expectOutcome, postJson } from '../support/http-service.js';
import { startError } from '../support/start-error.js';
import { startWebService, type WebService } from '../support/web-service.js';

const ASSETS = join(FOLDERS.pages, 'assets');
/** Gzipped, in kB. */
const BUDGET = { '/': 70, '/app': 100, style: 5.5 };

/** The files a page loads, and those they import. */
function loadedBy(html: string): string[] {
  const found = new Set<string>();
  const visit = (name: string): void => {
    if (found.has(name)) return;
    found.add(name);
    if (name.endsWith('.js'))
      for (const [, imported] of readFileSync(join(ASSETS, name), 'utf8').matchAll(/["']\.\/([\w-]+\.js)["']/g))
        visit(imported!);
  };
  for (const [, name] of html.matchAll(/assets\/([\w-]+\.(?:js|css))/g)) visit(name!);
  return [...found];
}

function kilobytes(names: readonly string[]): number {
  return names.reduce((sum, name) => sum + gzipSync(readFileSync(join(ASSETS, name))).length, 0) / 1000;
}

describe('our own pages', () => {
  let service: WebService;
  beforeAll(async () => {
    service = await startWebService({
      SMART_CLIENTS: 'https://ehr.example.org/fhir=our-app|https://login.example.org',
      FRAME_ANCESTORS: 'https://ehr.example.org',
      FHIR_SERVERS: 'https://open.example.org/r4',
    });
  });
  afterAll(() => service.close());

  it.each(['/', '/app', '/app/launch'])('%s may run no script, style or frame but ours', async (path) => {
    const response = await fetch(service.url + path);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')?.split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      "connect-src 'self' https://open.example.org https://ehr.example.org https://login.example.org",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'self' https://ehr.example.org",
      "require-trusted-types-for 'script'",
      'trusted-types dompurify',
    ]);
    expect(response.headers.get('x-frame-options')).toBeNull();
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const html = await response.text();
    expect(html).not.toMatch(/<style|style="|<script(?![^>]* src=)| on\w+="|https?:/);
  });

  it('load files that may be kept for ever, and nothing beside them', async () => {
    const [script] = loadedBy(await (await fetch(service.url)).text());
    const response = await fetch(`${service.url}/assets/${script!}`);
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    await expectOutcome(await fetch(`${service.url}/assets/..%2Findex.html`), 404, 'not-found');
    await expectOutcome(await fetch(`${service.url}/assets/`), 404, 'not-found');
  });

  it('stay within their budget', async () => {
    for (const path of ['/', '/app'] as const) {
      const names = loadedBy(await (await fetch(service.url + path)).text());
      expect(kilobytes(names.filter((name) => name.endsWith('.js')))).toBeLessThan(BUDGET[path]);
      expect(kilobytes(names.filter((name) => name.endsWith('.css')))).toBeLessThan(BUDGET.style);
    }
    expect(readdirSync(ASSETS).filter((name) => !/\.(js|css)$/.test(name))).toEqual([]);
  });

  it('are told what they need and no secret', async () => {
    const settings = (await (await fetch(`${service.url}/app/settings`)).json()) as {
      smartClients: object[];
      servers: string[];
      scope: string;
      valueSets: { name: string; codes: string[] }[];
    };
    expect(settings.smartClients).toEqual([{ iss: 'https://ehr.example.org/fhir', clientId: 'our-app' }]);
    expect(settings.servers).toEqual(['https://open.example.org/r4']);
    expect(settings.scope).toMatch(/^launch openid fhirUser patient\/Patient\.read patient\/Condition\.read/);
    expect(settings.valueSets.find(({ name }) => name === 'phosphate')?.codes).toContain('2777-1');
  });

  it('leave the front page as it is without the demo', async () => {
    const off = await startComposedService(undefined, { DEMO: 'off' });
    try {
      const html = await (await fetch(off.url)).text();
      expect(html).toContain('A CDS Hooks service');
      expect(html).not.toContain('<script');
    } finally {
      await off.close();
    }
  });

  it('must have been built', async () => {
    expect(await startError({ ...FOLDERS, pages: join(FOLDERS.pages, 'gone') })).toMatchObject({
      code: 'invalid-config',
      message: 'The pages are not built: run the build.',
    });
  });
});

describe('the link to the SMART app', () => {
  it.each([
    ['https://ehr.example.org/fhir/', true],
    ['https://other.example.org/fhir', false],
    [undefined, false],
  ])('stands on a card for a caller with the FHIR server %s: %s', async (fhirServer, isLinked) => {
    const service = await startWebService({ SMART_CLIENTS: 'https://ehr.example.org/fhir=our-app' });
    try {
      const discovery = (await (await fetch(`${service.url}/cds-services`)).json()) as {
        services: { prefetch: Record<string, string> }[];
      };
      const prefetch = prefetched(discovery.services[0]!.prefetch, crampingPatient('iris'), 'iris');
      const body = {
        hook: 'patient-view',
        hookInstance: 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea',
        ...(fhirServer === undefined ? {} : { fhirServer }),
        context: { userId: 'Practitioner/a', patientId: 'iris' },
        prefetch,
      };
      const response = await postJson(`${service.url}/cds-services/renal-cramps-patient-view`, JSON.stringify(body));
      const { cards } = (await response.json()) as { cards: Card[] };
      const smart = (cards[0]?.links ?? []).filter(({ type }) => type === 'smart');
      const link = {
        label: 'Why? Trends, medicines and what is missing',
        url: `${service.url}/app/launch`,
        type: 'smart',
        appContext: '{"findings":["low-calcium-phosphate-retention"]}',
      };
      expect(smart).toEqual(isLinked ? [link] : []);
      expect(response.headers.get('server-timing')).toMatch(
        /^gather;dur=[\d.]+, evaluate;dur=[\d.]+, render;dur=[\d.]+, total;dur=[\d.]+$/,
      );
    } finally {
      await service.close();
    }
  });
});
