import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { charted, crampingPatient, ordered } from '../support/charted-patient.js';
import { describeInBrowser } from '../support/chromium.js';
import { type FhirStandIn, startFhirStandIn } from '../support/fhir-stand-in.js';
import { gate } from '../support/gate.js';
import { daysAgo } from '../support/kidney-patient.js';
import { stopClock, tickUntil } from '../support/stopped-clock.js';
import { startWebService, type WebService } from '../support/web-service.js';

const HOOK = /\/cds-services\/renal-cramps-patient-view$/;
const EXPLAIN = /\/app\/explain$/;

describeInBrowser('what the demo EHR says when not all is well', ({ open }) => {
  let ehr: FhirStandIn;
  let service: WebService;
  beforeAll(async () => {
    const foreign = charted('somebody-else', { code: '2777-1', value: 9, unit: 'mg/dL', at: daysAgo(3) });
    ehr = await startFhirStandIn([
      crampingPatient('iris'),
      crampingPatient('otto', 'Otto Standin'),
      [...crampingPatient('mixed'), foreign],
    ]);
    service = await startWebService({ FHIR_SERVERS: ehr.url });
  });
  beforeEach(() => {
    Object.assign(ehr.behaviour, { fails: {}, holds: {} });
  });
  afterAll(() => Promise.all([ehr.close(), service.close()]));

  const at = (patient: string, server = ehr.url): string =>
    `${service.url}/?${new URLSearchParams({ ...(server === '' ? {} : { server }), patient }).toString()}`;

  it('finds a patient on another server by name, and judges the record', async () => {
    const { page, complaints } = await open();
    await page.goto(`${service.url}/`);
    await page.getByLabel('Server').selectOption(ehr.url);
    await page.locator('[data-patient="otto"]').click();
    await page.locator('.patient-name', { hasText: 'Otto Standin' }).waitFor();
    await page.locator('.advice article').first().waitFor();
    expect(complaints).toEqual([]);
  });

  it('refuses a server that is not on the list, naming the setting', async () => {
    const { page, asked } = await open();
    await page.goto(at('iris', 'https://elsewhere.example.org/fhir'));
    await page
      .getByRole('alert')
      .getByText(/is not on the list.*FHIR_SERVERS/)
      .waitFor();
    expect(asked.filter((url) => url.startsWith('https://elsewhere'))).toEqual([]);
  });

  it('shows the rows while it reads, says who is slow after a while, and can be told to stop', async () => {
    const { opened, pass } = gate();
    ehr.behaviour.holds['Observation'] = opened;
    const { page, screenshot } = await open();
    await stopClock(page);
    await page.goto(at('iris'));
    await tickUntil(page, page.locator('.trends[aria-busy="true"] [data-row="Phosphate"]', { hasText: 'reading …' }));
    expect(await page.locator('.waiting').innerText()).toBe('');
    await page.clock.fastForward(400);
    await page.getByText('Reading the record …').waitFor();
    await page.clock.fastForward(4_000);
    await page.getByText(`Still waiting for ${ehr.url}.`).waitFor();
    await screenshot('state-loading');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.locator('[data-state="not-judged"]').waitFor();
    pass();
  });

  it('says of a search that failed that nothing is said about it, in the row too', async () => {
    ehr.behaviour.fails['MedicationRequest'] = 403;
    const { page, screenshot } = await open();
    await page.goto(at('iris'));
    await page
      .locator('.partial', { hasText: 'Medicines could not be read (not permitted): nothing is said about them.' })
      .waitFor();
    await page.locator('.medicines', { hasText: 'Medicines could not be read: nothing is said about them.' }).waitFor();
    await page.locator('.not-known', { hasText: 'Could not be checked: medication orders' }).waitFor();
    await screenshot('state-partial');
    ehr.behaviour.fails['Observation'] = 500;
    await page.reload();
    await page.locator('.row[data-row="Phosphate"]', { hasText: 'not read' }).waitFor();
  });

  it('counts resources of another patient, and draws none of them', async () => {
    const { page } = await open();
    await page.route(/\/fhir\/Observation\?patient=mixed/, async (route) => {
      const answer = await route.fetch();
      const bundle = (await answer.json()) as { entry: object[] };
      const other = charted('somebody-else', { code: '2777-1', value: 9, unit: 'mg/dL', at: daysAgo(3) });
      await route.fulfill({ response: answer, json: { ...bundle, entry: [...bundle.entry, { resource: other }] } });
    });
    await page.goto(at('mixed'));
    await page.locator('.partial', { hasText: /\d resources of another patient were ignored\./ }).waitFor();
    await page.locator('.advice article').first().waitFor();
    expect(await page.locator('.point[data-value="9"]').count()).toBe(0);
  });

  it.each([
    [
      '500',
      {
        status: 500,
        json: { resourceType: 'OperationOutcome', issue: [{ diagnostics: 'Something went wrong in the service.' }] },
      },
      /Something went wrong in the service\. \(status 500\)/,
    ],
    [
      '412',
      {
        status: 412,
        json: { resourceType: 'OperationOutcome', issue: [{ diagnostics: 'The patient could not be had.' }] },
      },
      /The patient could not be had\. \(status 412\)/,
    ],
    ['no JSON', { status: 502, body: '<html>' }, /could not be read \(status 502\)/],
  ])('stays drawn and says "not judged" after %s', async (_, answer, words) => {
    const { page, screenshot } = await open();
    await page.route(HOOK, (route) => route.fulfill(answer));
    await page.goto(at('iris'));
    await page.locator('[data-state="not-judged"]', { hasText: words }).waitFor();
    expect(await page.locator('[data-state="no-card"]').count()).toBe(0);
    expect(await page.locator('.row[data-row="Phosphate"] .point').count()).toBe(1);
    await screenshot(`state-not-judged-${String(answer.status)}`);
    await page.unroute(HOOK);
    await page.getByRole('button', { name: 'Retry' }).click();
    await page.locator('.advice article').first().waitFor();
  });

  it('says so when the service cannot be reached at all', async () => {
    const { page } = await open();
    await page.route(HOOK, (route) => route.abort());
    await page.route(EXPLAIN, (route) => route.abort());
    await page.goto(at('iris'));
    await page.locator('[data-state="not-judged"]', { hasText: 'The service could not be reached.' }).waitFor();
    await page.locator('.medicines').waitFor();
    expect(await page.locator('.why').count()).toBe(0);
  });

  it('counts down when it is told to come back later', async () => {
    const { page } = await open();
    await page.clock.install();
    await page.route(HOOK, (route) => route.fulfill({ status: 429, headers: { 'Retry-After': '7' }, json: {} }));
    await page.goto(at('iris'));
    const retry = page.getByRole('button', { name: /^Retry/ });
    await page.getByRole('button', { name: 'Retry in 7 s' }).waitFor();
    expect(await retry.isDisabled()).toBe(true);
    for (let second = 0; second < 7; second += 1) await page.clock.runFor(1_000);
    await page.getByRole('button', { name: 'Retry', exact: true }).waitFor();
    expect(await retry.isDisabled()).toBe(false);
  });

  it('drops an answer for a patient who is no longer shown', async () => {
    const { opened, pass } = gate();
    const { page } = await open();
    await page.route(HOOK, async (route) => {
      if (route.request().postData()?.includes('"patientId":"iris"')) await opened;
      await route.continue().catch(() => undefined); // the page has given it up
    });
    await page.goto(at('iris'));
    await page.locator('.row[data-row="Phosphate"] .point').waitFor();
    await page.getByRole('button', { name: 'All patients' }).click();
    await page.locator('[data-patient="otto"]').click();
    await page.locator('.advice article').first().waitFor();
    pass();
    await page.waitForTimeout(500);
    expect(await page.locator('.patient-name').innerText()).toBe('Otto Standin');
    expect(await page.locator('.advice article').count()).toBe(1);
  });

  it.each([
    [
      'sample-normal',
      '.why [data-state="nothing-found"]',
      /No cause found.*Looked at.*Calcium, total 9\.2 mg\/dL.*No medicine on record/s,
      'state-nothing-found',
    ],
    ['sample-stale', '.why .not-known', /Calcium.*200 days/s, 'state-cannot-judge'],
    ['sample-severe', '.advice article', /Urgent: calcium 7\.1 mg\/dL/, 'state-critical'],
  ])('tells %s apart from the other silences', async (id, place, words, name) => {
    const { page, screenshot } = await open();
    await page.goto(at(id, ''));
    await page.locator(place, { hasText: words }).first().waitFor();
    await screenshot(name);
  });

  it('says that a patient is out of scope, and why', async () => {
    const { page } = await open();
    await page.route(/\/fhir\/Condition\?patient=otto/, (route) =>
      route.fulfill({ json: { resourceType: 'Bundle', type: 'searchset', total: 0 } }),
    );
    await page.route(/\/fhir\/Observation\?patient=otto/, (route) =>
      route.fulfill({ json: { resourceType: 'Bundle', type: 'searchset', total: 0 } }),
    );
    await page.goto(at('otto'));
    await page
      .locator('.why [data-state="out-of-scope"]', {
        hasText: /No advice: this patient is out of scope.*Has kidney disease: no/s,
      })
      .waitFor();
    await page.locator('.advice [data-state="no-card"]', { hasText: 'out of scope' }).waitFor();
  });

  it('lists what it cannot draw, with the reason', async () => {
    const { page } = await open();
    const odd = [
      charted('iris', { code: '2777-1', value: 4, unit: 'mg/dL', at: daysAgo(9), status: 'cancelled' }),
      { ...charted('iris', { code: '2823-3', value: 4, unit: '', at: daysAgo(9) }) },
    ];
    await page.route(/\/fhir\/Observation\?patient=iris/, (route) =>
      route.fulfill({
        json: { resourceType: 'Bundle', type: 'searchset', entry: odd.map((resource) => ({ resource })) },
      }),
    );
    await page.goto(at('iris'));
    await page.locator('.not-drawn summary').click();
    await page.locator('.not-drawn', { hasText: /Phosphate, 4 of .*: its status is cancelled/ }).waitFor();
    await page.locator('.not-drawn', { hasText: /Potassium, 4 of .*: it has no unit/ }).waitFor();
  });

  it('shows medicines by drug: active, ended, of unknown start, and those that end before they begin', async () => {
    const { page } = await open();
    const orders = [
      ordered('iris', 'm1', 'Furosemide 40 mg tablet'),
      ordered('iris', 'm2', 'Furosemide 20 mg tablet', {
        status: 'completed',
        dispenseRequest: { validityPeriod: { start: daysAgo(300), end: daysAgo(200) } },
      }),
      ordered('iris', 'm3', 'Furosemide 20 mg tablet', {
        status: 'completed',
        dispenseRequest: { validityPeriod: { start: daysAgo(100), end: daysAgo(120) } },
      }),
      ordered('iris', 'm4', 'Paracetamol 500 mg'),
    ];
    await page.route(/\/fhir\/MedicationRequest\?patient=iris/, (route) =>
      route.fulfill({
        json: { resourceType: 'Bundle', type: 'searchset', entry: orders.map((resource) => ({ resource })) },
      }),
    );
    await page.goto(at('iris'));
    const lane = page.locator('.lane', { hasText: 'Furosemide' });
    await lane.waitFor();
    expect(await lane.count()).toBe(1);
    expect(await lane.innerText()).toMatch(/40 mg tablet · 3 orders · 1 not drawn: they end before they begin/);
    await page.getByText('1 other medicine').click();
    await page.locator('.others .lane', { hasText: 'Paracetamol' }).waitFor();
  });
});
