import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { asOfNow, charted, type ChartedResult, crampingPatient } from '../support/charted-patient.js';
import { describeInBrowser } from '../support/chromium.js';
import { type FhirStandIn, startFhirStandIn } from '../support/fhir-stand-in.js';
import { daysAgo } from '../support/kidney-patient.js';
import { startWebService, type WebService } from '../support/web-service.js';

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

const CALCIUM = { code: '17861-6', unit: 'mg/dL' };
const PTH = { code: '2731-8', unit: 'pg/mL', low: 15, high: 65 };

const HISTORY: ChartedResult[] = [
  { ...CALCIUM, value: 9.1, at: daysAgo(80), low: 8.5, high: 10.5 },
  { ...CALCIUM, value: 8.9, at: daysAgo(40), low: 8.5, high: 10.5 },
  { ...CALCIUM, value: 8.4, at: daysAgo(20), low: 8.8, high: 10.2 },
  { code: '2000-8', unit: 'mmol/L', value: 2.1, at: daysAgo(10) },
  { ...PTH, value: 60, at: daysAgo(70) },
  { ...PTH, value: 640, at: daysAgo(50) },
  { ...PTH, value: 2500, comparator: '>', at: daysAgo(12) },
];

describeInBrowser('the trends', ({ open }) => {
  let ehr: FhirStandIn;
  let service: WebService;
  beforeAll(async () => {
    const history = asOfNow(HISTORY.map((result) => charted('iris', result)));
    const many = asOfNow(
      Array.from({ length: 1200 }, (_, index) =>
        charted('busy', {
          code: '2823-3',
          unit: 'mmol/L',
          value: index === 700 ? 6.9 : 4 + (index % 7) / 10,
          at: daysAgo(3 + index / 8),
          low: 3.5,
          high: 5.1,
        }),
      ),
    );
    ehr = await startFhirStandIn([
      [...crampingPatient('iris'), ...history],
      [...crampingPatient('busy'), ...many],
    ]);
    // A thread that explains a large record may be slow to start on a busy machine.
    service = await startWebService({ FHIR_SERVERS: ehr.url, HOOK_DEADLINE_MS: '60000' });
  });
  afterAll(() => Promise.all([ehr.close(), service.close()]));

  const chart = async (page: Page, patient = 'iris'): Promise<void> => {
    await page.goto(`${service.url}/?${new URLSearchParams({ server: ehr.url, patient }).toString()}`);
    await page.locator('.why .cause').first().waitFor();
  };
  const boxes = (page: Page, selector: string): Promise<Box[]> =>
    page.evaluate<Box[]>(
      `[...document.querySelectorAll(${JSON.stringify(selector)})].map((shape) => { const { x, y, width, height } = shape.getBoundingClientRect(); return { x, y, width, height }; })`,
    );

  it('puts a result in another unit into a row of its own, and converts nothing', async () => {
    const { page } = await open();
    await chart(page);
    const heads = await page.locator('.row[data-row="Calcium, total"] h3').allInnerTexts();
    expect(heads).toEqual(['Calcium, total mg/dL', 'Calcium, total mmol/L']);
    expect(await page.locator('.row[data-row="Calcium, total"] .value b').allInnerTexts()).toEqual(['7.8', '2.1']);
  });

  it('keeps true distances in time, and values below the range below its band', async () => {
    const { page } = await open();
    await chart(page);
    const row = '.row[data-row="Calcium, total"]:has(.unit)';
    const marks = (await boxes(page, `${row} .point path.mark`)).slice(0, 4).map(({ x, width }) => x + width / 2);
    const [first = 0, second = 0, third = 0, fourth = 0] = marks;
    expect((second - first) / (third - second)).toBeCloseTo(40 / 20, 1);
    expect((third - second) / (fourth - third)).toBeCloseTo(20 / 18, 1);
    const [band] = await boxes(page, `${row} .band rect`);
    const low = (await boxes(page, `${row} .mark.low`))[0];
    const inRange = (await boxes(page, `${row} .mark.in-range`))[0];
    expect(low!.y + low!.height / 2).toBeGreaterThan(band!.y + band!.height);
    expect(inRange!.y + inRange!.height / 2).toBeLessThan(band!.y + band!.height);
  });

  it('steps the band where the laboratory changed its range, and draws none where it gave none', async () => {
    const { page } = await open();
    await chart(page);
    const steps = await boxes(page, '.row[data-row="Calcium, total"] .band rect');
    expect(steps).toHaveLength(2);
    expect(steps[1]!.x).toBeCloseTo(steps[0]!.x + steps[0]!.width, 0);
    expect(steps[1]!.height).toBeLessThan(steps[0]!.height);
    expect(await page.locator('.row[data-row="Phosphate"] .band').count()).toBe(0);
    expect(await page.locator('.row[data-row="Phosphate"] .mark.no-range-given').count()).toBe(1);
  });

  it('draws a bound hollow and loosely joined, on a logarithmic scale when values span more than tenfold', async () => {
    const { page } = await open();
    await chart(page);
    const row = page.locator('.row[data-row="PTH"]');
    expect(await row.locator('.plot-svg').getAttribute('data-scale')).toBe('log');
    expect(await row.locator('.mark.hollow').count()).toBe(1);
    expect(await row.locator('.value b').innerText()).toBe('>2500');
    expect(await row.locator('.lines line').last().getAttribute('class')).toBe('gap');
    expect(await page.locator('.row[data-row="Phosphate"] .plot-svg').getAttribute('data-scale')).toBe('linear');
  });

  it('draws the limit a rule used where it compared, and names it', async () => {
    const { page } = await open();
    await chart(page);
    expect(await page.locator('.row[data-row="Phosphate"] .limit text').allTextContents()).toEqual(['rule 4.5']);
    expect(await page.locator('.row[data-row="Magnesium"] .limit').count()).toBe(0);
  });

  it.each(['Asia/Tokyo', 'Pacific/Honolulu', 'UTC'])('shows the same dates to a browser in %s', async (timezoneId) => {
    const { page } = await open({ timezoneId });
    await page.route(/\/fhir\/Observation\?patient=iris/, (route) => {
      const results = ['2023-12-31T23:30:00-05:00', '2024-02-29', '2024-03-01T00:10:00Z'].map((at) =>
        charted('iris', { ...CALCIUM, value: 8, at }),
      );
      return route.fulfill({
        json: { resourceType: 'Bundle', type: 'searchset', entry: results.map((resource) => ({ resource })) },
      });
    });
    await chartWithoutCause(page);
    await page.getByRole('button', { name: 'Show as tables' }).click();
    const dates = await page.locator('.values tbody th').allInnerTexts();
    expect([...new Set(dates)]).toEqual(['1 Mar 2024, 00:10', '29 Feb 2024', '31 Dec 2023, 23:30']);
  });

  const chartWithoutCause = async (page: Page): Promise<void> => {
    await page.goto(`${service.url}/?${new URLSearchParams({ server: ehr.url, patient: 'iris' }).toString()}`);
    await page.locator('.row[data-row="Calcium, total"]').waitFor();
  };

  it('says what lies outside the window instead of drawing an empty plot', async () => {
    const { page } = await open();
    await chart(page);
    await page.getByRole('button', { name: '7 days' }).click();
    await page
      .locator('.row[data-row="PTH"]', { hasText: /Nothing in this window\. Last: >2500 pg\/mL on .*, 12 days before/ })
      .waitFor();
  });

  it('is read with the keyboard: arrows step, Home and End jump, Escape leaves, each value is said', async () => {
    const { page } = await open();
    await chart(page);
    const plot = page.getByRole('application', {
      name: /^Calcium, total: 4 results.*Newest 7\.8 mg\/dL, no range given.*Lowest 7\.8, highest 9\.1/,
    });
    const said = page.locator('.trends > [role="status"]');
    await plot.focus();
    expect(await said.innerText()).toMatch(/^Calcium, total: 7\.8 mg\/dL/);
    await page.keyboard.press('ArrowLeft');
    expect(await said.innerText()).toMatch(/^Calcium, total: 8\.4 mg\/dL, low/);
    await page.keyboard.press('Home');
    expect(await said.innerText()).toMatch(/^Calcium, total: 9\.1 mg\/dL, in range/);
    expect(await page.locator('.row[data-row="Calcium, total"] .value b').first().innerText()).toBe('9.1');
    await page.keyboard.press('End');
    await page.keyboard.press('Escape');
    expect(await page.locator('.row[data-row="Calcium, total"] .ring').count()).toBe(0);
  });

  it('draws a record of a thousand results, thinned but for what is low or high', async () => {
    const { page } = await open();
    await chart(page, 'busy');
    await page.getByRole('button', { name: '1 year' }).click();
    const marks = await page.locator('.row[data-row="Potassium"] .point').count();
    expect(marks).toBeGreaterThan(50);
    expect(marks).toBeLessThanOrEqual(202);
    expect(await page.locator('.row[data-row="Potassium"] .mark.high').count()).toBe(1);
  });
});
