import { lookup } from 'node:dns';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import nock from 'nock';
import type { CdsRequest } from '../../src/cds-hooks.js';
import {
  addressCheck,
  allowedBase,
  checkedConnector,
  type AllowedServer,
} from '../../src/patient-data/allowed-address.js';
import { openFhirGateway, type FhirGatewayOptions, type FhirServer } from '../../src/patient-data/fhir-gateway.js';

const TOKEN = 'canary-token-7f3a';
const EHR: AllowedServer = { url: 'https://ehr.example/fhir', addresses: [], insecure: false };
const LOOPBACK = ['127.0.0.1/32'];
const QUERY = 'Observation?patient=p1&code=1-1,2-2';
const failed = { failure: 'failed' };

const lab = (id: string) => ({ resourceType: 'Observation', id });
const page = (ids: string[], next?: string) => ({
  resourceType: 'Bundle',
  entry: ids.map((id) => ({ resource: lab(id) })),
  ...(next === undefined ? {} : { link: [{ relation: 'next', url: next }] }),
});
const read = (ids: string[], complete: boolean) => ({
  entries: ids.map((id) => ({ resource: lab(id) })),
  unreadable: 0,
  complete,
});

function requestTo(fhirServer: string, token?: string): CdsRequest {
  const fhirAuthorization = {
    access_token: token ?? '',
    token_type: 'Bearer',
    expires_in: 60,
    scope: '',
    subject: 's',
  } as const;
  return {
    hook: 'patient-view',
    hookInstance: 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea',
    context: { userId: 'Practitioner/1', patientId: 'p1' },
    fhirServer,
    ...(token === undefined ? {} : { fhirAuthorization }),
  };
}

function open(
  server: AllowedServer,
  more: Partial<FhirGatewayOptions> = {},
  signal = new AbortController().signal,
): FhirServer {
  const gateway = openFhirGateway({ allowed: [server], budgetMs: 2_500, retryMs: 5, ...more });
  const opened = gateway(requestTo(server.url, TOKEN), signal);
  if (opened === undefined) throw new Error('the server of this test is not allowed');
  return opened;
}

describe('one answer', () => {
  beforeAll(() => {
    nock.disableNetConnect();
  });
  afterEach(() => {
    nock.cleanAll();
  });
  afterAll(() => {
    nock.restore();
  });
  const ehr = () => nock('https://ehr.example');
  const search = () => open(EHR).search(QUERY);

  it('of a search is read with the token, by the exact query, unpacked', async () => {
    const headers = {
      authorization: `Bearer ${TOKEN}`,
      accept: 'application/fhir+json',
      'accept-encoding': 'identity',
    };
    ehr()
      .get(`/fhir/${QUERY}`)
      .matchHeader('authorization', headers.authorization)
      .matchHeader('accept', headers.accept)
      .matchHeader('accept-encoding', headers['accept-encoding'])
      .reply(200, page(['o1', 'o2']));
    expect(await search()).toEqual(read(['o1', 'o2'], true));
  });

  it('comes without a token where the request has none', async () => {
    nock('https://ehr.example', { badheaders: ['authorization'] })
      .get('/fhir/Patient/p1')
      .reply(200, { resourceType: 'Patient', id: 'p1' });
    const server = openFhirGateway({ allowed: [EHR], budgetMs: 2_500 })(
      requestTo(EHR.url),
      new AbortController().signal,
    );
    expect(await server?.read('Patient', 'p1')).toEqual({ resource: { resourceType: 'Patient', id: 'p1' } });
  });

  it('hides no request, which would hold the token', async () => {
    ehr().get('/fhir/Patient/p1').reply(200, { resourceType: 'Patient', id: 'p1' });
    const answer = await open(EHR).read('Patient', 'p1');
    expect(Object.getOwnPropertyNames('resource' in answer ? answer.resource : {})).toEqual(['resourceType', 'id']);
  });

  it('with entries that are no resources counts them, and an empty Bundle is a real none', async () => {
    ehr()
      .get(/./)
      .reply(200, { resourceType: 'Bundle', entry: [{ resource: lab('o1') }, null, {}] });
    ehr().get(/./).reply(200, { resourceType: 'Bundle', total: 0 });
    expect(await search()).toEqual({ ...read(['o1'], true), unreadable: 2 });
    expect(await search()).toEqual(read([], true));
  });

  it.each([
    ['OperationOutcome', JSON.stringify({ resourceType: 'OperationOutcome' })],
    ['null', 'null'],
    ['a string', '"x"'],
    ['a list', '[]'],
    ['nothing', ''],
    ['another type', JSON.stringify(lab('o1'))],
    ['truncated JSON', '{"resourceType":"Bundle","entry":[{"resource":'],
    ['HTML', '<html>'],
  ])('of 200 with %s is a failure, not empty data', async (_, body) => {
    ehr()
      .get(/Observation/)
      .reply(200, body)
      .get(/Patient/)
      .reply(200, body);
    expect(await search()).toEqual(failed);
    expect(await open(EHR).read('Patient', 'p1')).toEqual(failed);
    expect(nock.isDone()).toBe(true);
  });

  it.each([
    [401, 'not-permitted'],
    [403, 'not-permitted'],
    [404, 'failed'],
    [410, 'failed'],
    [500, 'failed'],
  ])('of status %i is %s, without a second try', async (status, failure) => {
    ehr().get(/./).reply(status, { resourceType: 'OperationOutcome' });
    ehr().get(/./).reply(200, page([]));
    expect(await search()).toEqual({ failure });
    expect(nock.pendingMocks()).toHaveLength(1);
  });

  it.each([429, 502, 503])('of status %i is tried once more', async (status) => {
    ehr()
      .get(/./)
      .reply(status, '<html>busy</html>')
      .get(/./)
      .reply(200, page(['o1']));
    expect(await search()).toEqual(read(['o1'], true));
    ehr().get(/./).times(2).reply(status, 'busy').get(/./).reply(200, page([]));
    expect(await search()).toEqual(failed);
    expect(nock.pendingMocks()).toHaveLength(1);
  });

  it.each(['3', '999999', 'Sun, 17 May 2099 00:00:00 GMT'])(
    'with Retry-After %s, beyond the budget, is not tried again',
    async (time) => {
      ehr().get(/./).reply(429, '', { 'retry-after': time }).get(/./).reply(200, page([]));
      expect(await search()).toEqual(failed);
      expect(nock.pendingMocks()).toHaveLength(1);
    },
  );

  it.each(['..', '.', '', 'a/b', '../Observation', 'x?y', 'ü'])('is never asked for by the id %j', async (id) => {
    ehr().get(/./).reply(200, { resourceType: 'Patient', id: 'p1' });
    expect(await open(EHR).read('Patient', id)).toEqual(failed);
    expect(nock.pendingMocks()).toHaveLength(1);
  });
});

describe('a FHIR server is opened', () => {
  const insecure = { url: 'http://10.0.0.5:8080/fhir/', addresses: ['10.0.0.0/8'], insecure: true };
  const opens = (address: string, ...allowed: AllowedServer[]) =>
    openFhirGateway({ allowed, budgetMs: 1 })(requestTo(address), new AbortController().signal) !== undefined;

  it.each([
    'https://ehr.example/fhir',
    'https://EHR.example:443/fhir/',
    'https://ehr.example/fhir/tenant',
    'https://ehr.example/x/../fhir',
    'http://10.0.0.5:8080/fhir',
  ])('at %s', (address) => {
    expect(opens(address, EHR, insecure)).toBe(true);
  });

  it.each([
    'https://ehr.example/',
    'https://ehr.example/fhirs',
    'https://ehr.example/FHIR',
    'https://ehr.example/fhir/../admin',
    'https://ehr.example/fhir/%2e%2e/admin',
    'https://ehr.example/fhir/..%2fadmin',
    'https://ehr.example/fhir/..%5Cadmin',
    'https://ehr.example:8443/fhir',
    'http://ehr.example/fhir',
    'https://ehr.example.evil/fhir',
    'https://evil.example/https://ehr.example/fhir',
    'https://ehr.example@evil.example/fhir',
    'https://user@ehr.example/fhir',
    'https://@ehr.example/fhir',
    'https://ehr.example/fhir?x',
    'https://ehr.example/fhir?',
    'https://ehr.example/fhir#',
    'https://10.0.0.5:8080/fhir',
    'http://10.0.0.6:8080/fhir',
    'ftp://ehr.example/fhir',
    'file:///fhir',
    'ehr.example/fhir',
    '',
  ])('never at %s', (address) => {
    expect(opens(address, EHR, insecure)).toBe(false);
  });

  it('never without a list, without an address, or over http where the entry does not say so', () => {
    expect(opens(EHR.url)).toBe(false);
    expect(opens(insecure.url, { ...insecure, insecure: false })).toBe(false);
    const { fhirServer: _none, ...request } = requestTo('');
    expect(openFhirGateway({ allowed: [EHR], budgetMs: 1 })(request, new AbortController().signal)).toBeUndefined();
  });

  it('under the entry with the longest path', () => {
    const tenant = { ...EHR, url: 'https://ehr.example/fhir/tenant' };
    expect(allowedBase('https://ehr.example/fhir/tenant/a', [EHR, tenant])?.server).toBe(tenant);
  });
});

describe('an address', () => {
  it.each([
    '127.0.0.1',
    '127.1',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '198.18.0.1',
    '192.0.2.1',
    '::1',
    '::',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::127.0.0.1',
    '4000::1',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'ff02::1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001::1',
    'localhost',
    '',
  ])('%s is refused unless the entry names it', (address) => {
    expect(addressCheck(EHR)(address)).toBe(false);
  });

  it.each(['8.8.8.8', '2606:4700::1111', '::ffff:8.8.8.8'])('%s is public', (address) => {
    expect(addressCheck(EHR)(address)).toBe(true);
  });

  it('is allowed by the range or address of its entry, and only by that', () => {
    const check = addressCheck({ ...EHR, addresses: ['10.1.0.0/16', 'fd00::/8', '127.0.0.1'] });
    const allowed = ['10.1.255.255', '10.2.0.0', 'fd12::1', 'fc00::1', '127.0.0.1', '127.0.0.2', '::ffff:10.1.0.1'].map(
      check,
    );
    expect(allowed).toEqual([true, false, true, false, true, false, true]);
  });

  it('range that cannot be read stops the start', () => {
    expect(() => openFhirGateway({ allowed: [{ ...EHR, addresses: ['10.0.0.0/99'] }], budgetMs: 1 })).toThrow(
      expect.objectContaining({ code: 'invalid-config', message: 'An address range of a FHIR server cannot be read.' }),
    );
  });
});

describe('over real connections', () => {
  const servers: Server[] = [];
  let calls: string[] = [];
  let connections = 0;
  let elsewhere = { url: '', calls: 0 };

  /** A loopback server; `listener` gets the path after the host. */
  async function serve(listener: RequestListener): Promise<Server> {
    const server = createServer(listener);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return server;
  }
  const portOf = (server: Server) => (server.address() as AddressInfo).port;
  async function fhir(listener: RequestListener): Promise<AllowedServer> {
    const server = await serve((request, response) => {
      calls.push(request.url ?? '');
      listener(request, response);
    });
    server.on('connection', () => {
      connections += 1;
    });
    return { url: `http://127.0.0.1:${portOf(server)}/fhir`, addresses: LOOPBACK, insecure: true };
  }
  /** Answers with JSON made from the call's number and its own base URL. */
  const json =
    (make: (call: number, base: string) => unknown): RequestListener =>
    (request, response) =>
      response.end(JSON.stringify(make(calls.length, `http://${request.headers.host ?? ''}/fhir`)));

  beforeAll(() => {
    nock.restore();
  });
  beforeEach(async () => {
    [calls, connections] = [[], 0];
    const server = await serve((_, response) => {
      elsewhere.calls += 1;
      response.end(JSON.stringify(page(['stolen'])));
    });
    elsewhere = { url: `http://127.0.0.1:${portOf(server)}/fhir`, calls: 0 };
  });
  afterEach(async () => {
    const all = servers.splice(0);
    all.forEach((server) => {
      server.closeAllConnections();
    });
    await Promise.all(all.map((server) => new Promise((resolve) => server.close(resolve))));
  });

  it('pages are followed in their exact form', async () => {
    const server = await fhir(
      json(
        (call, base) =>
          [page(['o1'], `${base}?_getpages=a&x=%2C`), page(['o2'], 'Observation?page=3'), page(['o3'])][call - 1],
      ),
    );
    expect(await open(server).search(QUERY)).toEqual(read(['o1', 'o2', 'o3'], true));
    expect(calls).toEqual([`/fhir/${QUERY}`, '/fhir?_getpages=a&x=%2C', '/fhir/Observation?page=3']);
  });

  it('a next link of a prefetched page is followed likewise', async () => {
    const server = await fhir(json(() => page(['o2'])));
    expect(await open(server).search(`${server.url}?page=2`)).toEqual(read(['o2'], true));
    expect(await open(server).search(`${elsewhere.url}?page=2`)).toEqual(read([], false));
    expect([calls, elsewhere.calls]).toEqual([['/fhir?page=2'], 0]);
  });

  it('no further page is read once enough was', async () => {
    const server = await fhir(json((call) => page([`o${call}`], `Observation?page=${call + 1}`)));
    expect(await open(server).search(QUERY, (entries) => entries.length === 2)).toEqual(read(['o1', 'o2'], true));
    expect(calls).toHaveLength(2);
  });

  it.each([
    ['another origin', () => `${elsewhere.url}/Observation?page=2`],
    ['another origin as path', () => `//${new URL(elsewhere.url).host}/fhir`],
    ['another path', (base: string) => `${base}/../admin`],
    ['another path, encoded', (base: string) => `${base}/..%2Fadmin`],
    ['a path that begins alike', (base: string) => `${base}2/Observation`],
    ['itself', (base: string) => `${base}/${QUERY}`],
    ['a user', (base: string) => base.replace('//', '//a:b@')],
    ['nowhere', () => 'http://'],
  ])('a next link to %s is not followed; what was read is used', async (_, next) => {
    const server = await fhir(json((__, base) => page(['o1'], next(base))));
    expect(await open(server).search(QUERY)).toEqual(read(['o1'], false));
    expect([calls, elsewhere.calls]).toEqual([[`/fhir/${QUERY}`], 0]);
  });

  it('pages without end are left after ten', async () => {
    const server = await fhir(json((call) => page([`o${call}`], `Observation?page=${call + 1}`)));
    expect(await open(server).search(QUERY)).toMatchObject({ complete: false, entries: { length: 10 } });
    expect(calls).toHaveLength(10);
  });

  it('a later page that fails leaves what was read', async () => {
    const server = await fhir(json((call) => (call === 1 ? page(['o1'], 'Observation?page=2') : null)));
    expect(await open(server).search(QUERY)).toEqual(read(['o1'], false));
  });

  it('no more resources are kept than the limit for the whole hook', async () => {
    const server = open(await fhir(json(() => page(['o1', 'o2']))), {
      limits: { bytes: 20_000, resources: 3, pages: 10 },
    });
    expect(await server.search(QUERY)).toEqual(read(['o1', 'o2'], true));
    expect(await server.search(QUERY)).toEqual(read(['o1'], false));
  });

  it('no more bytes are read than the limit: the connection is closed', async () => {
    let closed: () => void;
    const isClosed = new Promise<void>((resolve) => {
      closed = resolve;
    });
    let sent = 0;
    const endless = await fhir((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(' '.repeat(10_000))) sent += 10_000;
      };
      response.on('drain', more).on('close', () => {
        closed();
      });
      more();
    });
    expect(await open(endless, { limits: { bytes: 500_000, resources: 9, pages: 9 } }).search(QUERY)).toEqual(
      read([], false),
    );
    await isClosed;
    expect(sent).toBeLessThan(10_000_000);
  });

  it('the answers of one hook share its bytes', async () => {
    const answer = page(['o1']);
    const bytes = Math.round(JSON.stringify(answer).length * 1.5);
    const server = open(await fhir(json(() => answer)), { limits: { bytes, resources: 9, pages: 9 } });
    expect(await server.search(QUERY)).toEqual(read(['o1'], true));
    expect(await server.search(QUERY)).toEqual(read([], false));
  });

  it('an answer broken off with its headers does not hold the hook up', async () => {
    const answer = JSON.stringify(page(['o1']));
    const server = open(await fhir((_, response) => response.end(answer)), {
      limits: { bytes: 60, resources: 9, pages: 9 },
    });
    const begin = performance.now();
    expect(await server.search(QUERY)).toEqual(read([], false));
    expect(await server.read('Patient', 'p1')).toEqual(failed);
    expect(performance.now() - begin).toBeLessThan(1_000);
    expect(calls).toHaveLength(1);
  });

  it('a packed answer, whose size cannot be told, is refused', async () => {
    const server = await fhir((_, response) =>
      response.setHeader('content-encoding', 'gzip').end(gzipSync(JSON.stringify(page(['o1'])))),
    );
    expect(await open(server).search(QUERY)).toEqual(failed);
  });

  it.each([301, 302, 303, 307, 308])('a redirect (%i) is a failure, and nobody else is called', async (status) => {
    const server = await fhir((_, response) => response.writeHead(status, { location: elsewhere.url }).end());
    expect(await open(server).search(QUERY)).toEqual(failed);
    expect([calls.length, elsewhere.calls]).toEqual([1, 0]);
  });

  it('a redirect within the server is a failure too', async () => {
    const server = await fhir((_, response) => response.writeHead(302, { location: '/fhir/Observation' }).end());
    expect(await open(server).search(QUERY)).toEqual(failed);
    expect(calls).toEqual([`/fhir/${QUERY}`]);
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
    expect(await open(await fhir(listener), { callMs: 150 }).search(QUERY)).toEqual({ failure: 'timed-out' });
    expect(performance.now() - begin).toBeLessThan(1_000);
  });

  it('all calls together keep the budget, and none is made after it', async () => {
    const server = open(await fhir(() => undefined), { budgetMs: 150 });
    expect(await Promise.all([server.search(QUERY), server.read('Patient', 'p1')])).toEqual([
      { failure: 'timed-out' },
      { failure: 'timed-out' },
    ]);
    expect(await server.search('Condition?patient=p1')).toEqual({ failure: 'timed-out' });
    expect(calls).toHaveLength(2);
  });

  it('calls end when the hook is given up', async () => {
    const hook = new AbortController();
    const begin = performance.now();
    const server = open(
      await fhir(() => {
        hook.abort();
      }),
      {},
      hook.signal,
    );
    expect(await server.search(QUERY)).toEqual({ failure: 'timed-out' });
    expect(await server.search(QUERY)).toEqual({ failure: 'timed-out' });
    expect(performance.now() - begin).toBeLessThan(1_000);
    expect(calls).toHaveLength(1);
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
    expect(await open(await fhir(listener)).search(QUERY)).toEqual(failed);
    expect(calls.length).toBeGreaterThan(0);
  });

  it('a refused connection has failed', async () => {
    const server = await fhir(() => undefined);
    await new Promise((resolve) => servers.at(-1)?.close(resolve));
    expect(await open(server).search(QUERY)).toEqual(failed);
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
    const server = await fhir(json(() => page(['o1'])));
    const unnamed = { url: server.url.replace('127.0.0.1', host), addresses: [], insecure: true };
    expect(await open(unnamed).search(QUERY)).toEqual(failed);
    expect(connections).toBe(0);
  });

  it('a name is called only while it resolves to what the entry names', async () => {
    const server = await fhir(json(() => page(['o1'])));
    const named = { ...server, url: server.url.replace('127.0.0.1', 'ehr.example') };
    // The address every name has for this test.
    const toLoopback = ((_: string, __: object, callback: (error: null, found: object[]) => void) => {
      callback(null, [{ address: '127.0.0.1', family: 4 }]);
    }) as unknown as typeof lookup;
    expect(await open({ ...named, addresses: [] }, { lookup: toLoopback }).search(QUERY)).toEqual(failed);
    expect(connections).toBe(0);
    expect(await open(named, { lookup: toLoopback }).search(QUERY)).toEqual(read(['o1'], true));
  });

  it('the address of the open connection is checked again', async () => {
    const server = await fhir(() => undefined);
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
