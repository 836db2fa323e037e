import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import { advise } from '../../src/advise.js';
import { type CdsService, parseCdsRequest } from '../../src/cds-hooks.js';
import { composeService } from '../../src/compose.js';
import { loadAdvice, type LoadedParts } from '../../src/compose-advice.js';
import { readConfig } from '../../src/config.js';
import { FOLDERS } from '../../src/folders.js';
import { listen } from '../../src/http/server.js';
import { createLog } from '../../src/log.js';
import { patientView } from '../support/composed-service.js';
import { forgetfulStore } from '../support/forgetful-store.js';
import { postJson } from '../support/http-service.js';
import { furosemide, kidneyPatient, NOW } from '../support/kidney-patient.js';
import { inflated, padded, withoutFreshIds } from '../support/large-chart.js';
import { LoopbackServers } from '../support/loopback-servers.js';
import { readRealPatients, realPatientsFolder, withCramp } from '../support/real-patients.js';
import { recordServer } from '../support/record-server.js';
import { readCases } from '../vignettes/case-file.js';
import { hookRequest, resourcesOf } from '../vignettes/hook-client.js';

const PATIENT = kidneyPatient('p', { calcium: 7.4, phosphate: 6.2 });
const TIME_ENOUGH = { HOOK_DEADLINE_MS: '60000', FHIR_BUDGET_MS: '20000' };

/** The whole service, and what it remembered and logged. */
async function start(settings: Record<string, string> = {}) {
  const config = readConfig({
    PORT: '0',
    ALLOW_EVALUATION_TIME: 'on',
    RATE_LIMIT_PER_MINUTE: '1000000',
    ...TIME_ENOUGH,
    ...settings,
  });
  const lines: string[] = [];
  const store = forgetfulStore();
  const log = createLog('info', { write: (line) => void lines.push(line) });
  const composed = composeService(config, log, store);
  const server = await listen(composed.app, config);
  const { services } = composed;
  const service = (hook: string) => services.find((each) => each.hook === hook)!;
  return {
    config,
    store,
    service,
    origin: server.url,
    logged: () => lines.map((line): Record<string, unknown> => JSON.parse(line)),
    post: (body: string, hook = 'patient-view') => postJson(`${server.url}/cds-services/${service(hook).id}`, body),
    close: async () => {
      await server.close();
      await composed.close();
    },
  };
}

type Started = Awaited<ReturnType<typeof start>>;

async function answerOf(response: Response) {
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    text: withoutFreshIds(await response.text()),
  };
}

function chart(service: CdsService, resources: readonly FhirResource[], more: object = {}): string {
  return JSON.stringify({ ...patientView(service, resources, NOW), ...more });
}

/** For a client that sends everything it has, however small a page is asked for. */
function inWholePages(service: CdsService): CdsService {
  const templates = Object.entries(service.prefetch ?? {});
  return {
    ...service,
    prefetch: Object.fromEntries(templates.map(([key, text]) => [key, text.replace(/&_count=\d+/, '')])),
  };
}

describe('a large body is answered as a small one is', () => {
  let service: Started;
  beforeAll(async () => {
    service = await start();
  });
  afterAll(() => service.close());

  const sameAnswer = async (body: string, hook?: string) => {
    const small = await answerOf(await service.post(body, hook));
    expect(await answerOf(await service.post(padded(body), hook))).toEqual(small);
    return small;
  };

  const vignettes = readCases(join(import.meta.dirname, '../vignettes'));
  const libraries = [...new Set(vignettes.map(({ library }) => library))];
  /** Two of each: all of them are played as small ones. */
  const cases = libraries.flatMap((name) => vignettes.filter(({ library }) => library === name).slice(0, 2));
  it('of two vignettes of every library', async () => {
    let withCards = 0;
    for (const { played, name } of cases) {
      const body = JSON.stringify(hookRequest(played, resourcesOf(played), service.service(played.hook)));
      const { status, text } = await sameAnswer(body, played.hook);
      expect([name, status]).toEqual([name, 200]);
      if (!text.startsWith('{"cards":[]')) withCards += 1;
    }
    expect([libraries.length > 30, withCards > 40]).toEqual([true, true]);
  });

  it.each([
    ['no JSON', '{"hook": "patient-view", }', 400],
    ['not UTF-8', '\ud800', 400],
    ['nested too deep', `{"hook": ${'['.repeat(65)}${']'.repeat(65)}}`, 400],
    ['of another hook', '{"hook": "order-sign"}', 400],
    ['without context', '{"hook": "patient-view", "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"}', 400],
  ])('%s', async (_what, body, status) => {
    expect((await sameAnswer(body)).status).toBe(status);
  });

  it('of another patient', async () => {
    const body = chart(service.service('patient-view'), PATIENT, {
      context: { userId: 'Practitioner/a', patientId: 'q' },
    });
    expect((await sameAnswer(body)).status).toBe(412);
  });

  it('with keys that would change what every object has', async () => {
    const body = chart(service.service('patient-view'), PATIENT);
    const polluted = `{"__proto__": {"hook": "order-sign"}, "constructor": {"prototype": {"hook": 1}}, ${body.slice(1)}`;
    expect(await sameAnswer(polluted)).toEqual(await sameAnswer(body));
    expect(({} as { hook?: unknown }).hook).toBeUndefined();
  });
});

describe('a chart that is large by what it holds', () => {
  let service: Started;
  let loaded: LoadedParts;
  beforeAll(async () => {
    service = await start();
    const { engine, timeZone, publicBaseUrl } = service.config;
    loaded = loadAdvice({ engine, timeZone, publicBaseUrl, launchingServers: [] }, FOLDERS);
  });
  afterAll(() => service.close());

  /** What this thread says of the same body. */
  const saidHere = async (body: string) => {
    const request = parseCdsRequest(JSON.parse(body), 'patient-view');
    const call = { signal: new AbortController().signal, now: new Date(request.evaluationTime!) };
    const nobody = {
      openFhirServer: () => undefined,
      onInterpreted: () => undefined,
      onLibraryFailed: () => undefined,
    };
    return withoutFreshIds(JSON.stringify(await advise(request, call, { ...loaded, ...nobody })));
  };

  const folder = realPatientsFolder();
  const charts = [
    ['made up', PATIENT, NOW] as const,
    ...(folder === undefined ? [] : readRealPatients(folder).slice(0, 6)).map(
      (real) => [`real: ${real.file}`, withCramp(real), real.now] as const,
    ),
  ];
  it.each(charts)('%s', async (_name, resources, now) => {
    const large = inflated(resources);
    const body = JSON.stringify(patientView(inWholePages(service.service('patient-view')), large, now));
    expect(body.length).toBeGreaterThan(1_000_000);
    const answer = await answerOf(await service.post(body));
    expect(answer.status).toBe(200);
    expect(answer.text).toBe(await saidHere(body));
  });

  it('is remembered, logged and timed once, as any other', async () => {
    const [cards, lines] = [service.store.cards.length, service.logged().length];
    const response = await service.post(padded(chart(service.service('patient-view'), PATIENT)));
    const answer = (await response.json()) as { cards: { uuid: string }[] };
    expect(response.headers.get('server-timing')).toMatch(
      /^wait;dur=[\d.]+, parse;dur=[\d.]+, gather;dur=[\d.]+, evaluate;dur=[\d.]+, render;dur=[\d.]+, total;dur=[\d.]+$/,
    );
    expect(service.store.cards.slice(cards)).toEqual([
      expect.objectContaining({
        uuid: answer.cards[0]!.uuid,
        topic: 'LowCalciumPhosphateRetention',
        indicator: 'critical',
      }),
    ]);
    expect(service.logged().slice(lines)).toEqual([
      expect.objectContaining({ msg: 'hookAnswered', service: 'renal-cramps-patient-view', cards: 1 }),
    ]);
  });

  it('is explained as a small one is', async () => {
    const body = chart(service.service('patient-view'), [...PATIENT, furosemide('p')]);
    const explain = (text: string) => postJson(`${service.origin}/app/explain`, text, { Origin: service.origin });
    const small = await answerOf(await explain(body));
    expect(small.status).toBe(200);
    expect(await answerOf(await explain(padded(body)))).toEqual(small);
    const withToken = body.replace(
      '{',
      '{"fhirServer":"https://a.example","fhirAuthorization":{"access_token":"a","token_type":"Bearer","expires_in":1,"scope":"a","subject":"a"},',
    );
    expect(await answerOf(await explain(padded(withToken)))).toMatchObject({ status: 400 });
    expect(await answerOf(await postJson(`${service.origin}/app/explain`, padded(body)))).toMatchObject({
      status: 401,
    });
  });
});

describe('a large body that lacks data', () => {
  let fhir: LoopbackServers;
  beforeAll(async () => {
    fhir = await LoopbackServers.open();
  });
  afterAll(() => fhir.close());

  it('has them called back through the one gateway, with the same calls and the same answer', async () => {
    const { url } = await fhir.fhir(recordServer([...PATIENT, furosemide('p')]));
    const service = await start({ FHIR_SERVERS: url });
    const whole = patientView(service.service('patient-view'), PATIENT, NOW);
    const { patient } = whole.prefetch;
    const body = JSON.stringify({ ...whole, fhirServer: url, prefetch: { patient } });
    const small = await answerOf(await service.post(body));
    const calls = fhir.calls.splice(0).sort();
    expect(await answerOf(await service.post(padded(body)))).toEqual(small);
    expect(fhir.calls.splice(0).sort()).toEqual(calls);
    expect(calls.length).toBeGreaterThan(9);
    expect(small.text).toContain('low-calcium-phosphate-retention');
    await service.close();
  });

  it('finds the server left alone that small ones found down, and calls no server that is not allowed', async () => {
    const down = await fhir.fhir((request) => void request.socket.destroy());
    const service = await start({ FHIR_SERVERS: down.url });
    const whole = patientView(service.service('patient-view'), PATIENT, NOW);
    const { patient, ...others } = whole.prefetch;
    const [first] = Object.keys(others);
    const partly = Object.fromEntries(Object.entries(whole.prefetch).filter(([key]) => key !== first));
    const body = JSON.stringify({ ...whole, fhirServer: down.url, prefetch: partly });
    for (let call = 0; call < 6; call += 1) await service.post(body);
    fhir.calls.splice(0);
    const large = await answerOf(await service.post(padded(body)));
    expect(large.status).toBe(200);
    const stranger = padded(body).replaceAll(down.url, fhir.elsewhere.url);
    expect((await service.post(stranger)).status).toBe(200);
    expect([fhir.calls, fhir.elsewhere.calls, patient]).toEqual([[], 0, expect.anything()]);
    await service.close();
  });
});
