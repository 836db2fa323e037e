import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectOutcome } from '../support/http-service.js';
import { kidneyPatient, NOW } from '../support/kidney-patient.js';
import { startError } from '../support/start-error.js';
import { startWebService, type WebService } from '../support/web-service.js';

const VERIFIER = randomBytes(48).toString('base64url');
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');
const APP_CONTEXT = '{"findings":["a"]}';

describe('the sign-in of the demo endpoint', () => {
  let service: WebService;
  beforeAll(async () => {
    service = await startWebService();
  });
  afterAll(() => service.close());

  const authorize = (changes: Record<string, string> = {}): Promise<Response> => {
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: 'renal-cramp-demo',
      redirect_uri: `${service.url}/app`,
      state: 'st',
      scope: 'launch patient/Patient.read',
      aud: service.samples,
      launch: Buffer.from(JSON.stringify({ patient: 'sample-phosphate', appContext: APP_CONTEXT })).toString(
        'base64url',
      ),
      code_challenge: CHALLENGE,
      code_challenge_method: 'S256',
      ...changes,
    });
    return fetch(`${service.url}/demo/smart/authorize?${query.toString()}`, { redirect: 'manual' });
  };
  const codeOf = (response: Response): string =>
    new URL(response.headers.get('location') ?? '').searchParams.get('code') ?? '';
  const token = (code: string, changes: Record<string, string> = {}): Promise<Response> =>
    fetch(`${service.url}/demo/smart/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        redirect_uri: `${service.url}/app`,
        code_verifier: VERIFIER,
        ...changes,
      }),
    });

  it('is found where SMART says', async () => {
    const found = (await (await fetch(`${service.samples}/.well-known/smart-configuration`)).json()) as object;
    expect(found).toMatchObject({
      authorization_endpoint: `${service.url}/demo/smart/authorize`,
      token_endpoint: `${service.url}/demo/smart/token`,
      code_challenge_methods_supported: ['S256'],
    });
  });

  it('gives a token with the patient and the context of the launch', async () => {
    const answer = await token(codeOf(await authorize()));
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await answer.json()).toEqual({
      access_token: expect.stringMatching(/^[\w-]{32}$/),
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'launch patient/Patient.read',
      patient: 'sample-phosphate',
      need_patient_banner: true,
      appContext: APP_CONTEXT,
    });
  });

  it.each([
    ['is too large', 413, 'too-long', {}, `code=${'x'.repeat(20_001)}`],
    [
      'is in a charset nobody knows',
      415,
      'not-supported',
      { 'Content-Type': 'application/x-www-form-urlencoded; charset=odd' },
      'a=1',
    ],
    ['is packed in a way nobody knows', 415, 'not-supported', { 'Content-Encoding': 'odd' }, 'a=1'],
    ['is said to be packed and is not', 400, 'invalid', { 'Content-Encoding': 'gzip' }, 'a=1'],
    ['has too many parts', 413, 'too-long', {}, 'a&'.repeat(2_000)],
    ['is no form', 400, 'invalid', { 'Content-Type': 'application/json' }, '{}'],
  ])('refuses a body that %s', async (_name, status, code, headers, body) => {
    const form = { 'Content-Type': 'application/x-www-form-urlencoded', ...headers };
    const refused = fetch(`${service.url}/demo/smart/token`, { method: 'POST', headers: form, body });
    await expectOutcome(await refused, status, code);
  });

  it('sends nobody anywhere but to our own app', async () => {
    const otherScheme = `app${service.url.slice('http'.length)}/app`;
    for (const redirect of ['https://elsewhere.example.org/app', `${service.url}/elsewhere`, otherScheme])
      await expectOutcome(await authorize({ redirect_uri: redirect }), 400, 'invalid');
    await expectOutcome(await authorize({ client_id: 'other' }), 400, 'invalid');
    await expectOutcome(await authorize({ code_challenge_method: 'plain' }), 400, 'invalid');
  });

  it('sends a launch it does not know back as refused', async () => {
    const back = new URL((await authorize({ launch: 'x' })).headers.get('location') ?? '');
    expect(Object.fromEntries(back.searchParams)).toMatchObject({ state: 'st', error: 'access_denied' });
  });

  it('takes no code that was changed, for another redirect or without its verifier', async () => {
    const code = codeOf(await authorize());
    const changed = `${Buffer.from('{}').toString('base64url')}.${code.split('.')[1] ?? ''}`;
    await expectOutcome(await token(changed), 400, 'invalid');
    await expectOutcome(await token(code, { code_verifier: 'x'.repeat(50) }), 400, 'invalid');
    await expectOutcome(await token(code, { redirect_uri: 'https://elsewhere.example.org/app' }), 400, 'invalid');
    await expectOutcome(await token('x'), 400, 'invalid');
  });
});

describe('DEMO_PATIENTS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'demo-patients-'));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('shows the patients of a folder from their own moment, told apart where ids are alike', async () => {
    const entry = kidneyPatient('p', { calcium: 7.8, phosphate: 6.2 }).map((resource) => ({
      fullUrl: `urn:uuid:${resource.id!}`,
      resource,
    }));
    const bundle = { resourceType: 'Bundle', type: 'collection', timestamp: NOW.toISOString(), entry };
    for (const name of ['a', 'b']) writeFileSync(join(folder, `${name}.json`), JSON.stringify(bundle));
    writeFileSync(join(folder, 'manifest.json'), '{}');
    const service = await startWebService({ DEMO_PATIENTS: folder });
    try {
      const settings = (await (await fetch(`${service.url}/app/settings`)).json()) as { demo: { patients: object[] } };
      const seenFrom = '2026-05-17T12:01:00.000Z';
      expect(settings.demo.patients.slice(12)).toMatchObject([
        {
          id: 'p',
          title: 'a',
          seenFrom,
          lacksCramp: true,
          about: '7 results, 0 medication orders; Chronic kidney disease, stage 4',
        },
        { id: 'p-2', title: 'b', seenFrom, lacksCramp: true },
      ]);
      const found = (await (await fetch(`${service.samples}/Observation?patient=p-2`)).json()) as { total: number };
      expect(found.total).toBe(7);
      const call = {
        hook: 'patient-view',
        hookInstance: 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea',
        fhirServer: service.samples,
        context: { userId: 'Practitioner/a', patientId: 'p-2' },
        extension: { 'org.renal-cramp-cds.evaluation-time': seenFrom },
      };
      const answer = await fetch(`${service.url}/cds-services/renal-cramps-patient-view`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(call),
      });
      expect(await answer.json()).toMatchObject({
        cards: [{ summary: expect.stringContaining('low calcium 7.8 mg/dL') }],
      });
    } finally {
      await service.close();
    }
  });

  it('keeps the drug of each patient its own, where two files give it one id', async () => {
    const alike = mkdtempSync(join(tmpdir(), 'demo-drugs-'));
    const medication = { reference: 'Medication/m1' };
    const order = { resourceType: 'MedicationRequest', id: 'r1', status: 'active', medicationReference: medication };
    for (const text of ['one', 'other']) {
      const resources = [
        { resourceType: 'Patient', id: text },
        { resourceType: 'Medication', id: 'm1', code: { text } },
        { ...order, subject: { reference: `Patient/${text}` }, authoredOn: '2026-05-01' },
      ];
      const bundle = { resourceType: 'Bundle', entry: resources.map((resource) => ({ resource })) };
      writeFileSync(join(alike, `${text}.json`), JSON.stringify(bundle));
    }
    const service = await startWebService({ DEMO_PATIENTS: alike });
    try {
      const read = async (path: string) => (await fetch(`${service.samples}/${path}`)).json();
      expect(await read('MedicationRequest?patient=other')).toMatchObject({
        entry: [{ resource: { medicationReference: { reference: 'Medication/m1-2' } } }],
      });
      expect(await read('Medication/m1-2')).toMatchObject({ code: { text: 'other' } });
      expect(await read('Medication/m1')).toMatchObject({ code: { text: 'one' } });
    } finally {
      await service.close();
      rmSync(alike, { recursive: true });
    }
  });

  it('must name a folder with at least one patient', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'demo-none-'));
    for (const [path, words] of [
      [join(empty, 'gone'), 'cannot be read'],
      [empty, 'holds no FHIR Bundle'],
    ])
      expect(await startError(undefined, { DEMO: 'on', DEMO_PATIENTS: path! })).toMatchObject({
        code: 'invalid-config',
        message: expect.stringContaining(words!),
      });
    rmSync(empty, { recursive: true });
  });
});
