import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Request } from 'playwright-core';
import { parseCdsRequest } from '../../src/cds-hooks.js';
import { describeInBrowser } from '../support/chromium.js';
import { startWebService, type WebService } from '../support/web-service.js';

interface SentRequest {
  hook: 'patient-view' | 'order-select' | 'order-sign';
  prefetch?: Record<string, { entry?: { resource: { id: string; resourceType: string } }[] }>;
  context: { selections?: string[]; draftOrders?: { entry: { resource: { id: string } }[] } };
}

/** What our page sent; the schema of the service is asked whether it is a request at all. */
function sent(request: Request): SentRequest {
  const body = JSON.parse(request.postData() ?? '') as SentRequest; // checked in the next line
  expect(() => parseCdsRequest(body, body.hook)).not.toThrow();
  return body;
}

describeInBrowser('the demo EHR', ({ open }) => {
  let service: WebService;
  let ids: string[];
  beforeAll(async () => {
    service = await startWebService();
    const settings = (await (await fetch(`${service.url}/app/settings`)).json()) as {
      demo: { patients: { id: string }[] };
    };
    ids = settings.demo.patients.map(({ id }) => id);
  });
  afterAll(() => service.close());

  it('leads from nothing to a card with its trend in one click', async () => {
    const { page, screenshot, complaints, asked } = await open();
    await page.goto(service.url);
    await page.getByRole('heading', { level: 1, name: 'Why does this patient cramp?' }).waitFor();
    expect(await page.locator('.patient-list button').count()).toBe(12);
    await screenshot('demo-patients');
    await page.getByRole('button', { name: /^Low calcium with phosphate build-up in CKD stage 4/ }).click();
    const card = page.locator('.advice article');
    await card
      .getByRole('heading', { name: /Cramp: likely low calcium 7\.8 mg\/dL with high phosphate 6\.2 mg\/dL/ })
      .waitFor();
    expect(await page.locator('.row[data-row="Calcium, total"] .point').count()).toBe(5);
    expect(new URL(page.url()).search).toBe('?patient=sample-phosphate');
    await screenshot('demo-chart');
    expect(complaints).toEqual([]);
    expect(asked.filter((url) => !url.startsWith(service.url))).toEqual([]);
  });

  it('shows every sample without a complaint of the browser, and the points of each cause add up', async () => {
    for (const id of ids) {
      const { page, complaints } = await open();
      await page.goto(`${service.url}/?patient=${id}`);
      await page.locator('.why .cause, .why [data-state]').first().waitFor();
      await page.locator('.advice article, .advice [data-state="no-card"]').first().waitFor();
      const sums = await page.evaluate<[number, number][]>(
        `[...document.querySelectorAll('.why > .causes .cause tfoot')].map((foot) => [
          [...foot.closest('table').querySelectorAll('tbody .point-count')].reduce((sum, cell) => sum + Number(cell.textContent.replace('−', '-')), 0),
          foot.textContent.includes('add up to') ? NaN : Number(foot.querySelector('.point-count').textContent)])`,
      );
      for (const [sum, total] of sums) expect(Number.isNaN(total) || sum === total).toBe(true);
      expect([id, complaints]).toEqual([id, []]);
    }
  });

  it('draws the resources that it sends to be judged, and no others', async () => {
    const { page } = await open();
    const [request] = await Promise.all([
      page.waitForRequest(/cds-services\/renal-cramps-patient-view$/),
      page.goto(`${service.url}/?patient=sample-furosemide`),
    ]);
    await page.locator('.lane').first().waitFor();
    const resources = Object.values(sent(request).prefetch ?? {}).flatMap(({ entry = [] }) =>
      entry.map(({ resource }) => `${resource.resourceType}/${resource.id}`),
    );
    const drawn = await page.evaluate<string[]>(
      `[...document.querySelectorAll('.point[data-reference], .lane[data-reference]')].flatMap((mark) => mark.dataset.reference.split(' '))`,
    );
    expect(drawn.length).toBeGreaterThan(20);
    expect(drawn.filter((reference) => !resources.includes(reference))).toEqual([]);
    expect(drawn).toContain('MedicationRequest/sample-furosemide-medicationrequest-1');
  });

  it('asks order-select with the chosen drafts, and order-sign with all', async () => {
    const { page, screenshot } = await open();
    await page.goto(`${service.url}/?patient=sample-phosphate`);
    await page.locator('.advice article').waitFor();
    await page.getByRole('combobox', { name: 'Medicine' }).selectOption({ label: 'Quinine, 324 mg once a day' });
    await page.getByRole('button', { name: 'Draft it' }).click();
    await page.getByRole('combobox', { name: 'Medicine' }).selectOption({ label: 'Furosemide, 40 mg once a day' });
    await page.getByRole('button', { name: 'Draft it' }).click();
    await page.getByLabel(/^Furosemide/).uncheck();
    const [selecting] = await Promise.all([
      page.waitForRequest(/renal-cramps-order-select$/),
      page.getByRole('button', { name: /^Select order/ }).click(),
    ]);
    const selected = sent(selecting);
    expect(selected.context.selections).toEqual(['MedicationRequest/draft-1-9071']);
    expect(selected.context.draftOrders?.entry).toHaveLength(2);
    await page.getByRole('heading', { name: /^Draft Quinine 324 mg: FDA boxed warning/ }).waitFor();
    await screenshot('demo-draft-order');
    const [signing] = await Promise.all([
      page.waitForRequest(/renal-cramps-order-sign$/),
      page.getByRole('button', { name: /^Sign orders/ }).click(),
    ]);
    expect(sent(signing).context.selections).toBeUndefined();
    expect(sent(signing).context.draftOrders?.entry).toHaveLength(2);
    await page
      .getByText(/A loop diuretic may worsen cramps/)
      .first()
      .waitFor();
  });

  it('can let the service fetch instead, and gets the same card', async () => {
    const { page } = await open();
    await page.goto(`${service.url}/?patient=sample-phosphate`);
    const heading = page.locator('.advice article h3').first();
    const before = await heading.innerText();
    const [request] = await Promise.all([
      page.waitForRequest(/renal-cramps-patient-view$/),
      page.getByLabel('Send no prefetch: let the service fetch').check(),
    ]);
    expect(sent(request).prefetch).toBeUndefined();
    await page.locator('.advice-head .call').waitFor();
    expect(await heading.innerText()).toBe(before);
  });

  it('says how long each stage took, and shows what went out and came back', async () => {
    const { page } = await open();
    await page.goto(`${service.url}/?patient=sample-phosphate`);
    await page.locator('.exchange summary').click();
    const timing = page.locator('.timing');
    for (const words of [
      'Filling prefetch',
      'Waiting for the answer',
      'in the service: gather',
      'in the service: evaluate',
      'in the service: total',
    ])
      await timing.getByText(words).waitFor();
    expect(await page.getByLabel('Request', { exact: true }).innerText()).toContain('"hook": "patient-view"');
    expect(await page.getByLabel('Response', { exact: true }).innerText()).toContain('"org.renal-cramp-cds.findings"');
  });

  it('points from a line of evidence to its result', async () => {
    const { page } = await open();
    await page.goto(`${service.url}/?patient=sample-phosphate`);
    const line = page
      .locator('.cause')
      .first()
      .getByRole('button', { name: /^Phosphate 6\.2 mg\/dL/ });
    await line.click();
    expect(await line.getAttribute('aria-pressed')).toBe('true');
    const ringed = page.locator('.point:has(.ring)');
    expect(await ringed.count()).toBe(1);
    expect(await ringed.getAttribute('data-value')).toBe('6.2');
  });

  it('opens what a link to it says, and goes back as the browser does', async () => {
    const { page } = await open();
    await page.goto(service.url);
    await page.locator('[data-patient="sample-vitamin-d"]').click();
    await page.locator('.patient-name', { hasText: 'Bela Specimen' }).waitFor();
    await page.goBack();
    await page.locator('.patient-list').waitFor();
    const [request] = await Promise.all([
      page.waitForRequest(/renal-cramps-order-sign$/),
      page.goto(`${service.url}/?patient=sample-vitamin-d&hook=order-sign`),
    ]);
    expect(sent(request).hook).toBe('order-sign');
  });
});
