import { afterEach, describe, expect, it } from '@jest/globals';
import { ServiceError } from '../../src/errors.js';
import type { SummaryQuery, SummaryRow } from '../../src/feedback/feedback-store.js';
import { forgetfulStore } from '../support/forgetful-store.js';
import { closeServices, expectOutcome, startService, type TestServiceParts } from '../support/http-service.js';
import { authOf, BASE, SERVICE, SigningClient } from '../support/signing-client.js';

const ROW: SummaryRow = {
  period: '2026-05-11',
  topic: 'CauseOne',
  knowledgeVersion: '1.0.0',
  shown: 3,
  accepted: 1,
  suggestionsAccepted: 2,
  overridden: 1,
  reasons: [{ code: 'declined', cards: 1 }],
};

async function summaryService(parts: TestServiceParts = {}) {
  const asked: SummaryQuery[] = [];
  const summarise = async (query: SummaryQuery) => {
    asked.push(query);
    return [ROW];
  };
  const service = await startService({ feedback: forgetfulStore({ summarise }), ...parts });
  const get = (query = '', authorization?: string) =>
    fetch(`${service.url}/feedback/summary${query}`, authorization ? { headers: { authorization } } : {});
  return { asked, get };
}

afterEach(closeServices);

describe('GET /feedback/summary', () => {
  it('answers what became of the cards, by week unless told otherwise', async () => {
    const { asked, get } = await summaryService();
    const response = await get();
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ by: 'week', rows: [ROW] });
    expect(asked).toEqual([{ by: 'week' }]);
  });

  it('hands the days on', async () => {
    const { asked, get } = await summaryService();
    const response = await get('?since=2026-05-01&until=2026-05-31&by=day');
    expect(await response.json()).toMatchObject({ since: '2026-05-01', until: '2026-05-31', by: 'day' });
    expect(asked).toEqual([{ since: '2026-05-01', until: '2026-05-31', by: 'day' }]);
  });

  it.each(['?since=yesterday', '?until=2026-02-30', '?by=hour', '?comments=on', '?since=2026-05-01&since=2026-05-02'])(
    'is 400 for %s',
    async (query) => {
      const { asked, get } = await summaryService();
      await expectOutcome(await get(query), 400, 'invalid');
      expect(asked).toEqual([]);
    },
  );

  it('is 401 before anything is read where others than this machine may call', async () => {
    const { asked, get } = await summaryService({ settings: { isLocal: false } });
    await expectOutcome(await get(), 401, 'security');
    expect(asked).toEqual([]);
  });

  it('answers only clients that sign for themselves, where these are asked who they are', async () => {
    const ehr = await SigningClient.create('https://ehr.example.org/fhir');
    const { get } = await summaryService({ auth: authOf([ehr.trusted()]) });
    await expectOutcome(await get(), 401, 'security');
    await expectOutcome(await get('', ehr.bearer({ aud: SERVICE })), 401, 'security');
    expect((await get('', ehr.bearer({ aud: `${BASE}/feedback/summary` }))).status).toBe(200);
  });

  it('is 503 with Retry-After while the store is away', async () => {
    const summarise = () => Promise.reject(new ServiceError('store-not-available', 'The store is away for now.'));
    const { get } = await summaryService({ feedback: forgetfulStore({ summarise }) });
    const response = await get();
    expect(response.headers.get('retry-after')).toBe('30');
    await expectOutcome(response, 503, 'transient');
  });
});
