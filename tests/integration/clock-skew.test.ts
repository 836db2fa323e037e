import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { patientViewCall } from '../support/hook-requests.js';
import { expectOutcome, postJson } from '../support/http-service.js';
import { scraped, valueOf } from '../support/metrics.js';
import { IS_BUILT, ServiceProcess } from '../support/service-process.js';
import { SigningClient } from '../support/signing-client.js';

const describeWhenBuilt = IS_BUILT ? describe : describe.skip;
const BASE = 'https://cds.example.org';
const PATH = '/cds-services/renal-cramps-patient-view';
const ISSUER = 'https://ehr.example.org';
const FIVE_MINUTES = 300;

describeWhenBuilt('a client whose clock is off by five minutes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'clock-'));
  let service: ServiceProcess;
  let client: SigningClient;
  beforeAll(async () => {
    client = await SigningClient.create(ISSUER);
    writeFileSync(join(folder, 'keys.json'), JSON.stringify({ keys: [client.publicKey] }));
    writeFileSync(join(folder, 'clients.yaml'), JSON.stringify({ [ISSUER]: { jwks: { file: 'keys.json' } } }));
    service = await ServiceProcess.start({
      DATABASE_URL: `file:${folder}/feedback.db`,
      CLIENT_AUTH: 'required',
      CDS_CLIENTS: join(folder, 'clients.yaml'),
      PUBLIC_BASE_URL: BASE,
    });
  });
  afterAll(async () => {
    await service.stop();
    rmSync(folder, { recursive: true });
  });

  const callAt = (offset: number, claims: (iat: number) => object) => {
    const iat = Math.floor(Date.now() / 1_000) + offset;
    const Authorization = client.bearer({ aud: `${BASE}${PATH}`, iat, exp: iat + 120, ...claims(iat) });
    return {
      Authorization,
      sent: postJson(`${service.url}${PATH}`, JSON.stringify(patientViewCall()), { Authorization }),
    };
  };

  /** Lines are written together, a moment later. */
  async function refusalLogged(reason: string) {
    for (;;) {
      const line = service.logged().find((each) => each['msg'] === 'requestFailed' && each['reason'] === reason);
      if (line !== undefined) return line;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  it.each([
    ['ahead', FIVE_MINUTES, 'clock-skew', () => ({})],
    ['ahead, in a token that says from when it holds', FIVE_MINUTES, 'not-yet-valid', (iat: number) => ({ nbf: iat })],
    ['behind', -FIVE_MINUTES, 'expired', () => ({})],
  ])('%s is refused with 401, and the log names the skew', async (_name, offset, reason, claims) => {
    const { Authorization, sent } = callAt(offset, claims);
    const text = await expectOutcome(await sent, 401, 'security');
    expect(text).toBe('The client is not trusted.');
    const line = await refusalLogged(reason);
    expect(line).toMatchObject({ status: 401, client: ISSUER, reason });
    expect(Math.abs(Number(line['skewSeconds']) - offset)).toBeLessThan(30);
    expect(service.written()).not.toContain(Authorization.split('.')[2]);
    const series = await scraped(service.metricsUrl);
    expect(valueOf(series, 'renal_cramp_client_refusals_total', { reason })).toBe(1);
  });

  it('of half a minute is not refused', async () => {
    for (const offset of [30, -30]) {
      const { sent } = callAt(offset, () => ({}));
      // Trusted: what is missing now are the data.
      await expectOutcome(await sent, 412, 'incomplete');
    }
  });
});
