import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const USUAL_PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** Of a test, not of a page: long enough for a machine that stalls. */
const PATIENCE_MS = 60_000;

/** Screenshots of a run; not kept in the repository. */
export const SCREENSHOTS = join(import.meta.dirname, '../../data/screenshots');

/** A page that reports what should never happen on it. */
export interface WatchedPage {
  page: Page;
  /** Console errors, exceptions, reports of the content security policy. */
  complaints: string[];
  /** Every address that was asked. */
  asked: string[];
  /** Writes `data/screenshots/<name>.png`. */
  screenshot: (name: string) => Promise<void>;
}

export interface BrowserParts {
  open: (options?: BrowserContextOptions) => Promise<WatchedPage>;
  browser: () => Browser;
}

/** `CHROMIUM`, else where it usually is. */
function findChromium(): string | undefined {
  const named = process.env['CHROMIUM'];
  if (named !== undefined && !existsSync(named)) throw new Error('CHROMIUM names a file that is not there.');
  return named ?? USUAL_PLACES.find((path) => existsSync(path));
}

/** Tests in a real browser; without one they are left out loudly, but never where CI runs. */
export function describeInBrowser(name: string, tests: (parts: BrowserParts) => void): void {
  const executablePath = findChromium();
  if (executablePath === undefined) {
    if (process.env['CI'] !== undefined) throw new Error('There is no Chromium: install it, or name it in CHROMIUM.');
    process.stderr.write(`\n!!! ${name}: LEFT OUT, there is no Chromium (apt-get install chromium, or set CHROMIUM)\n`);
    describe(name, () => {
      it('is left out: there is no Chromium', () => {
        expect(executablePath).toBeUndefined();
      });
    });
    return;
  }
  describe(name, () => {
    let browser: Browser;
    const contexts: BrowserContext[] = [];
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath, args: ARGUMENTS, timeout: PATIENCE_MS });
    });
    afterAll(async () => {
      await browser.close();
    });
    tests({
      browser: () => browser,
      open: async (options = {}) => {
        // One page at a time: an older one would go on working beside it.
        await Promise.all(contexts.splice(0).map((context) => context.close()));
        const context = await browser.newContext({ viewport: { width: 1360, height: 900 }, ...options });
        contexts.push(context);
        context.setDefaultTimeout(PATIENCE_MS);
        return watched(await context.newPage());
      },
    });
  });
}

function watched(page: Page): WatchedPage {
  const complaints: string[] = [];
  const asked: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => void complaints.push(error.message));
  page.on('request', (request) => void asked.push(request.url()));
  const screenshot = async (name: string): Promise<void> => {
    mkdirSync(SCREENSHOTS, { recursive: true });
    await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
  };
  return { page, complaints, asked, screenshot };
}
