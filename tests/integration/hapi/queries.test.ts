import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { cardsFor, serviceBeside } from '../../support/chart-by-callback.js';
import { findingsOf, type ComposedService } from '../../support/composed-service.js';
import { FhirProxy } from '../../support/fhir-proxy.js';
import { hapiUrl, store } from '../../support/hapi.js';
import { daysAgo, furosemide, kidneyPatient, NOW, result } from '../../support/kidney-patient.js';

const ID = 'asked-at-once';
const QUERIES = 10;
/** Of the longest query, in characters. */
const LENGTH = 5_900;
const SITE = 'urn:example:laboratory';

let server: string;
let proxy: FhirProxy;
let service: ComposedService | undefined;
let folder: string;

beforeAll(async () => {
  server = await hapiUrl();
  await store(server, [...kidneyPatient(ID, { calcium: 7.8 }), furosemide(ID)]);
}, 300_000);
beforeEach(async () => {
  proxy = await FhirProxy.open(server);
  folder = mkdtempSync(join(tmpdir(), 'hapi-queries-'));
});
afterEach(async () => {
  await service?.close();
  service = undefined;
  await proxy.close();
  rmSync(folder, { recursive: true });
});

async function openChart(settings: Record<string, string> = {}, patientId = ID) {
  service = await serviceBeside(proxy.url, settings);
  const cards = await cardsFor(service, { patientId, now: NOW, fhirServer: proxy.url });
  return { findings: cards.flatMap(findingsOf).map(({ id }) => id), text: JSON.stringify(cards) };
}

describe('the queries of a hook', () => {
  it('are asked at the same time: none is answered before the last has come', async () => {
    let release: (value?: unknown) => void;
    const allHaveCome = new Promise((resolve) => (release = resolve));
    proxy.hold = () => {
      if (proxy.calls.length === QUERIES) release();
      return allHaveCome;
    };
    expect((await openChart()).findings).toContain('loop-diuretic-calcium-loss');
  });

  it('share one budget of time: one that is never answered costs what it asks for, and the others stand', async () => {
    proxy.hold = (path) => (path.includes('/MedicationRequest?') ? new Promise(() => undefined) : undefined);
    const { findings, text } = await openChart({ FHIR_BUDGET_MS: '3000' });
    expect(findings).toContain('low-calcium-unclassified');
    expect(findings).not.toContain('loop-diuretic-calcium-loss');
    expect(text).toContain('Could not be checked: medication orders (no answer in time)');
  });

  it('go by POST where they are long: a site with many codes of its own gets the same cards', async () => {
    const id = 'coded-by-the-site';
    const record = [...kidneyPatient(id), furosemide(id)].filter((each) => each.id !== `${id}-calcium`);
    const calcium = result(id, 'calcium', { code: codeOf(0), value: 7.8, unit: 'mg/dL' }, daysAgo(2));
    const coded = { ...calcium, code: { coding: [{ system: SITE, code: codeOf(0) }] } };
    // The server gives 50 on a page, and the pages of a search by POST come by GET.
    const newer = Array.from({ length: 60 }, (_, index) =>
      result(id, `sodium-${index}`, { code: '2951-2', value: 139, unit: 'mmol/L' }, daysAgo(1)),
    );
    await store(server, [...record, ...newer, coded]);
    const { findings } = await openChart({ SITE_CODES: await siteCodes() }, id);
    expect(findings).toContain('loop-diuretic-calcium-loss');
    const longest = Math.max(
      ...service!.services.flatMap(({ prefetch }) => Object.values(prefetch!).map((q) => q.length)),
    );
    expect(longest).toBeGreaterThan(LENGTH - codeOf(0).length - 1);
    expect(proxy.calls.filter((call) => call.startsWith('POST'))).toEqual(['POST /fhir/Observation/_search']);
    expect(proxy.calls.filter((call) => call.startsWith('GET /fhir?_getpages='))).toHaveLength(1);
  });
});

/** A file of the site's codes that makes the query for results as long as `LENGTH`. */
async function siteCodes(): Promise<string> {
  const plain = await serviceBeside(server);
  const template = plain.services[0]!.prefetch!['labs']!;
  await plain.close();
  const count = Math.floor((LENGTH - template.length) / (codeOf(0).length + 1));
  const codes = Array.from({ length: count }, (_, index) => ({
    system: SITE,
    code: codeOf(index),
    display: 'Calcium',
  }));
  const file = join(folder, 'site-codes.json');
  writeFileSync(file, JSON.stringify({ 'total-calcium': codes }));
  return file;
}

function codeOf(index: number): string {
  return `site-calcium-${String(index).padStart(4, '0')}`;
}
