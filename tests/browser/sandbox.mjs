/**
 * Drives the public cds-hooks sandbox, a browser client that others wrote, against this service, and prints each step:
 * `node tests/browser/sandbox.mjs FOLDER [SCREENSHOTS]`, where FOLDER holds the sandbox as built. Needs a build of the
 * service and Chromium (`CHROMIUM`, else /usr/bin/chromium). Ends with 1 at the first step that is not as it should be.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { chromium } from 'playwright-core';

const ROOT = join(import.meta.dirname, '../..');
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.png': 'image/png' };
const CHROMIUM_ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const PATIENCE_MS = 60_000;
const CAUSE = 'Cramp: furosemide 40 MG Oral Tablet may be lowering calcium';
/** What a record may hold in a drug's name; the sandbox lets HTML in Markdown pass. */
const HOSTILE = '<img src=x onerror=alert(1)> *Furosemide* [a](javascript:alert(1)) | 40 mg';

const [folder, screenshots] = process.argv.slice(2);
if (folder === undefined) throw new Error('Name the folder of the built sandbox.');
if (screenshots !== undefined) mkdirSync(screenshots, { recursive: true });

/** Serves the files of the folder on a free loopback port. */
async function serveSandbox() {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url, 'http://localhost').pathname);
    const file = path === '/' ? '/index.html' : path;
    try {
      response.setHeader('Content-Type', TYPES[extname(file)] ?? 'application/octet-stream');
      response.end(readFileSync(join(folder, file)));
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

/** The service on a free loopback port, which lets the sandbox's origin in. */
async function startService(origin, data) {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  const env = {
    PATH: process.env.PATH,
    PORT: String(port),
    CORS_ORIGINS: origin,
    DATABASE_URL: `file:${join(data, 'feedback.db')}`,
    LOG_LEVEL: 'warn',
  };
  const child = spawn(process.execPath, ['dist/main.js'], { cwd: ROOT, env, stdio: ['ignore', 'inherit', 'inherit'] });
  const url = `http://127.0.0.1:${port}`;
  const until = Date.now() + PATIENCE_MS;
  while (!(await fetch(`${url}/health/ready`).catch(() => undefined))?.ok) {
    if (child.exitCode !== null || Date.now() > until) throw new Error('The service did not come up.');
    await wait(100);
  }
  return { url, close: () => child.kill('SIGTERM') };
}

function check(isRight, what) {
  if (!isRight) throw new Error(`Not as it should be: ${what}`);
  console.log(`  ok  ${what}`);
}

/** A page that keeps what it sent to the service and what came back. */
async function openSandbox(browser, sandbox, service, viewport) {
  const page = await browser.newPage({ viewport });
  page.setDefaultTimeout(PATIENCE_MS);
  const answers = [];
  page.on('response', async (response) => {
    const request = response.request();
    if (request.method() !== 'POST' || !response.url().startsWith(`${service.url}/cds-services/`)) return;
    const path = response.url().slice(`${service.url}/cds-services/`.length);
    answers.push({ path, status: response.status(), sent: request.postDataJSON() });
  });
  // Its default service and FHIR server are on the internet: nothing leaves this machine.
  await page.route(
    (url) => url.hostname !== '127.0.0.1',
    (route) => route.abort(),
  );
  const answerTo = async (path, since) => {
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      const found = answers.slice(since).find((answer) => answer.path === path);
      if (found !== undefined) return found;
      if (Date.now() > until) throw new Error(`No answer of ${path} came.`);
      await wait(50);
    }
  };
  const open = (patientId) => {
    const query = new URLSearchParams({
      fhirServiceUrl: `${service.url}/demo/fhir`,
      patientId,
      serviceDiscoveryURL: `${service.url}/cds-services`,
      hook: 'patient-view',
      screen: 'patient-view',
    });
    return page.goto(`${sandbox.url}/?${query}`);
  };
  const shoot = async (name) => {
    if (screenshots !== undefined) await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
  };
  return { page, answers, answerTo, open, shoot };
}

const cardOf = (page, summary) => page.locator('.MuiCard-root', { hasText: summary });

async function opensTheChart({ page, answers, open, shoot }) {
  console.log('The chart is opened (patient-view)');
  await open('sample-furosemide');
  await cardOf(page, CAUSE).waitFor();
  const [{ path, status, sent }] = answers;
  check(path === 'renal-cramps-patient-view' && status === 200, 'discovery was read and the service called');
  check(Object.keys(sent.prefetch ?? {}).length === 10, 'all ten queries of discovery were answered');
  await shoot('1-patient-view');
}

async function selectsAnOrder({ page, answers, answerTo, shoot }) {
  console.log('An order is written (order-select)');
  let since = answers.length;
  await page.getByRole('button', { name: 'Rx View' }).click();
  const first = await answerTo('renal-cramps-order-select', since);
  check(first.status === 200, 'the call without a drug is answered');
  since = answers.length;
  await page.locator('input[name=medication-input]').fill('furosemide 40 MG Oral Tablet');
  await page.locator('.MuiListItemButton-root').first().click();
  await cardOf(page, 'Draft furosemide').waitFor();
  check((await answerTo('renal-cramps-order-select', since)).status === 200, 'the drug is judged while it is selected');
  await shoot('2-order-select');
  since = answers.length;
  await page.getByRole('button', { name: 'Rx View' }).click();
  const again = await answerTo('renal-cramps-order-select', since);
  check(again.status === 200 && again.sent.context.draftOrders === undefined, 'the call without orders is answered');
}

async function signsAnOrder({ page, answers, answerTo, shoot }) {
  console.log('The order is signed (order-sign)');
  const since = answers.length;
  await page.getByRole('button', { name: 'Rx Sign' }).click();
  await page.getByRole('button', { name: 'Sign Order' }).click();
  await cardOf(page, 'Draft furosemide').waitFor();
  check((await answerTo('renal-cramps-order-sign', since)).status === 200, 'the draft is judged when it is signed');
  await shoot('3-order-sign');
}

async function acceptsASuggestion({ page, answers, answerTo }, hook) {
  console.log('A suggestion is accepted');
  const since = answers.length;
  await page
    .locator('.MuiCard-root')
    .getByRole('button', { name: /^Order / })
    .first()
    .click();
  const { status, sent } = await answerTo(`${hook}/feedback`, since);
  check(sent.feedback[0].outcome === 'accepted', 'the sandbox sends feedback: accepted');
  check(status === 200, 'the feedback is received');
}

async function dismissesCards({ page, answers, answerTo, shoot }, hook) {
  console.log('Two cards are dismissed');
  for (const [summary, reason] of [['Draft furosemide'], [CAUSE, 'Already addressed']]) {
    const since = answers.length;
    const card = cardOf(page, summary);
    if (reason === undefined) await card.getByRole('button', { name: 'Dismiss', exact: true }).click();
    else {
      await card.getByRole('button', { name: 'select dismiss reason' }).click();
      await shoot('4-dismiss-with-reason');
      await page.getByRole('menuitem', { name: reason }).click();
    }
    const { status, sent } = await answerTo(`${hook}/feedback`, since);
    const said = sent.feedback[0].overrideReason?.reason.code;
    check(sent.feedback[0].outcome === 'overridden', `the sandbox sends feedback: overridden, ${said ?? 'no reason'}`);
    check(said === (reason === undefined ? undefined : 'already-addressed'), 'the reason is as it was chosen');
    check(status === 200, 'the feedback is received');
    await card.waitFor({ state: 'detached' });
  }
  await shoot('5-all-dismissed');
}

async function showsHostileText({ page, open, shoot }) {
  console.log('A drug has a name that would do something as HTML or Markdown');
  await page.route('**/demo/fhir/MedicationRequest?*', async (route) => {
    const response = await route.fetch();
    const bundle = await response.json();
    for (const { resource } of bundle.entry ?? []) resource.medicationCodeableConcept.text = HOSTILE;
    await route.fulfill({ response, json: bundle });
  });
  await open('sample-furosemide');
  const card = page.locator('.MuiCard-root').first();
  await card.waitFor();
  check((await card.innerText()).includes('*Furosemide* [a]'), 'the name is shown as text');
  check((await card.locator('img, a[href^="javascript:"], em').count()) === 0, 'and as nothing else');
  await shoot('6-hostile-name');
}

const sandbox = await serveSandbox();
const data = mkdtempSync(join(tmpdir(), 'sandbox-'));
const closing = [() => sandbox.close(), () => rmSync(data, { recursive: true, force: true })];
try {
  const service = await startService(sandbox.url, data);
  closing.unshift(service.close);
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: CHROMIUM_ARGUMENTS });
  closing.unshift(() => browser.close());
  const desk = await openSandbox(browser, sandbox, service, { width: 1400, height: 1000 });
  await opensTheChart(desk);
  await acceptsASuggestion(desk, 'renal-cramps-patient-view');
  await selectsAnOrder(desk);
  await signsAnOrder(desk);
  await dismissesCards(desk, 'renal-cramps-order-sign');
  await showsHostileText(desk);
  const narrow = await openSandbox(browser, sandbox, service, { width: 420, height: 900 });
  console.log('The chart is opened in a narrow window');
  await narrow.open('sample-phosphate');
  await cardOf(narrow.page, 'Cramp').first().waitFor();
  await narrow.shoot('7-narrow');
  console.log('All steps done.');
} finally {
  for (const close of closing) await close();
}
