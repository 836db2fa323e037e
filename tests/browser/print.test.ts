import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describeInBrowser, SCREENSHOTS } from '../support/chromium.js';
import { startWebService, type WebService } from '../support/web-service.js';

/** Pages of a PDF that Chromium wrote: their objects stand in it as text. */
async function pagesOf(page: Page, format: 'A4' | 'Letter', name: string): Promise<number> {
  const pdf = await page.pdf({
    format,
    preferCSSPageSize: false,
    printBackground: true,
    margin: { top: '12mm', bottom: '12mm', left: '13mm', right: '13mm' },
  });
  mkdirSync(SCREENSHOTS, { recursive: true });
  writeFileSync(join(SCREENSHOTS, `${name}-${format}.pdf`), pdf);
  return pdf.toString('latin1').match(/\/Type\s*\/Page\b(?!s)/g)?.length ?? 0;
}

describeInBrowser('on paper', ({ open }) => {
  let service: WebService;
  beforeAll(async () => {
    service = await startWebService();
  });
  afterAll(() => service.close());

  it.each(['sample-phosphate', 'sample-furosemide', 'sample-intradialytic'])(
    'the app says why %s cramps on two sheets at most, without controls, with dates under the medicines',
    async (patient) => {
      const { page, screenshot } = await open({ viewport: { width: 720, height: 1000 } });
      await page.goto(`${service.url}/app?${new URLSearchParams({ iss: service.samples, patient }).toString()}`);
      await page.locator('.cause').first().waitFor();
      expect(await pagesOf(page, 'A4', `print-${patient}`)).toBeLessThanOrEqual(2);
      await page.emulateMedia({ media: 'print' });
      expect(
        await page.locator('.controls, .segments, .other-rules').evaluateAll((all) => all.map(() => 'shown')),
      ).toHaveLength(3);
      for (const hidden of ['.controls', '.segments', '.other-rules'])
        expect(await page.locator(hidden).isVisible()).toBe(false);
      expect(await page.locator('.axis.repeated').count()).toBe(await page.locator('.medicines:has(.lane)').count());
      await page.getByText(/Seen from .* Knowledge \d+\.\d+\.\d+, not validated/).waitFor();
      await screenshot(`print-${patient}`);
    },
  );

  it.each(['when-a-cramp-comes', 'painkillers-and-cramps', 'calcium-rich-food'])(
    'the handout %s fills one sheet',
    async (name) => {
      for (const format of ['A4', 'Letter'] as const) {
        const { page } = await open();
        await page.goto(`${service.url}/handouts/${name}`);
        expect({ format, pages: await pagesOf(page, format, `handout-${name}`) }).toEqual({ format, pages: 1 });
      }
    },
  );
});
