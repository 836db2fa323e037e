import type { Locator, Page } from 'playwright-core';

const AHEAD_MS = 1_000;
const PAUSE_MS = 50;

/** Of a page to be opened: its clock stands still, so that no slow machine outruns a test. */
export async function stopClock({ clock }: Page): Promise<void> {
  await clock.install({ time: new Date() });
  await clock.pauseAt(Date.now() + AHEAD_MS);
}

/** A millisecond of the page's clock for each fifty of ours, until something is shown and what follows from that has begun. */
export async function tickUntil(page: Page, shown: Locator): Promise<void> {
  while (!(await shown.isVisible())) {
    await page.clock.runFor(1);
    await page.waitForTimeout(PAUSE_MS);
  }
  await page.clock.runFor(PAUSE_MS);
}
