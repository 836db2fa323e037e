import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { patientViewCall } from '../support/hook-requests.js';
import { closeServices, expectOutcome, startService, type TestService } from '../support/http-service.js';
import { authOf, DISCOVERY, FEEDBACK, NOW, SECONDS, SERVICE } from '../support/signing-client.js';
import { CLIENTS, ehr, REFUSED, sandbox, TAKEN, thief } from './client-auth-cases.js';

describe('CDS Hooks, trusting clients', () => {
  let service: TestService;
  let now = NOW;
  beforeAll(async () => {
    const auth = authOf(CLIENTS, () => now);
    service = await startService({ auth });
  });
  afterAll(closeServices);
  beforeEach(() => {
    now = NOW;
    service.calls.length = 0;
  });

  const call = (authorization: string | undefined, path = '/cds-services/test-patient-view') =>
    fetch(service.url + path, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        ...(authorization === undefined ? {} : { Authorization: authorization }),
      },
      body: JSON.stringify(patientViewCall()),
    });

  async function expectRefusal(response: Response, reason: string): Promise<void> {
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(await expectOutcome(response, 401, 'security')).toBe('The client is not trusted.');
    expect(service.logged().at(-1)).toMatchObject({ msg: 'requestFailed', code: 'not-trusted', reason });
    expect(service.calls).toEqual([]);
  }

  it.each(TAKEN)('takes a token %s', async (_name, bearer) => {
    expect((await call(bearer())).status).toBe(200);
    expect(service.calls).toHaveLength(1);
  });

  it.each<readonly [string, string, () => string | undefined]>([
    ...REFUSED,
    ['A11.80 no header', 'no-token', () => undefined],
    ['A11.80 an empty token', 'no-token', () => 'Bearer '],
    ['A11.80 another scheme', 'no-token', () => 'Basic dXNlcjpwYXNz'],
    ['A11.80 words after the token', 'no-token', () => `${ehr.bearer()} x`],
    [
      'A11.86 the address by Host',
      'wrong-audience',
      () => ehr.bearer({ aud: `${service.url}/cds-services/test-patient-view` }),
    ],
  ])('A11.85 refuses, and does not say why: %s', async (_name, reason, bearer) => {
    await expectRefusal(await call(bearer()), reason);
  });

  it('A11.80 wants a token on discovery, on each service and on feedback, whether they exist or not', async () => {
    const paths = ['', '/test-patient-view', '/test-patient-view/feedback', '/none', '/none/at/all'];
    const answers = await Promise.all(paths.map((path) => fetch(`${service.url}/cds-services${path}`)));
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
  });

  it('A11.80 wants none on health and on the pages that say what this is', async () => {
    const answers = await Promise.all(['/health/live', '/health/ready', '/'].map((path) => fetch(service.url + path)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it('A11.82 lets each token in where it is meant for, and nowhere else', async () => {
    const discover = (aud: string) =>
      fetch(`${service.url}/cds-services`, { headers: { Authorization: ehr.bearer({ aud }) } });
    expect((await discover(DISCOVERY)).status).toBe(200);
    expect((await discover(SERVICE)).status).toBe(401);
    const feedback = '/cds-services/test-patient-view/feedback';
    await expectRefusal(await call(ehr.bearer({ aud: SERVICE }), feedback), 'wrong-audience');
    expect((await call(ehr.bearer({ aud: FEEDBACK }), feedback)).status).not.toBe(401);
  });

  it('A12.87 lets a preflight pass without a token', async () => {
    const response = await fetch(`${service.url}/cds-services/test-patient-view`, { method: 'OPTIONS' });
    expect(response.status).toBe(204);
  });

  it('A11.85 takes a token once, and refuses it one second later', async () => {
    const bearer = ehr.bearer();
    expect((await call(bearer)).status).toBe(200);
    service.calls.length = 0;
    now = new Date(NOW.getTime() + 1_000);
    await expectRefusal(await call(bearer), 'replayed');
  });

  it('A11.85 refuses the id of a used token in another one, but not when another client used it', async () => {
    const jti = 'the-same-id';
    expect((await call(ehr.bearer({ jti }))).status).toBe(200);
    expect((await call(sandbox.bearer({ jti }))).status).toBe(200);
    service.calls.length = 0;
    await expectRefusal(await call(ehr.bearer({ jti, exp: SECONDS + 299 })), 'replayed');
  });

  it('A11.85 takes only one of twenty that come at once', async () => {
    const bearer = ehr.bearer();
    const answers = await Promise.all(Array.from({ length: 20 }, () => call(bearer)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(19);
  });

  it('a refused token is not used up', async () => {
    const bearer = ehr.bearer({ jti: 'early', nbf: SECONDS + 90 });
    await expectRefusal(await call(bearer), 'not-yet-valid');
    now = new Date(NOW.getTime() + 60_000);
    expect((await call(bearer)).status).toBe(200);
  });

  it('A11.85 writes no token, no claim and no key id into the log', async () => {
    const bearer = thief.bearer({ jti: 'canary-id', tenant: 'canary-tenant' }, { kid: 'canary-kid' });
    await call(bearer);
    const lines = JSON.stringify(service.logged());
    expect(lines).not.toContain('canary');
    expect(lines).not.toContain(bearer.slice(7, 40));
    expect(service.logged().at(-1)).toMatchObject({ reason: 'unknown-key', client: ehr.issuer });
  });
});
