import { lookup } from 'node:dns';
import type { RequestListener } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { checkedConnector } from '../../src/patient-data/allowed-address.js';
import { LoopbackServers } from '../support/loopback-servers.js';
import { failed, openServer, page, QUERY, searchResult } from '../support/opened-gateway.js';

describe('over real connections', () => {
  let loopback: LoopbackServers;
  beforeEach(async () => {
    loopback = await LoopbackServers.open();
  });
  afterEach(() => loopback.close());

  it('a packed answer, whose size cannot be told, is refused', async () => {
    const server = await loopback.fhir((_, response) =>
      response.setHeader('content-encoding', 'gzip').end(gzipSync(JSON.stringify(page(['o1'])))),
    );
    expect(await openServer(server).search(QUERY)).toEqual(failed);
  });

  it.each([301, 302, 303, 307, 308])('a redirect (%i) is a failure, and nobody else is called', async (status) => {
    const server = await loopback.fhir((_, response) =>
      response.writeHead(status, { location: loopback.elsewhere.url }).end(),
    );
    expect(await openServer(server).search(QUERY)).toEqual(failed);
    expect([loopback.calls.length, loopback.elsewhere.calls]).toEqual([1, 0]);
  });

  it('a redirect within the server is a failure too', async () => {
    const server = await loopback.fhir((_, response) =>
      response.writeHead(302, { location: '/fhir/Observation' }).end(),
    );
    expect(await openServer(server).search(QUERY)).toEqual(failed);
    expect(loopback.calls).toEqual([`/fhir/${QUERY}`]);
  });

  it.each<[string, RequestListener]>([
    ['never answers', () => undefined],
    ['stops in the headers', (request) => request.socket.write('HTTP/1.1 200 OK\r\n')],
    [
      'sends a byte at a time',
      (_, response) => {
        const timer = setInterval(() => response.write(' '), 20);
        response.on('close', () => {
          clearInterval(timer);
        });
      },
    ],
  ])('a server that %s is left after the time of one call', async (_, listener) => {
    const begin = performance.now();
    expect(await openServer(await loopback.fhir(listener), { callMs: 150 }).search(QUERY)).toEqual({
      failure: 'timed-out',
    });
    expect(performance.now() - begin).toBeLessThan(60_000);
  });

  it('all calls together keep the budget, and none is made after it', async () => {
    const server = openServer(await loopback.fhir(() => undefined), { budgetMs: 150, callMs: 1_000 });
    expect(await Promise.all([server.search(QUERY), server.read('Patient', 'p1')])).toEqual([
      { failure: 'timed-out' },
      { failure: 'timed-out' },
    ]);
    expect(await server.search('Condition?patient=p1')).toEqual({ failure: 'timed-out' });
    expect(loopback.calls).toHaveLength(2);
  });

  it('calls end when the hook is given up', async () => {
    const hook = new AbortController();
    const begin = performance.now();
    const server = openServer(
      await loopback.fhir(() => {
        hook.abort();
      }),
      {},
      hook.signal,
    );
    expect(await server.search(QUERY)).toEqual({ failure: 'timed-out' });
    expect(await server.search(QUERY)).toEqual({ failure: 'timed-out' });
    expect(performance.now() - begin).toBeLessThan(60_000);
    expect(loopback.calls).toHaveLength(1);
  });

  it.each<[string, RequestListener]>([
    ['resets the connection', (request) => request.socket.destroy()],
    [
      'resets it in the body',
      (request, response) => {
        response.write('{"resourceType":');
        setTimeout(() => request.socket.destroy(), 20);
      },
    ],
    ['speaks no HTTP', (request) => request.socket.end('nonsense\r\n\r\n')],
  ])('a server that %s has failed', async (_, listener) => {
    expect(await openServer(await loopback.fhir(listener)).search(QUERY)).toEqual(failed);
    expect(loopback.calls.length).toBeGreaterThan(0);
  });

  it('a refused connection has failed', async () => {
    const server = await loopback.fhir(() => undefined);
    await loopback.close();
    expect(await openServer(server).search(QUERY)).toEqual(failed);
  });

  it.each([
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '[::ffff:127.0.0.1]',
    '0.0.0.0',
    '[::]',
    'localhost',
  ])('a private address (%s) that the entry does not name is never connected to', async (host) => {
    const server = await loopback.json(() => page(['o1']));
    const unnamed = { url: server.url.replace('127.0.0.1', host), addresses: [], insecure: true };
    expect(await openServer(unnamed).search(QUERY)).toEqual(failed);
    expect(loopback.connections).toBe(0);
  });

  it('a name is called only while it resolves to what the entry names', async () => {
    const server = await loopback.json(() => page(['o1']));
    const named = { ...server, url: server.url.replace('127.0.0.1', 'ehr.example') };
    // The address every name has for this test.
    const toLoopback = ((_: string, __: object, callback: (error: null, found: object[]) => void) => {
      callback(null, [{ address: '127.0.0.1', family: 4 }]);
    }) as unknown as typeof lookup;
    expect(await openServer({ ...named, addresses: [] }, { lookup: toLoopback }).search(QUERY)).toEqual(failed);
    expect(loopback.connections).toBe(0);
    expect(await openServer(named, { lookup: toLoopback }).search(QUERY)).toEqual(searchResult(['o1'], true));
  });

  it('the address of the open connection is checked again', async () => {
    const server = await loopback.fhir(() => undefined);
    const answers = [true, false];
    const connect = checkedConnector(() => answers.shift() ?? false, 1_000, lookup);
    const { hostname, port } = new URL(server.url);
    const outcome = new Promise((resolve) => {
      connect({ hostname, port, protocol: 'http:' }, (error, socket) => {
        resolve(error ?? socket);
      });
    });
    await expect(outcome).resolves.toMatchObject({
      code: 'fhir-request-failed',
      message: 'The FHIR server could not be reached.',
    });
    expect(answers).toEqual([]);
  });
});
