import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Condition } from 'fhir/r4.js';
import { crampingPatient, ordered } from '../support/charted-patient.js';
import { describeInBrowser } from '../support/chromium.js';
import { type FhirStandIn, startFhirStandIn } from '../support/fhir-stand-in.js';
import { startWebService, type WebService } from '../support/web-service.js';

const HOSTILE = [
  '<img src=x onerror="window.wasRun = true"><script>window.wasRun = true</script>',
  '[click](javascript:window.wasRun=true) ![x](https://elsewhere.example.org/x.png)',
  '\u202Egnitirw tfel ot thgir\u202C **bold** `code`',
  'x'.repeat(5_000),
];

describeInBrowser('hostile text in names', ({ open }) => {
  let ehr: FhirStandIn;
  let service: WebService;
  beforeAll(async () => {
    const records = HOSTILE.map((text, index) => {
      const [patient, ...others] = crampingPatient(`hostile-${String(index)}`, text);
      const orders = [
        ordered(`hostile-${String(index)}`, `loop-${String(index)}`, `furosemide ${text}`.slice(0, 900)),
        ordered(`hostile-${String(index)}`, `other-${String(index)}`, text),
      ];
      const problem: Condition = {
        resourceType: 'Condition',
        id: `named-${String(index)}`,
        subject: { reference: `Patient/hostile-${String(index)}` },
        code: { text },
      };
      return [patient!, ...others, ...orders, problem];
    });
    ehr = await startFhirStandIn(records);
    service = await startWebService({ FHIR_SERVERS: ehr.url });
  });
  afterAll(() => Promise.all([ehr.close(), service.close()]));

  it.each(HOSTILE.map((text, index): [string, number] => [text.slice(0, 30), index]))(
    'is shown as text: %s',
    async (_, index) => {
      for (const [path, ready] of [
        ['/', '.why .cause'],
        ['/app', '.cause'],
      ] as const) {
        const { page, complaints, asked, screenshot } = await open();
        const dialogs: string[] = [];
        page.on('dialog', (dialog) => {
          dialogs.push(dialog.message());
          void dialog.dismiss();
        });
        const query = new URLSearchParams({
          [path === '/' ? 'server' : 'iss']: ehr.url,
          patient: `hostile-${String(index)}`,
        });
        await page.goto(`${service.url}${path}?${query.toString()}`);
        await page.locator(ready).first().waitFor();
        if (path === '/') await screenshot(`hostile-${String(index)}`);
        const found = await page.evaluate<object>(
          `({ wasRun: window.wasRun, images: document.images.length, scripts: document.querySelectorAll('#page script').length, links: [...document.links].filter(({ href }) => !/^https?:/.test(href)).length, overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth })`,
        );
        expect(found).toEqual({ wasRun: undefined, images: 0, scripts: 0, links: 0, overflow: 0 });
        expect(await page.locator('.patient-name').innerText()).toContain(HOSTILE[index]!.slice(0, 20));
        expect({ dialogs, complaints, elsewhere: asked.filter((url) => url.includes('elsewhere')) }).toEqual({
          dialogs: [],
          complaints: [],
          elsewhere: [],
        });
      }
    },
  );

  it('in a card is shown as text too, whoever wrote the card', async () => {
    const { page, complaints } = await open();
    const card = {
      uuid: '11111111-1111-4111-8111-111111111111',
      summary: HOSTILE[0],
      detail: HOSTILE.join('\n\n'),
      indicator: 'info',
      source: { label: '<b>source</b>' },
      links: [{ label: 'bad', url: 'javascript:window.wasRun=true', type: 'absolute' }],
    };
    await page.route(/\/cds-services\/renal-cramps-patient-view$/, (route) =>
      route.fulfill({ json: { cards: [card] } }),
    );
    await page.goto(`${service.url}/?patient=sample-phosphate`);
    const shown = page.locator('.advice article');
    await shown.waitFor();
    expect(await shown.locator('img, script, iframe, a[href]').count()).toBe(0);
    expect(await shown.locator('.summary').innerText()).toBe(HOSTILE[0]);
    expect(await page.evaluate('window.wasRun')).toBeUndefined();
    expect(complaints).toEqual([]);
  });
});
