import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { describeInBrowser } from '../support/chromium.js';
import { startWebService, type WebService } from '../support/web-service.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WIDTHS = [240, 320, 590, 1180];

/** What axe finds wrong, by rule and place. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate<string[]>(
    `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => id + ' ' + target.join(' '))))`,
  );
}

async function overflow(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}

describeInBrowser('everybody', ({ open }) => {
  let service: WebService;
  beforeAll(async () => {
    service = await startWebService();
  });
  afterAll(() => service.close());

  const SCREENS: [string, string, string, string[]][] = [
    ['the patient list', '/', '.patient-list button', []],
    ['a chart with a card', '/?patient=sample-furosemide', '.why .cause', ['summary']],
    [
      'a chart as tables',
      '/?patient=sample-phosphate',
      '.why .cause',
      ['text=Show as tables', 'text=Dismiss …', 'text=Draft it'],
    ],
    ['a critical card', '/?patient=sample-ionised', 'dialog[open] article', []],
    ['silence', '/?patient=sample-normal', '[data-state="nothing-found"]', []],
    ['the app', '/app?patient=sample-intradialytic&iss=', '.cause', []],
    ['a handout', '/handouts/when-a-cramp-comes', 'h1', []],
  ];

  it.each(SCREENS)('can use %s at every width', async (name, path, ready, clicks) => {
    for (const width of WIDTHS) {
      const { page, screenshot } = await open({ viewport: { width, height: 800 } });
      await page.goto(service.url + (path.endsWith('iss=') ? path + encodeURIComponent(service.samples) : path));
      await page.locator(ready).first().waitFor();
      for (const each of clicks) for (const target of await page.locator(each).all()) await target.click();
      expect({ width, violations: await violations(page) }).toEqual({ width, violations: [] });
      expect({ width, overflow: await overflow(page) }).toEqual({ width, overflow: 0 });
      if (width === 320 || width === 590) await screenshot(`narrow-${String(width)}-${name.replaceAll(' ', '-')}`);
    }
  });

  it('can do all of it with the keyboard alone, and the focus is never lost', async () => {
    const { page } = await open();
    await page.goto(service.url);
    await page.locator('.patient-list button').first().waitFor();
    const focused = (): Promise<string> => page.evaluate<string>('document.activeElement?.textContent ?? ""');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    await tabTo(page, 'Low calcium with phosphate build-up in CKD stage 4');
    await page.keyboard.press('Enter');
    await page.locator('.advice article').waitFor();
    await tabUntil(page, `document.activeElement?.getAttribute('aria-label')?.startsWith('Calcium, total')`);
    await page.keyboard.press('Home');
    await page.locator('.trends > [role="status"]', { hasText: /^Calcium, total: 9 mg\/dL, in range/ }).waitFor();
    await tabTo(page, 'Dismiss …');
    await page.keyboard.press('Enter');
    expect(await focused()).toBe('Already addressed');
    await page.keyboard.press('Enter');
    await page.locator('.closed-card').waitFor();
    await tabTo(page, 'Undo');
    expect(await focused()).toBe('Undo');
  });

  it('reads a critical card first, with the focus in it, and comes back', async () => {
    const { page } = await open();
    await page.goto(`${service.url}/?patient=sample-ionised`);
    await page.locator('dialog[open]').waitFor();
    expect(await page.evaluate<string>('document.activeElement?.textContent ?? ""')).toBe('I have seen it');
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    await page.locator('.advice article', { hasText: 'Urgent' }).waitFor();
  });

  it('can hit what is to be hit: no target under 24 pixels', async () => {
    const { page } = await open();
    await page.goto(`${service.url}/?patient=sample-furosemide`);
    await page.locator('.why .cause').first().waitFor();
    const small = await page.evaluate<string[]>(
      `[...document.querySelectorAll('button, a, select, summary, input')].filter((each) => { const { width, height } = each.getBoundingClientRect(); return width > 0 && height < (each.matches('input') ? 18 : 24); }).map((each) => each.textContent + ' ' + each.getBoundingClientRect().height)`,
    );
    expect(small).toEqual([]);
  });

  it('can read it at 200 % without scrolling sideways, with more contrast, and without motion', async () => {
    const { page } = await open({
      viewport: { width: 640, height: 450 },
      forcedColors: 'active',
      reducedMotion: 'reduce',
    });
    await page.goto(`${service.url}/?patient=sample-furosemide`);
    await page.locator('.why .cause').first().waitFor();
    expect(await overflow(page)).toBe(0);
  });
});

async function tabTo(page: Page, text: string): Promise<void> {
  await tabUntil(page, `document.activeElement?.textContent?.startsWith(${JSON.stringify(text)})`);
}

async function tabUntil(page: Page, condition: string): Promise<void> {
  for (let steps = 0; steps < 120; steps += 1) {
    if (await page.evaluate<boolean>(`Boolean(${condition})`)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`The keyboard does not lead to ${condition}`);
}
