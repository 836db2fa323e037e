import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { describeInBrowser } from '../support/chromium.js';
import { startWebService, type WebService } from '../support/web-service.js';

const FEEDBACK = /\/cds-services\/renal-cramps-patient-view\/feedback$/;
const UNDO_MS = 10_000;

interface Entry {
  card: string;
  outcome: string;
  acceptedSuggestions?: { id: string }[];
  overrideReason?: { reason?: { code: string; system: string }; userComment?: string };
  outcomeTimestamp: string;
}

describeInBrowser('feedback', ({ open }) => {
  let service: WebService;
  beforeAll(async () => {
    service = await startWebService();
  });
  afterAll(() => service.close());

  /** A chart whose service stores feedback once `failures` calls have failed. */
  const chart = async (page: Page, failures = 0): Promise<{ posted: Entry[]; card: string }> => {
    const posted: Entry[] = [];
    let left = failures;
    await page.clock.install();
    await page.route(FEEDBACK, (route) => {
      posted.push(...(JSON.parse(route.request().postData() ?? '') as { feedback: Entry[] }).feedback);
      left -= 1;
      return left >= 0
        ? route.fulfill({
            status: 503,
            json: { resourceType: 'OperationOutcome', issue: [{ diagnostics: 'Come back later.' }] },
          })
        : route.fulfill({ status: 200, body: '' });
    });
    await page.goto(`${service.url}/?patient=sample-phosphate`);
    const card = await page.locator('.advice article').getAttribute('data-card');
    return { posted, card: card ?? '' };
  };

  it('reports an accepted suggestion after ten seconds, and the order stands in the tray', async () => {
    const { page } = await open();
    const { posted, card } = await chart(page);
    await page.getByRole('button', { name: 'Order ionised calcium' }).click();
    await page.locator('.draft-list', { hasText: 'ionised calcium' }).waitFor();
    await page.getByText('✓ Order ionised calcium: done.').waitFor();
    expect(posted).toEqual([]);
    await page.clock.fastForward(UNDO_MS);
    await page.getByText('Accepted: Order ionised calcium. Feedback stored (200).').waitFor();
    expect(posted).toEqual([
      {
        card,
        outcome: 'accepted',
        acceptedSuggestions: [{ id: expect.stringMatching(/^[0-9a-f-]{36}$/) }],
        outcomeTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      },
    ]);
    expect(await page.getByRole('button', { name: 'Undo' }).count()).toBe(0);
  });

  it('reports nothing of what is undone in time', async () => {
    const { page } = await open();
    const { posted } = await chart(page);
    await page.getByRole('button', { name: 'Order ionised calcium' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: 'Order ionised calcium' }).waitFor();
    expect(await page.locator('.draft-list').count()).toBe(0);
    await page.clock.fastForward(3 * UNDO_MS);
    expect(posted).toEqual([]);
  });

  it.each([
    ['Already addressed', { reason: { code: 'already-addressed', system: 'urn:renal-cramp-cds:override-reason' } }],
    ['Patient declined', { reason: { code: 'patient-declined', system: 'urn:renal-cramp-cds:override-reason' } }],
    ['Known and treated', { reason: { code: 'known-and-treated', system: 'urn:renal-cramp-cds:override-reason' } }],
    [
      'Not clinically relevant',
      { reason: { code: 'not-clinically-relevant', system: 'urn:renal-cramp-cds:override-reason' } },
    ],
    ['The data are wrong', { reason: { code: 'data-wrong', system: 'urn:renal-cramp-cds:override-reason' } }],
    ['No reason', undefined],
  ])('dismisses with one click on "%s"', async (name, overrideReason) => {
    const { page } = await open();
    const { posted, card } = await chart(page);
    await page.getByRole('button', { name: 'Dismiss …' }).click();
    await page.getByRole('button', { name, exact: true }).click();
    await page.locator('.closed-card', { hasText: 'Dismissed: Cramp: likely low calcium' }).waitFor();
    await page.clock.fastForward(UNDO_MS);
    await page.getByText(/^Dismissed: .*Feedback stored \(200\)\./).waitFor();
    expect(posted).toEqual([
      {
        card,
        outcome: 'overridden',
        ...(overrideReason ? { overrideReason } : {}),
        outcomeTimestamp: expect.any(String),
      },
    ]);
  });

  it('takes a comment along, and brings a dismissed card back', async () => {
    const { page } = await open();
    const { posted } = await chart(page);
    await page.getByRole('button', { name: 'Dismiss …' }).click();
    await page.getByLabel('In your words, optional. Do not write names.').fill('dialysis tomorrow');
    await page.getByRole('button', { name: 'No reason' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.locator('.advice article').waitFor();
    expect(posted).toEqual([]);
    await page.getByRole('button', { name: 'Dismiss …' }).click();
    await page.getByLabel('In your words, optional. Do not write names.').fill('dialysis tomorrow');
    await page.getByRole('button', { name: 'No reason' }).click();
    await page.clock.fastForward(UNDO_MS);
    await page.getByText(/Feedback stored/).waitFor();
    expect(posted[0]?.overrideReason).toEqual({ userComment: 'dialysis tomorrow' });
  });

  it('says that feedback was not stored, and sends the very same again on retry', async () => {
    const { page } = await open();
    const { posted } = await chart(page, 1);
    await page.getByRole('button', { name: 'Order ionised calcium' }).click();
    await page.clock.fastForward(UNDO_MS);
    await page.getByText('Not stored: Come back later.').waitFor();
    await page.locator('.feedback').getByRole('button', { name: 'Retry' }).click();
    await page.getByText('Feedback stored (200).').waitFor();
    expect(posted).toHaveLength(2);
    expect(posted[1]).toEqual(posted[0]);
  });

  it('does not lose what is decided when another patient is opened within the ten seconds', async () => {
    const { page } = await open();
    const { posted } = await chart(page);
    await page.getByRole('button', { name: 'Order ionised calcium' }).click();
    await Promise.all([page.waitForResponse(FEEDBACK), page.getByRole('button', { name: 'All patients' }).click()]);
    expect(posted).toHaveLength(1);
  });
});
