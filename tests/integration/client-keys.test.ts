import type { RequestListener, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { JWK } from 'jose';
import { type ClientKeys, fetchedKeys } from '../../src/http/client-keys.js';
import type { FhirServer } from '../../src/fhir-server.js';
import { checkedFetch } from '../../src/patient-data/checked-fetch.js';
import { closeServices, startService, type TestService } from '../support/http-service.js';
import { LoopbackServers } from '../support/loopback-servers.js';
import { authOf, DISCOVERY, NOW, SigningClient } from '../support/signing-client.js';

const ISSUER = 'https://ehr.example.org/fhir';
const ehr = await SigningClient.create(ISSUER);
const rotated = await SigningClient.create(ISSUER, 'RS384', 'key-2');

const MINUTE = 60_000;
let servers: LoopbackServers;
let now = NOW;
let failures: unknown[] = [];

beforeEach(async () => {
  servers = await LoopbackServers.open();
  now = NOW;
  failures = [];
});
afterEach(async () => {
  await closeServices();
  await servers.close();
});

const later = (ms: number) => {
  now = new Date(now.getTime() + ms);
};

/** `ms` is generous unless a test waits for it to pass: this machine may stall. */
function keysOf(server: FhirServer, ms = 30_000): ClientKeys {
  const fetchSet = checkedFetch(server, { ms, bytes: 100_000 });
  return fetchedKeys({ fetchSet, clock: () => now, onFailed: (cause) => failures.push(cause) });
}

/** A service that trusts the client by the keys behind this address. */
async function serviceTrusting(server: FhirServer, ms?: number): Promise<TestService> {
  const trusted = ehr.trusted({ keys: keysOf(server, ms), keyAddress: server.url });
  return startService({ auth: authOf([trusted], () => now) });
}

/** Status of a call of discovery with a fresh token, or the reason it was refused for. */
async function outcome(service: TestService, client: SigningClient, header: Record<string, unknown> = {}) {
  const iat = Math.floor(now.getTime() / 1_000);
  const Authorization = client.bearer({ aud: DISCOVERY, iat, exp: iat + 300 }, header);
  const { status } = await fetch(`${service.url}/cds-services`, { headers: { Authorization } });
  return status === 401 ? service.logged().at(-1)?.['reason'] : status;
}

/** A key set that can be changed while it is served. */
async function served(...keys: JWK[]): Promise<{ server: FhirServer; keys: JWK[]; isDown: boolean }> {
  const set = { keys, isDown: false };
  const server = await servers.fhir((_request, response) => {
    response.statusCode = set.isDown ? 503 : 200;
    response.end(JSON.stringify({ keys: set.keys }));
  });
  return Object.assign(set, { server });
}

describe('the keys of a client', () => {
  it('are fetched once for calls that come together, and kept for ten minutes', async () => {
    const { server } = await served(ehr.publicKey);
    const service = await serviceTrusting(server);
    const calls = Array.from({ length: 10 }, () => outcome(service, ehr));
    expect(await Promise.all(calls)).toEqual(new Array(10).fill(200));
    expect(servers.calls).toHaveLength(1);
    later(10 * MINUTE - 1);
    expect(await outcome(service, ehr)).toBe(200);
    expect(servers.calls).toHaveLength(1);
    later(1);
    expect(await outcome(service, ehr)).toBe(200);
    expect(servers.calls).toHaveLength(2);
  });

  it('may be rotated between two calls: the new key is fetched, the old one no longer believed', async () => {
    const set = await served(ehr.publicKey);
    const service = await serviceTrusting(set.server);
    expect(await outcome(service, ehr)).toBe(200);
    set.keys = [rotated.publicKey];
    later(1_000);
    expect(await outcome(service, rotated)).toBe(200);
    expect(await outcome(service, ehr)).toBe('unknown-key');
    expect(servers.calls).toHaveLength(2);
  });

  it('are fetched for unknown key ids once in thirty seconds, however many are named', async () => {
    const set = await served(ehr.publicKey);
    const service = await serviceTrusting(set.server);
    expect(await outcome(service, ehr)).toBe(200);
    for (const kid of ['a', 'b', 'c', 'd']) expect(await outcome(service, ehr, { kid })).toBe('unknown-key');
    expect(servers.calls).toHaveLength(2);
    later(29_999);
    expect(await outcome(service, ehr, { kid: 'e' })).toBe('unknown-key');
    expect(servers.calls).toHaveLength(2);
    later(1);
    expect(await outcome(service, ehr, { kid: 'f' })).toBe('unknown-key');
    expect(servers.calls).toHaveLength(3);
  });

  it('are used for an hour when newer ones cannot be had, and taken up again afterwards', async () => {
    const set = await served(ehr.publicKey);
    const service = await serviceTrusting(set.server);
    expect(await outcome(service, ehr)).toBe(200);
    set.isDown = true;
    later(10 * MINUTE);
    expect([await outcome(service, ehr), await outcome(service, ehr)]).toEqual([200, 200]);
    expect(servers.calls).toHaveLength(2);
    later(49 * MINUTE);
    expect(await outcome(service, ehr)).toBe(200);
    later(MINUTE);
    expect(await outcome(service, ehr)).toBe('keys-not-available');
    set.isDown = false;
    expect(await outcome(service, ehr)).toBe('keys-not-available');
    later(MINUTE / 2);
    expect(await outcome(service, ehr)).toBe(200);
    expect(failures).toHaveLength(3);
  });

  it('are revoked by a set that no longer holds them', async () => {
    const set = await served(ehr.publicKey);
    const service = await serviceTrusting(set.server);
    expect(await outcome(service, ehr)).toBe(200);
    set.keys = [];
    later(10 * MINUTE);
    expect(await outcome(service, ehr)).toBe('unknown-key');
  });

  it('are found beside others: for encryption, of unknown kinds, broken', async () => {
    const encryption = { ...ehr.publicKey, use: 'enc' };
    const unknown = { kty: 'XX', kid: 'key-1' };
    const broken = { kty: 'RSA', kid: 'key-3' };
    const { server } = await served(encryption, unknown, broken, ehr.publicKey, rotated.publicKey);
    const service = await serviceTrusting(server);
    expect([await outcome(service, ehr), await outcome(service, rotated)]).toEqual([200, 200]);
    expect(await outcome(service, rotated, { kid: 'key-3' })).toBe('unknown-key');
  });

  it('are none when two carry the same id', async () => {
    const { server } = await served(ehr.publicKey, ehr.publicKey);
    expect(await outcome(await serviceTrusting(server), ehr)).toBe('unknown-key');
  });

  it('are none when they are secrets', async () => {
    const { server } = await served({ kty: 'oct', kid: 'key-1', k: 'c2VjcmV0', alg: 'ES384' });
    expect(await outcome(await serviceTrusting(server), ehr)).toBe('unknown-key');
  });

  it('are never fetched from where a token says', async () => {
    const { server } = await served(ehr.publicKey);
    const service = await serviceTrusting(server);
    const jku = servers.elsewhere.url;
    expect(await outcome(service, ehr, { jku })).toBe('wrong-key-address');
    expect(await outcome(service, ehr, { x5u: jku, kid: 'key-9' })).toBe('unknown-key');
    expect(servers.elsewhere.calls).toBe(0);
  });
});

describe('the keys of a client cannot be had', () => {
  const padded = () => JSON.stringify({ keys: [ehr.publicKey], padding: 'x'.repeat(100_000) });
  const whole = () => JSON.stringify({ keys: [ehr.publicKey] });

  function drip(response: ServerResponse): void {
    const timer = setInterval(() => response.write(' '), 20);
    response.on('close', () => {
      clearInterval(timer);
    });
  }

  async function expectNone(listener: RequestListener, ms?: number): Promise<void> {
    const service = await serviceTrusting(await servers.fhir(listener), ms);
    expect(await outcome(service, ehr)).toBe('keys-not-available');
    expect(servers.calls).toHaveLength(1);
    expect(failures).toHaveLength(1);
    expect(servers.elsewhere.calls).toBe(0);
  }

  it.each<[string, RequestListener]>([
    ['too large', (_, response) => response.end(padded())],
    ['too large, of unknown length', (_, response) => response.write('[') && response.end(padded())],
    ['broken off', (_, response) => response.write(whole(), () => response.destroy())],
    ['no JSON', (_, response) => response.end('<html>')],
    ['nothing', (_, response) => response.end()],
    ['null', (_, response) => response.end('null')],
    ['no key set', (_, response) => response.end('{"keys":{}}')],
    ['nested too deep', (_, response) => response.end(`{"keys":${'['.repeat(40_000)}${']'.repeat(40_000)}}`)],
    ['packed', (_, response) => response.setHeader('Content-Encoding', 'gzip').end(gzipSync(whole()))],
    ['an error with the keys in it', (_, response) => response.writeHead(500).end(whole())],
    ['a redirect', (_, response) => response.writeHead(302, { Location: servers.elsewhere.url }).end(whole())],
  ])('when the answer is %s', (_name, listener) => expectNone(listener));

  it.each<[string, RequestListener]>([
    ['begin', () => undefined],
    [
      'end',
      (_, response) => {
        drip(response);
      },
    ],
  ])('when the answer does not %s in time', (_name, listener) => expectNone(listener, 300));

  it('when the address is one of ours that its entry does not name', async () => {
    const { server } = await served(ehr.publicKey);
    for (const url of [server.url, server.url.replace('127.0.0.1', 'localhost')]) {
      const service = await serviceTrusting({ url, addresses: [], insecure: true });
      expect(await outcome(service, ehr)).toBe('keys-not-available');
    }
    expect(servers.connections).toBe(0);
  });

  it('and other clients do not notice', async () => {
    const other = await SigningClient.create('https://other.example.org');
    const hanging = await servers.fhir(() => undefined);
    const auth = authOf([ehr.trusted({ keys: keysOf(hanging, 300) }), other.trusted()], () => now);
    const service = await startService({ auth });
    const [refused, taken] = await Promise.all([outcome(service, ehr), outcome(service, other)]);
    expect([refused, taken]).toEqual(['keys-not-available', 200]);
  });
});
