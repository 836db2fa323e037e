import type { RequestListener } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { listen } from '../../src/http/server.js';
import { crampingPatient } from '../support/charted-patient.js';
import { describeInBrowser } from '../support/chromium.js';
import { type FhirStandIn, startFhirStandIn } from '../support/fhir-stand-in.js';
import { startWebService, type WebService } from '../support/web-service.js';

/** What an EHR keeps under a launch; the demo's carries it. */
function launch(context: object): string {
  return Buffer.from(JSON.stringify(context)).toString('base64url');
}

describeInBrowser('the SMART app', ({ open }) => {
  let ehr: FhirStandIn;
  let service: WebService;
  beforeAll(async () => {
    ehr = await startFhirStandIn([crampingPatient('iris')]);
    service = await startWebService({ FHIR_SERVERS: ehr.url });
  });
  beforeEach(() => {
    Object.assign(ehr.behaviour, { fails: {}, holds: {}, needsToken: false });
  });
  afterAll(() => Promise.all([ehr.close(), service.close()]));

  const launchUrl = (context: object): string =>
    `${service.url}/app/launch?${new URLSearchParams({ iss: service.samples, launch: launch(context) }).toString()}`;

  it('is opened from the smart link of a card, and says which finding the card was about', async () => {
    const { page, screenshot } = await open();
    await page.goto(`${service.url}/?patient=sample-phosphate`);
    const [app] = await Promise.all([
      page.context().waitForEvent('page'),
      page.getByRole('button', { name: 'Why? Trends, medicines and what is missing' }).click(),
    ]);
    await app.getByRole('heading', { level: 1, name: 'Why does this patient cramp?' }).waitFor();
    const first = app.locator('.cause').first();
    await first.getByRole('heading', { name: /Low calcium with phosphate build-up/ }).waitFor();
    await first.getByText('The card that opened this names it.').waitFor();
    expect(await app.locator('.patient-name').innerText()).toBe('Ada Example');
    await screenshot('demo-with-card');
  });

  it('signs in with PKCE, reads with the token, and sends the token to nobody else', async () => {
    const { page, screenshot, complaints } = await open({ viewport: { width: 1060, height: 900 } });
    const asked: { url: string; authorization: string | undefined; body: string }[] = [];
    page.on('request', (request) => {
      asked.push({
        url: request.url(),
        authorization: request.headers()['authorization'],
        body: request.postData() ?? '',
      });
    });
    const [token] = await Promise.all([
      page.waitForResponse(/\/demo\/smart\/token$/),
      page.goto(launchUrl({ patient: 'sample-furosemide' })),
    ]);
    const { access_token: accessToken } = (await token.json()) as { access_token: string };
    await page.locator('.cause', { hasText: 'Calcium loss by a loop diuretic' }).waitFor();
    await screenshot('app');
    const authorize = new URL(asked.find(({ url }) => url.includes('/authorize?'))?.url ?? '');
    expect(Object.fromEntries(authorize.searchParams)).toMatchObject({
      response_type: 'code',
      client_id: 'renal-cramp-demo',
      code_challenge_method: 'S256',
      aud: service.samples,
      redirect_uri: `${service.url}/app`,
    });
    expect(authorize.searchParams.get('scope')).toMatch(
      /^launch openid fhirUser patient\/Patient\.read .*patient\/Observation\.read/,
    );
    const reads = asked.filter(({ url }) => url.startsWith(`${service.samples}/Observation`));
    expect(reads).toHaveLength(3);
    expect(reads.every(({ authorization }) => authorization === `Bearer ${accessToken}`)).toBe(true);
    const ours = asked.filter(({ url }) => /\/app\/explain$|\/cds-services|\/app\/settings$/.test(url));
    expect(ours.map(({ url }) => new URL(url).pathname)).toContain('/app/explain');
    expect(JSON.stringify(ours)).not.toContain(accessToken);
    expect(service.logged()).not.toContain(accessToken);
    expect(complaints).toEqual([]);
    expect(new URL(page.url()).searchParams.has('code')).toBe(false);
  });

  it('leaves the banner to an EHR that shows the patient itself', async () => {
    const { page } = await open();
    await page.goto(launchUrl({ patient: 'sample-phosphate', needPatientBanner: false }));
    await page.locator('.cause').first().waitFor();
    expect(await page.locator('.banner').count()).toBe(0);
    await page.goto(launchUrl({ patient: 'sample-phosphate', needPatientBanner: true }));
    await page.locator('.banner .patient-name', { hasText: 'Ada Example' }).waitFor();
  });

  it('says that the sign-in was refused, without going round in circles', async () => {
    const { page } = await open();
    await page.goto(launchUrl({ nobody: true }));
    await page.locator('[data-problem="refused"]', { hasText: 'The launch is not known here.' }).waitFor();
  });

  it('says that the session ended when the token is no longer good', async () => {
    const { page } = await open();
    await page.goto(launchUrl({ patient: 'sample-phosphate' }));
    await page.locator('.cause').first().waitFor();
    await page.route(/\/demo\/fhir\/(?!\.well-known)/, (route) => route.fulfill({ status: 401, json: {} }));
    await page.getByRole('button', { name: 'Read again' }).click();
    await page.locator('[data-problem="ended"]', { hasText: 'Open the app again from the chart.' }).waitFor();
  });

  it('reads the chart again after a reload', async () => {
    const { page } = await open();
    await page.goto(launchUrl({ patient: 'sample-phosphate' }));
    await page.locator('.cause').first().waitFor();
    await page.reload();
    await page.locator('.cause').first().waitFor();
  });

  it('does not sign in with an EHR it has no registration with', async () => {
    const { page, asked } = await open();
    await page.goto(`${service.url}/app/launch?iss=https://stranger.example.org/fhir&launch=x`);
    await page.locator('[data-problem="unknown-ehr"]', { hasText: 'SMART_CLIENTS' }).waitFor();
    expect(asked.filter((url) => url.startsWith('https://stranger'))).toEqual([]);
  });

  it('stands alone on an open server, with the patient in its address', async () => {
    const { page, complaints } = await open();
    await page.goto(
      `${service.url}/app?${new URLSearchParams({ fhirServiceUrl: ehr.url, patientId: 'iris' }).toString()}`,
    );
    await page.locator('.cause', { hasText: 'Low calcium with phosphate build-up' }).waitFor();
    expect(await page.locator('.patient-name').innerText()).toBe('Iris Standin');
    expect(complaints).toEqual([]);
  });

  it('offers a search where no patient is named', async () => {
    const { page, screenshot } = await open();
    await page.goto(`${service.url}/app?${new URLSearchParams({ iss: ehr.url }).toString()}`);
    await page.getByLabel('Name or id').fill('iris-none-7');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByText(`No patient found on ${ehr.url}.`).waitFor();
    await screenshot('app-search');
    await page.getByLabel('Name or id').fill('');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.locator('[data-patient="iris"]').click();
    await page.locator('.cause').first().waitFor();
  });

  it('reads no open server that the settings do not name', async () => {
    const { page, asked } = await open();
    await page.goto(`${service.url}/app?iss=https://stranger.example.org/fhir&patient=p`);
    await page.locator('[data-problem="not-listed"]').waitFor();
    expect(asked.filter((url) => url.startsWith('https://stranger'))).toEqual([]);
  });

  it('offers a window of its own where a frame keeps it from storing', async () => {
    const { page } = await open();
    await page.addInitScript(
      `Object.defineProperty(window, 'sessionStorage', { get() { throw new DOMException('Access is denied for this document', 'SecurityError'); } })`,
    );
    const address = launchUrl({ patient: 'sample-phosphate' });
    await page.goto(address);
    await page.locator('[data-problem="storage"]', { hasText: 'the launch is not used up' }).waitFor();
    const [own] = await Promise.all([
      page.context().waitForEvent('page'),
      page.getByRole('button', { name: 'Open in its own window' }).click(),
    ]);
    expect(own.url()).toBe(address);
  });

  it('may be framed by the EHR that the settings name, and by nobody else', async () => {
    let address = '';
    const chart: RequestListener = (_request, response) => {
      response.setHeader('Content-Type', 'text/html');
      response.end(`<iframe src="${address}" width="380" height="700"></iframe>`);
    };
    const [known, stranger] = await Promise.all([0, 0].map((port) => listen(chart, { host: '127.0.0.1', port })));
    const framed = await startWebService({ FRAME_ANCESTORS: known!.url });
    address = `${framed.url}/app?${new URLSearchParams({ iss: framed.samples, patient: 'sample-phosphate' }).toString()}`;
    try {
      const { page } = await open();
      await page.goto(known!.url);
      await page.frameLocator('iframe').locator('.cause').first().waitFor();
      const other = await open();
      await other.page.goto(stranger!.url);
      await other.page.waitForLoadState('load');
      expect(other.complaints.join()).toContain('frame-ancestors');
      expect(await other.page.frameLocator('iframe').locator('.cause').count()).toBe(0);
    } finally {
      await Promise.all([framed.close(), known!.close(), stranger!.close()]);
    }
  });

  it('keeps results drawn when the explanation fails, and says that nothing was judged', async () => {
    const { page } = await open();
    await page.route(/\/app\/explain$/, (route) =>
      route.fulfill({ status: 503, json: { issue: [{ diagnostics: 'The answer took too long.' }] } }),
    );
    await page.goto(
      `${service.url}/app?${new URLSearchParams({ iss: service.samples, patient: 'sample-phosphate' }).toString()}`,
    );
    await page.locator('[data-state="not-judged"]', { hasText: 'The answer took too long. (status 503)' }).waitFor();
    expect(await page.locator('.row[data-row="Phosphate"] .point').count()).toBe(5);
    expect(await page.locator('.cause').count()).toBe(0);
  });
});
