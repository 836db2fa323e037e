import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ComposedService, startComposedService } from '../support/composed-service.js';
import { patientViewCall } from '../support/hook-requests.js';
import { expectOutcome, postJson } from '../support/http-service.js';
import { LoopbackServers } from '../support/loopback-servers.js';
import { page } from '../support/opened-gateway.js';
import { BASE, SigningClient } from '../support/signing-client.js';

const first = await SigningClient.create('https://first.example.org');
const second = await SigningClient.create('https://second.example.org');

describe('the FHIR servers of clients', () => {
  const folder = mkdtempSync(join(tmpdir(), 'clients-'));
  const bases: Record<string, string> = {};
  let servers: LoopbackServers;
  let service: ComposedService;

  beforeAll(async () => {
    servers = await LoopbackServers.open();
    const clients: Record<string, unknown> = {};
    for (const client of [first, second]) {
      const server = await servers.json(() => page([]));
      bases[client.issuer] = server.url;
      writeFileSync(join(folder, `${new URL(client.issuer).host}.json`), JSON.stringify({ keys: [client.publicKey] }));
      const jwks = { file: `${new URL(client.issuer).host}.json` };
      clients[client.issuer] = { jwks, fhirServers: [server] };
    }
    const anonymous = await servers.json(() => page([]));
    bases['anonymous'] = anonymous.url;
    clients['anonymous'] = { fhirServers: [anonymous] };
    writeFileSync(join(folder, 'clients.yaml'), JSON.stringify(clients));
    service = await startComposedService(undefined, {
      CLIENT_AUTH: 'required',
      CDS_CLIENTS: join(folder, 'clients.yaml'),
      PUBLIC_BASE_URL: BASE,
    });
  });
  afterAll(async () => {
    await service.close();
    await servers.close();
    rmSync(folder, { recursive: true });
  });

  async function connectionsFor(client: SigningClient, fhirServer: string | undefined): Promise<number> {
    const before = servers.connections;
    const now = Math.floor(Date.now() / 1_000);
    const aud = `${BASE}/cds-services/renal-cramps-patient-view`;
    const authorization = client.bearer({ aud, iat: now, exp: now + 300 });
    const body = JSON.stringify(patientViewCall({ fhirServer }));
    const response = await postJson(`${service.url}/cds-services/renal-cramps-patient-view`, body, {
      Authorization: authorization,
    });
    await expectOutcome(response, 412, 'incomplete');
    return servers.connections - before;
  }

  it('calls the server of the client that asks', async () => {
    expect(await connectionsFor(first, bases[first.issuer])).toBeGreaterThan(0);
    expect(await connectionsFor(second, bases[second.issuer])).toBeGreaterThan(0);
  });

  it('makes no connection to the server of another client, nor to one for callers without a JWT', async () => {
    expect(await connectionsFor(first, bases[second.issuer])).toBe(0);
    expect(await connectionsFor(second, bases[first.issuer])).toBe(0);
    expect(await connectionsFor(first, bases['anonymous'])).toBe(0);
  });

  it('starts no service that nobody could call', async () => {
    const settings = { CLIENT_AUTH: 'required', PUBLIC_BASE_URL: BASE };
    await expect(startComposedService(undefined, settings)).rejects.toMatchObject({ code: 'invalid-config' });
  });
});
