import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import type { Page } from 'playwright-core';
import { describeInBrowser } from '../../support/chromium.js';
import { hapiUrl, store } from '../../support/hapi.js';
import { sampleRecord } from '../../support/sample-record.js';
import { startWebService, type WebService } from '../../support/web-service.js';

const PATIENT = 'page-on-a-server';
const TITLE = /Cramp: likely low calcium 7\.8 mg\/dL with high phosphate 6\.2 mg\/dL/;

let server: string;
let service: WebService;

beforeAll(async () => {
  server = await hapiUrl();
  await store(server, renamed(sampleRecord('sample-phosphate', new Date()).resources));
  // A shared machine may stall: how long a call takes is not the question here.
  service = await startWebService({ FHIR_SERVERS: server, FHIR_BUDGET_MS: '40000', HOOK_DEADLINE_MS: '60000' });
}, 300_000);
afterAll(() => service.close());

/** The sample patient as another one, so that no other test meets it on this server. */
function renamed(resources: readonly FhirResource[]): FhirResource[] {
  return JSON.parse(JSON.stringify(resources).replaceAll('sample-phosphate', PATIENT)) as FhirResource[]; // same shape
}

/** Chooses the patient in the page's own search, and answers the card's text and the prefetch keys that were sent. */
async function openChart(page: Page): Promise<{ card: string; prefetch: string[] }> {
  await page.goto(service.url);
  await page.getByRole('combobox', { name: 'Server' }).selectOption(server);
  await page.getByRole('searchbox', { name: 'Name or id' }).fill(PATIENT);
  await page.getByRole('button', { name: 'Search' }).click();
  const chosen = page.locator(`[data-patient="${PATIENT}"]`);
  return judged(page, () => chosen.click());
}

async function judged(page: Page, act: () => Promise<unknown>): Promise<{ card: string; prefetch: string[] }> {
  const [answer] = await Promise.all([page.waitForResponse(/cds-services\/renal-cramps-patient-view$/), act()]);
  await answer.finished();
  await page.locator('.advice article').getByRole('heading', { name: TITLE }).waitFor();
  const sent = JSON.parse(answer.request().postData() ?? '') as { prefetch?: object };
  return { card: await page.locator('.advice article').innerText(), prefetch: Object.keys(sent.prefetch ?? {}) };
}

describeInBrowser('the pages with a real FHIR server behind them', ({ open }) => {
  it('find a patient there and show the same card with prefetch and with prefetch left out', async () => {
    const { page, screenshot, complaints } = await open();
    const filled = await openChart(page);
    expect(filled.prefetch).toContain('patient');
    expect(await page.locator('.row[data-row="Calcium, total"] .point').count()).toBe(5);
    const fetched = await judged(page, () => page.getByLabel('Send no prefetch: let the service fetch').check());
    expect(fetched.prefetch).toEqual([]);
    expect(fetched.card).toBe(filled.card);
    expect(await page.locator('.row[data-row="Calcium, total"] .point').count()).toBe(5);
    await screenshot('demo-on-hapi');
    expect(complaints).toEqual([]);
  });

  it('tell in the app why this patient cramps', async () => {
    const { page, screenshot, complaints } = await open();
    const standalone = new URLSearchParams({ fhirServiceUrl: server, patientId: PATIENT });
    await page.goto(`${service.url}/app?${standalone.toString()}`);
    await page
      .locator('.cause')
      .first()
      .getByRole('heading', { name: /Low calcium with phosphate build-up/ })
      .waitFor();
    await screenshot('app-on-hapi');
    expect(complaints).toEqual([]);
  });
});
