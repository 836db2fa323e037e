import { connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { patientViewCall } from '../support/hook-requests.js';
import { closeServices, expectOutcome, postJson, startService } from '../support/http-service.js';
import { authOf, BASE, DISCOVERY, SERVICE, SigningClient } from '../support/signing-client.js';

const first = await SigningClient.create('https://first.example.org');
const second = await SigningClient.create('https://second.example.org');

afterEach(closeServices);

/** Status line and body of an answer to these bytes. */
function answerTo(url: string, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(request));
    socket.on('data', (data) => (answer += String(data)));
    socket.on('close', () => {
      resolve(answer);
    });
    socket.on('error', reject);
  });
}

const discover = (...headers: string[]) =>
  ['GET /cds-services HTTP/1.1', ...headers, 'Connection: close', '', ''].join('\r\n');

describe('client authentication on the wire', () => {
  it('refuses two Authorization headers, whichever of them is right', async () => {
    const service = await startService({ auth: authOf([first.trusted()]) });
    const bearer = () => `Authorization: ${first.bearer({ aud: DISCOVERY })}`;
    expect(await answerTo(service.url, discover('Host: a', bearer()))).toMatch(/^HTTP\/1.1 200 /);
    for (const other of ['Authorization: Bearer x.y.z', bearer(), 'authorization: Basic eA=='])
      for (const headers of [
        [bearer(), other],
        [other, bearer()],
      ])
        expect(await answerTo(service.url, discover('Host: a', ...headers))).toMatch(/^HTTP\/1.1 401 /);
    expect(service.logged().map(({ reason }) => reason)).toEqual(new Array(6).fill('several-tokens'));
  });

  it('believes no Host, no forwarding header and no absolute address about what was called', async () => {
    const service = await startService({ auth: authOf([first.trusted()]) });
    const meantForOther = `Authorization: ${first.bearer({ aud: 'https://other.example.org/cds-services' })}`;
    const lies = ['Host: other.example.org', 'X-Forwarded-Host: other.example.org', 'X-Forwarded-Proto: https'];
    expect(await answerTo(service.url, discover(...lies, meantForOther))).toMatch(/^HTTP\/1.1 401 /);
    const absolute = discover(...lies, meantForOther).replace('/cds', 'https://other.example.org/cds');
    expect(await answerTo(service.url, absolute)).toMatch(/^HTTP\/1.1 401 /);
    const meantForUs = `Authorization: ${first.bearer({ aud: DISCOVERY })}`;
    expect(await answerTo(service.url, discover(...lies, meantForUs))).toMatch(/^HTTP\/1.1 200 /);
  });

  it('takes the path as it was called: another spelling of it is another audience', async () => {
    const service = await startService({ auth: authOf([first.trusted()]) });
    const call = (path: string, aud: string) =>
      postJson(`${service.url}${path}`, JSON.stringify(patientViewCall()), { Authorization: first.bearer({ aud }) });
    expect((await call('/cds-services/test%2Dpatient-view', SERVICE)).status).toBe(401);
    expect((await call('/cds-services/test-patient-view/?a=b', SERVICE)).status).toBe(200);
    expect((await call('/cds-services/test-patient-view', `${BASE}/x/../cds-services/test-patient-view`)).status).toBe(
      401,
    );
  });

  it('refuses a token that is larger than the headers may be, and goes on', async () => {
    const service = await startService({ auth: authOf([first.trusted()]) });
    const answer = await answerTo(service.url, discover('Host: a', `Authorization: Bearer ${'x'.repeat(20_000)}`));
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toContain('"resourceType":"OperationOutcome"');
    expect((await fetch(`${service.url}/health/live`)).status).toBe(200);
  });

  it('refuses before it reads the body', async () => {
    const service = await startService({ auth: authOf([first.trusted()]), settings: { maxBodyBytes: 1_000 } });
    await expectOutcome(await postJson(`${service.url}/cds-services/test-patient-view`, '{'), 401, 'security');
    await expectOutcome(await postJson(`${service.url}/cds-services/none`, 'x'.repeat(5_000)), 401, 'security');
  });

  it('is 503 while it cannot be known whether a token is new', async () => {
    const replays = { use: () => Promise.reject(new Error('connect ECONNREFUSED canary')) };
    const service = await startService({ auth: { ...authOf([first.trusted()]), replays } });
    const headers = { Authorization: first.bearer({ aud: DISCOVERY }) };
    const response = await fetch(`${service.url}/cds-services`, { headers });
    expect(response.headers.get('retry-after')).toBe('5');
    expect(await expectOutcome(response, 503, 'transient')).toBe('The client cannot be checked now.');
    expect(JSON.stringify(service.logged())).not.toContain('canary');
  });
});

describe('the rate limit', () => {
  const discoverAs = (url: string, authorization: string) =>
    fetch(`${url}/cds-services`, { headers: { Authorization: authorization } });

  it('counts each client by itself, though all share an address', async () => {
    const auth = authOf([first.trusted(), second.trusted()]);
    const service = await startService({ auth, settings: { rateLimitPerMinute: 2 } });
    const status = async (client: SigningClient) =>
      (await discoverAs(service.url, client.bearer({ aud: DISCOVERY }))).status;
    expect([await status(first), await status(first), await status(first)]).toEqual([200, 200, 429]);
    expect([await status(second), await status(second)]).toEqual([200, 200]);
  });

  it('counts refusals by address, so that guessing ends', async () => {
    const service = await startService({ auth: authOf([first.trusted()]), settings: { rateLimitPerMinute: 2 } });
    const statuses = [];
    for (let guess = 0; guess < 3; guess += 1) statuses.push((await discoverAs(service.url, 'Bearer x')).status);
    expect(statuses).toEqual([401, 401, 429]);
  });
});
