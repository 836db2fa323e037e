import { request as rawRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ServiceError } from '../../src/errors.js';
import { type ComposedService, startComposedService } from '../support/composed-service.js';
import { expectOutcome } from '../support/http-service.js';
import { condition, daysAgo, kidneyPatient, NOW } from '../support/kidney-patient.js';
import { copyKnowledge, type KnowledgeCopy } from '../support/knowledge-copy.js';
import { startError } from '../support/start-error.js';

const PAGES = ['calcium-rich-food', 'painkillers-and-cramps', 'when-a-cramp-comes'];

let service: ComposedService;
beforeAll(async () => {
  service = await startComposedService(undefined, { PUBLIC_BASE_URL: 'https://cds.example.org/renal', DEMO: 'off' });
});
afterAll(async () => {
  await service.close();
});

const get = (path: string, init: RequestInit = {}) => fetch(`${service.url}${path}`, { redirect: 'manual', ...init });

/** As written: fetch would tidy up the path first. */
function getAsWritten(path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(service.url);
    const request = rawRequest({ hostname, port, path }, (response) => {
      let body = '';
      response.on('data', (data) => (body += String(data)));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body });
      });
    });
    request.on('error', reject).end();
  });
}

describe('GET /handouts/', () => {
  it('lists every page by a link that works', async () => {
    const response = await get('/handouts/');
    expect(response.status).toBe(200);
    const hrefs = [...(await response.text()).matchAll(/<a href="([^"]+)">/g)].map(([, href]) => href!);
    expect(hrefs).toEqual(PAGES);
    for (const href of hrefs) expect((await get(`/handouts/${href}`)).status).toBe(200);
  });

  it('is reached without its slash too, by an address relative to ours', async () => {
    const response = await get('/handouts');
    expect({ status: response.status, location: response.headers.get('location') }).toEqual({
      status: 308,
      location: 'handouts/',
    });
  });
});

describe('GET /handouts/<name>', () => {
  it.each(PAGES)('answers %s as a page that needs no script and nothing from elsewhere', async (name) => {
    const response = await get(`/handouts/${name}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toBe(
      "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(await response.text()).toMatch(/^<!doctype html>\n<html lang="en">/);
  });

  it('brings its stylesheet', async () => {
    const response = await get('/handouts/handout.css');
    expect(response.headers.get('content-type')).toBe('text/css; charset=utf-8');
    expect(await response.text()).toContain('@media print');
  });

  it('prints large when asked, and as usual when asked for anything else', async () => {
    const large = await get('/handouts/when-a-cramp-comes?print=large');
    expect(await large.text()).toContain('<html lang="en" class="large">');
    const other = await get('/handouts/when-a-cramp-comes?print[]=large&print=%3Cscript%3E');
    expect(await other.text()).toContain('<html lang="en">');
  });

  it.each([
    'no-such-page',
    'When-a-cramp-comes',
    'when-a-cramp-comes/',
    'when-a-cramp-comes/more',
    'when-a-cramp-comes.md',
  ])('answers the unknown %s with 404', async (name) => {
    expect(await expectOutcome(await get(`/handouts/${name}`), 404, 'not-found')).toBe(
      'There is no handout of this name.',
    );
  });

  it.each([
    ['/handouts/../policy.yaml', 404],
    ['/handouts/..%2Fpolicy.yaml', 404],
    ['/handouts/%2e%2e%2f%2e%2e%2fpackage.json', 404],
    ['/handouts/%00', 404],
    ['/handouts/__proto__', 404],
    ['/handouts/constructor', 404],
    ['/handouts/%3Cscript%3Ealert(1)%3C%2Fscript%3E', 404],
    [`/handouts/${'a'.repeat(5_000)}`, 404],
    ['/handouts/%E0%A4%A', 400],
  ])('is not led astray by %.60s', async (path, status) => {
    const answer = await getAsWritten(path);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toMatchObject({ resourceType: 'OperationOutcome' });
    expect(answer.body).not.toMatch(/script|proto|policy|package|aaaa/);
  });

  it('can only be read', async () => {
    const response = await get('/handouts/when-a-cramp-comes', { method: 'POST', body: 'x' });
    expect(response.headers.get('allow')).toBe('GET, HEAD');
    await expectOutcome(response, 405, 'not-supported');
    expect((await get('/handouts/when-a-cramp-comes', { method: 'HEAD' })).status).toBe(200);
  });
});

describe('a card links to the handouts', () => {
  const CRAMP = { label: 'Patient handout: When a cramp comes', name: 'when-a-cramp-comes' };
  const PAINKILLERS = { label: 'Patient handout: Painkillers and cramps', name: 'painkillers-and-cramps' };
  const FOOD = { label: 'Patient handout: Food with calcium, and your kidneys', name: 'calcium-rich-food' };
  const links = (...pages: { label: string; name: string }[]) =>
    pages.map(({ label, name }) => ({
      label,
      url: `https://cds.example.org/renal/handouts/${name}`,
      type: 'absolute',
    }));

  it('of its cause, each once, at our public address', async () => {
    const { cards } = await service.openChart(kidneyPatient('links', { calcium: 7.8, phosphate: 5 }), NOW);
    expect(cards.map((card) => card.links)).toEqual([links(CRAMP, PAINKILLERS, FOOD)]);
  });

  it('but not to the food page when calcium is not low', async () => {
    const { cards } = await service.openChart(kidneyPatient('mild', { magnesium: 1.1 }), NOW);
    expect(cards.map((card) => card.links)).toEqual([links(CRAMP, PAINKILLERS)]);
  });

  it('and not to the food page when the knowledge forbids it', async () => {
    const calcified = condition(
      'calcified',
      'calcification',
      { code: 'E83.59', display: 'Calciphylaxis' },
      daysAgo(30),
    );
    const resources = [...kidneyPatient('calcified', { calcium: 7.8, phosphate: 5 }), calcified];
    const { cards } = await service.openChart(resources, NOW);
    expect(cards.map((card) => card.links)).toEqual([links(CRAMP, PAINKILLERS)]);
  });

  it('and to none when nothing but restless legs is shown', async () => {
    const [patient, kidneys, , ...results] = kidneyPatient('legs');
    const legs = condition('legs', 'rls', { code: 'G25.81', display: 'Restless legs syndrome' }, daysAgo(10));
    const { cards } = await service.openChart([patient!, kidneys!, legs, ...results], NOW);
    expect(cards.map((card) => 'links' in card)).toEqual([false]);
  });
});

describe('the service does not start', () => {
  let copy: KnowledgeCopy;
  const CARD = 'LoopDiureticCalciumLoss.md';
  const heads = (line: string) => (text: string) => text.replace(/^handouts: .*$/m, `handouts: ${line}`);

  it.each([
    [
      'no such handout',
      () => {
        copy.edit('cards', CARD, heads('[no-such-page]'));
      },
      /LoopDiureticCalciumLoss\.md .* no handout "no-such-page"/,
    ],
    [
      'a path for a handout',
      () => {
        copy.edit('cards', CARD, heads('[../policy]'));
      },
      /LoopDiureticCalciumLoss\.md .* no handout/,
    ],
    [
      'a veto its library does not know',
      () => {
        copy.edit('cards', CARD, heads('[{ name: when-a-cramp-comes, unless: [unheardOf] }]'));
      },
      /LoopDiureticCalciumLoss\.md .* \{\{unheardOf\}\}/,
    ],
    [
      'an empty list of handouts',
      () => {
        copy.edit('cards', CARD, heads('[]'));
      },
      /head of the card LoopDiureticCalciumLoss\.md/,
    ],
    [
      'the folder of handouts gone',
      () => {
        rmSync(join(copy.folders.cards, 'handouts'), { recursive: true });
      },
      /no handout "when-a-cramp-comes"/,
    ],
    [
      'a handout with raw HTML',
      () => {
        copy.edit('cards', 'handouts/when-a-cramp-comes.md', (text) => `${text}\n<b>x</b>\n`);
      },
      /handout when-a-cramp-comes\.md/,
    ],
  ])('when a card names %s', async (_, damage, message) => {
    copy = copyKnowledge();
    try {
      damage();
      const error = await startError(copy.folders);
      expect(error).toBeInstanceOf(ServiceError);
      expect(error).toMatchObject({ code: 'invalid-knowledge', message: expect.stringMatching(message) });
    } finally {
      copy.remove();
    }
  });
});
