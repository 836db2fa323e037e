import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import nock from 'nock';
import { openFhirGateway } from '../../src/patient-data/fhir-gateway.js';
import {
  allowedTo,
  EHR,
  failed,
  lab,
  openServer,
  page,
  QUERY,
  requestTo,
  searchResult,
  TOKEN,
} from '../support/opened-gateway.js';

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
  const search = () => openServer(EHR).search(QUERY);

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
    expect(await search()).toEqual(searchResult(['o1', 'o2'], true));
  });

  it('comes without a token where the request has none', async () => {
    nock('https://ehr.example', { badheaders: ['authorization'] })
      .get('/fhir/Patient/p1')
      .reply(200, { resourceType: 'Patient', id: 'p1' });
    const server = openFhirGateway({ allowed: allowedTo(EHR), budgetMs: 2_500 })(
      requestTo(EHR.url),
      new AbortController().signal,
    );
    expect(await server?.read('Patient', 'p1')).toEqual({ resource: { resourceType: 'Patient', id: 'p1' } });
  });

  it('hides no request, which would hold the token', async () => {
    ehr().get('/fhir/Patient/p1').reply(200, { resourceType: 'Patient', id: 'p1' });
    const answer = await openServer(EHR).read('Patient', 'p1');
    expect(Object.getOwnPropertyNames('resource' in answer ? answer.resource : {})).toEqual(['resourceType', 'id']);
  });

  it('with entries that are no resources counts them, and an empty Bundle is a real none', async () => {
    ehr()
      .get(/./)
      .reply(200, { resourceType: 'Bundle', entry: [{ resource: lab('o1') }, null, {}] });
    ehr().get(/./).reply(200, { resourceType: 'Bundle', total: 0 });
    expect(await search()).toEqual({ ...searchResult(['o1'], true), unreadable: 2 });
    expect(await search()).toEqual(searchResult([], true));
  });

  it.each(['3', '999999', 'Sun, 17 May 2099 00:00:00 GMT'])(
    'with Retry-After %s, beyond the budget, is not tried again',
    async (time) => {
      ehr().get(/./).reply(429, '', { 'retry-after': time }).get(/./).reply(200, page([]));
      expect(await search()).toEqual(failed);
      expect(nock.pendingMocks()).toHaveLength(1);
    },
  );

  it('of 401 is the last one asked for with that token', async () => {
    ehr()
      .get(/./)
      .reply(401, '')
      .get(/./)
      .reply(200, page(['o1']));
    const server = openServer(EHR);
    expect(await server.search(QUERY)).toEqual({ failure: 'not-permitted' });
    expect(await server.read('Patient', 'p1')).toEqual({ failure: 'not-permitted' });
    expect(nock.pendingMocks()).toHaveLength(1);
  });

  it('to a query too long for a URL is asked for by POST, in a form, and tried once more', async () => {
    const codes = Array.from({ length: 400 }, (_, index) => `1${index}-1`).join(',');
    const body = { patient: 'p1', code: codes, _sort: '-date', text: 'a b' };
    const form = {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `Bearer ${TOKEN}`,
      accept: 'application/fhir+json',
      'accept-encoding': 'identity',
    };
    const next = 'https://ehr.example/fhir/Observation?page=2';
    const post = () => nock('https://ehr.example', { reqheaders: form }).post('/fhir/Observation/_search', body);
    post().reply(503, 'busy');
    post().reply(200, page(['o1'], next));
    ehr()
      .get('/fhir/Observation?page=2')
      .reply(200, page(['o2']));
    const query = `Observation?patient=p1&code=${codes}&_sort=-date&text=a%20b`;
    expect(await openServer(EHR).search(query)).toEqual(searchResult(['o1', 'o2'], true));
    expect(nock.isDone()).toBe(true);
  });

  it('to a next link is asked for as it stands, however long', async () => {
    const next = `https://ehr.example/fhir/Observation?page=${'2'.repeat(3_000)}`;
    ehr()
      .get(next.replace('https://ehr.example', ''))
      .reply(200, page(['o2']));
    expect(await openServer(EHR).search(next, undefined, 'Observation')).toEqual(searchResult(['o2'], true));
  });

  it.each(['..', '.', '', 'a/b', '../Observation', 'x?y', 'ü'])('is never asked for by the id %j', async (id) => {
    ehr().get(/./).reply(200, { resourceType: 'Patient', id: 'p1' });
    expect(await openServer(EHR).read('Patient', id)).toEqual(failed);
    expect(nock.pendingMocks()).toHaveLength(1);
  });
});
