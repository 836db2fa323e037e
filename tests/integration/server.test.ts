import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { listen, SLOWEST_CLIENT } from '../../src/http/server.js';
import { gate } from '../support/gate.js';
import { patientViewCall } from '../support/hook-requests.js';
import { closeServices, startService } from '../support/http-service.js';

const raw = (url: string, text: string) =>
  new Promise<string>((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (data) => (answer += data.toString()));
    socket.on('close', () => {
      resolve(answer);
    });
    socket.on('error', reject);
  });

afterEach(closeServices);

describe('the server', () => {
  it('answers what is no HTTP with an OperationOutcome', async () => {
    const service = await startService();
    const [head = '', body = ''] = (await raw(service.url, 'nonsense\r\n\r\n')).split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 400 /);
    expect(head).toContain('Content-Type: application/fhir+json');
    expect(JSON.parse(body)).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ code: 'invalid' }] });
  });

  it.each([
    ['without a Host', ''],
    ['with an expectation that nobody knows', 'Host: a\r\nExpect: wonders\r\n'],
  ])('answers a request %s as any other', async (_name, headers) => {
    const service = await startService();
    const answer = await raw(service.url, `GET /none HTTP/1.1\r\n${headers}Connection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
    expect(answer).toContain('"resourceType":"OperationOutcome"');
  });

  it.each([
    ['half a head', 'POST / HTTP/1.1\r\nHost: a\r\n', { headersTimeout: 200, requestTimeout: 60_000 }, 0],
    [
      'a head with half of its body',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{"hook":',
      { headersTimeout: 300, requestTimeout: 300 },
      1,
    ],
  ])(
    'gives up a client that sends %s and no more',
    async (_name, sent, limits, calls) => {
      let begun = 0;
      const waiting = (request: IncomingMessage) => {
        begun += 1;
        request.resume();
      };
      const slowest = { ...limits, connectionsCheckingInterval: 100 };
      const server = await listen(waiting, { host: '127.0.0.1', port: 0 }, undefined, slowest);
      const [head = '', body = ''] = (await raw(server.url, sent)).split('\r\n\r\n');
      expect(head).toMatch(/^HTTP\/1\.1 400 [^]*Connection: close$/);
      expect(JSON.parse(body)).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ code: 'invalid' }] });
      expect(begun).toBe(calls);
      await server.close();
    },
    // Well before Node would look by itself.
    15_000,
  );

  it('gives a client ten seconds for a head, fifteen for the whole, and looks every second', () => {
    expect(SLOWEST_CLIENT).toEqual({
      headersTimeout: 10_000,
      requestTimeout: 15_000,
      connectionsCheckingInterval: 1_000,
    });
  });

  it('lets calls in flight finish when it closes, and accepts no new ones', async () => {
    const started = gate();
    const finish = gate();
    const advise = async () => {
      started.pass();
      await finish.opened;
      return { cards: [] };
    };
    const service = await startService({ advise });
    const call = service.post(patientViewCall());
    await started.opened;
    const closed = service.close();
    await expect(raw(service.url, '')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    finish.pass();
    const finishedAt = performance.now();
    expect(await (await call).json()).toEqual({ cards: [] });
    await closed;
    // The client keeps its connection for the next call; that must not hold the process.
    expect(performance.now() - finishedAt).toBeLessThan(60_000);
  });

  it('refuses to start on an address that is taken', async () => {
    const service = await startService();
    const second = listen(() => {}, { host: '127.0.0.1', port: Number(new URL(service.url).port) });
    await expect(second).rejects.toMatchObject({ code: 'invalid-config', message: expect.stringContaining('PORT') });
  });
});
