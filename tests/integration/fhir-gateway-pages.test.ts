import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LoopbackServers } from '../support/loopback-servers.js';
import { failed, lab, openServer, page, QUERY, searchResult } from '../support/opened-gateway.js';

describe('over real connections', () => {
  let loopback: LoopbackServers;
  beforeEach(async () => {
    loopback = await LoopbackServers.open();
  });
  afterEach(() => loopback.close());

  it('pages are followed in their exact form', async () => {
    const server = await loopback.json(
      (call, base) =>
        [page(['o1'], `${base}?_getpages=a&x=%2C`), page(['o2'], 'Observation?page=3'), page(['o3'])][call - 1],
    );
    expect(await openServer(server).search(QUERY)).toEqual(searchResult(['o1', 'o2', 'o3'], true));
    expect(loopback.calls).toEqual([`/fhir/${QUERY}`, '/fhir?_getpages=a&x=%2C', '/fhir/Observation?page=3']);
  });

  it('a next link of a prefetched page is followed likewise', async () => {
    const server = await loopback.json(() => page(['o2']));
    expect(await openServer(server).search(`${server.url}?page=2`)).toEqual(searchResult(['o2'], true));
    expect(await openServer(server).search(`${loopback.elsewhere.url}?page=2`)).toEqual(searchResult([], false));
    expect([loopback.calls, loopback.elsewhere.calls]).toEqual([['/fhir?page=2'], 0]);
  });

  it('a next link of a prefetched page leads to the type of its query alone', async () => {
    const server = await loopback.json(() => page(['o2']));
    const next = (path: string) => openServer(server).search(`${server.url}/${path}`, undefined, 'Observation');
    for (const path of ['Patient?page=2', 'Patient/p2/$everything', 'Observation/o2']) {
      expect(await next(path)).toEqual(searchResult([], false));
    }
    for (const path of ['Observation?page=2', 'Observation/?page=2', 'Observation/_search?page=2']) {
      expect(await next(path)).toEqual(searchResult(['o2'], true));
    }
    expect(loopback.calls).toEqual([
      '/fhir/Observation?page=2',
      '/fhir/Observation/?page=2',
      '/fhir/Observation/_search?page=2',
    ]);
  });

  it('no further page is read once enough was', async () => {
    const newest = ['2026-05-20', '2026-03-20', '2026-01-20'];
    const dated = (call: number) => ({ resource: { ...lab(`o${call}`), effectiveDateTime: newest[call - 1] } });
    const server = await loopback.json((call) => ({
      ...page([], `Observation?page=${call + 1}`),
      entry: [dated(call)],
    }));
    const enough = { resourceType: 'Observation', lookBackDays: 30, now: new Date('2026-05-22T00:00:00Z') };
    expect(await openServer(server).search(QUERY, enough)).toEqual({
      entries: [dated(1), dated(2)],
      unreadable: 0,
      complete: true,
    });
    expect(loopback.calls).toHaveLength(2);
  });

  it.each([
    ['another origin', () => `${loopback.elsewhere.url}/Observation?page=2`],
    ['another origin as path', () => `//${new URL(loopback.elsewhere.url).host}/fhir`],
    ['another path', (base: string) => `${base}/../admin`],
    ['another path, encoded', (base: string) => `${base}/..%2Fadmin`],
    ['a path that begins alike', (base: string) => `${base}2/Observation`],
    ['another type', (base: string) => `${base}/Patient?page=2`],
    ['one resource', (base: string) => `${base}/Observation/o2`],
    ['an operation', (base: string) => `${base}/$export`],
    ['an operation of the type', (base: string) => `${base}/Observation/$lastn`],
    ['path parameters', (base: string) => `${base}/..;/admin`],
    ['an empty segment', (base: string) => `${base}//Observation?page=2`],
    ['a tab', (base: string) => `${base}/Observation\t?page=2`],
    ['itself', (base: string) => `${base}/${QUERY}`],
    ['a user', (base: string) => base.replace('//', '//a:b@')],
    ['nowhere', () => 'http://'],
  ])('a next link to %s is not followed; what was read is used', async (_, next) => {
    const server = await loopback.json((__, base) => page(['o1'], next(base)));
    expect(await openServer(server).search(QUERY)).toEqual(searchResult(['o1'], false));
    expect([loopback.calls, loopback.elsewhere.calls]).toEqual([[`/fhir/${QUERY}`], 0]);
  });

  it('pages without end are left after ten', async () => {
    const server = await loopback.json((call) => page([`o${call}`], `Observation?page=${call + 1}`));
    expect(await openServer(server).search(QUERY)).toMatchObject({ complete: false, entries: { length: 10 } });
    expect(loopback.calls).toHaveLength(10);
  });

  it('a later page that fails leaves what was read', async () => {
    const server = await loopback.json((call) => (call === 1 ? page(['o1'], 'Observation?page=2') : null));
    expect(await openServer(server).search(QUERY)).toEqual(searchResult(['o1'], false));
  });

  it('no more resources are kept than the limit for the whole hook', async () => {
    const server = openServer(await loopback.json(() => page(['o1', 'o2'])), {
      limits: { resources: 3 },
    });
    expect(await server.search(QUERY)).toEqual(searchResult(['o1', 'o2'], true));
    expect(await server.search(QUERY)).toEqual(searchResult(['o1'], false));
  });

  it('no more bytes are read than the limit: the connection is closed', async () => {
    let closed: () => void;
    const isClosed = new Promise<void>((resolve) => {
      closed = resolve;
    });
    let sent = 0;
    const endless = await loopback.fhir((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(' '.repeat(10_000))) sent += 10_000;
      };
      response.on('drain', more).on('close', () => {
        closed();
      });
      more();
    });
    expect(await openServer(endless, { limits: { bytes: 500_000 } }).search(QUERY)).toEqual(searchResult([], false));
    await isClosed;
    expect(sent).toBeLessThan(10_000_000);
  });

  it.each([
    ['deeper than 64 levels', () => `{"a":${'['.repeat(64)}`],
    ['a list of more than 100,000', () => `{"entry":[${'1,'.repeat(100_000)}`],
  ])('an answer in a shape that takes long to parse is broken off: %s', async (_, beginning) => {
    const server = await loopback.fhir((_request, response) => response.write(beginning()));
    const begin = performance.now();
    expect(await openServer(server).search(QUERY)).toEqual(failed);
    expect(performance.now() - begin).toBeLessThan(60_000);
  });

  it('no more calls are made than the limit for the whole hook', async () => {
    const server = openServer(await loopback.json(() => page(['o1'])), { limits: { calls: 2 } });
    const results = [await server.search(QUERY), await server.search(QUERY), await server.search(QUERY)];
    expect(results.map((result) => 'complete' in result && result.complete)).toEqual([true, true, false]);
    expect(loopback.calls).toHaveLength(2);
  });

  it('the answers of one hook share its bytes', async () => {
    const answer = page(['o1']);
    const bytes = Math.round(JSON.stringify(answer).length * 1.5);
    const server = openServer(await loopback.json(() => answer), { limits: { bytes } });
    expect(await server.search(QUERY)).toEqual(searchResult(['o1'], true));
    expect(await server.search(QUERY)).toEqual(searchResult([], false));
  });

  it('an answer broken off with its headers does not hold the hook up', async () => {
    const answer = JSON.stringify(page(['o1']));
    const server = openServer(await loopback.fhir((_, response) => response.end(answer)), {
      limits: { bytes: 60 },
    });
    const begin = performance.now();
    expect(await server.search(QUERY)).toEqual(searchResult([], false));
    expect(await server.read('Patient', 'p1')).toEqual(failed);
    expect(performance.now() - begin).toBeLessThan(60_000);
    expect(loopback.calls).toHaveLength(1);
  });
});
