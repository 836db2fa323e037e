import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DATABASE_KINDS, TestStores } from '../support/feedback-databases.js';
import { accepted, issuedCard, overridden } from '../support/feedback-events.js';

const COMMAND = join(import.meta.dirname, '../../dist/cli/feedback-report.js');

function report(databaseUrl: string, ...args: string[]): Promise<{ code: unknown; out: string; error: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [COMMAND, ...args], { env: { DATABASE_URL: databaseUrl } }, (failure, out, error) => {
      resolve({ code: failure === null ? 0 : failure.code, out, error });
    });
  });
}

describe.each(DATABASE_KINDS)('the command feedback:report on $name', ({ open }) => {
  let stores: TestStores;
  beforeAll(async () => {
    stores = new TestStores(await open());
    await stores.renew();
    const store = await stores.open();
    store.remember([
      ...['a', 'b', 'c'].map((uuid) => issuedCard(uuid)),
      issuedCard('d', { topic: 'CauseTwo', issuedAt: new Date('2026-05-18T08:00:00Z') }),
    ]);
    await store.record('s', [
      accepted('a', { suggestion: 'one' }),
      overridden('b', { reason: { system: 'urn:r', code: '=declined, "really"' } }),
      overridden('c'),
    ]);
  });
  afterAll(() => stores.end());

  it('prints a table, by week, the newest first', async () => {
    expect(await report(stores.url)).toEqual({
      code: 0,
      error: '',
      out: [
        'period      topic     knowledge  shown  accepted  suggestions  overridden  reasons',
        '2026-05-18  CauseTwo  1.0.0          1   0 (0 %)            0     0 (0 %)',
        '2026-05-11  CauseOne  1.0.0          3  1 (33 %)            1    2 (67 %)  no reason given 1, =declined, "really" 1',
        '',
      ].join('\n'),
    });
  });

  it('prints CSV with one count a line, which no spreadsheet takes for a formula', async () => {
    const { out } = await report(stores.url, '--format', 'csv', '--by', 'day', '--until', '2026-05-17');
    expect(out.split('\r\n')).toEqual([
      'period,topic,knowledgeVersion,measure,reasonSystem,reason,cards',
      '2026-05-11,CauseOne,1.0.0,shown,,,3',
      '2026-05-11,CauseOne,1.0.0,accepted,,,1',
      '2026-05-11,CauseOne,1.0.0,suggestions accepted,,,1',
      '2026-05-11,CauseOne,1.0.0,overridden,,,2',
      '2026-05-11,CauseOne,1.0.0,overridden for a reason,,no reason given,1',
      `2026-05-11,CauseOne,1.0.0,overridden for a reason,urn:r,"'=declined, ""really""",1`,
      '',
    ]);
  });

  it('prints JSON', async () => {
    const { out } = await report(stores.url, '--format', 'json', '--by', 'all', '--since', '2026-05-18');
    expect(JSON.parse(out)).toEqual([
      {
        period: 'all',
        topic: 'CauseTwo',
        knowledgeVersion: '1.0.0',
        shown: 1,
        accepted: 0,
        suggestionsAccepted: 0,
        overridden: 0,
        reasons: [],
      },
    ]);
  });

  it('says when there is nothing', async () => {
    const { out } = await report(stores.url, '--since', '2026-06-01');
    expect(out).toBe('No cards were shown and no feedback came in these days.\n');
  });

  it.each([['--format', 'xml'], ['--since', 'yesterday'], ['--comments'], ['more']])(
    'refuses %s %s',
    async (...args) => {
      const told = await report(stores.url, ...args);
      expect(told).toMatchObject({ code: 2, out: '', error: expect.stringMatching(/^Usage: npm run/) });
    },
  );

  it('ends with 78 where there is no store, and makes none', async () => {
    await stores.renew();
    const missing = stores.kind.server === undefined ? stores.url : `${stores.url}_missing`;
    for (let tries = 0; tries < 2; tries += 1) {
      const { code, error } = await report(missing);
      expect(code).toBe(78);
      expect(error).toMatch(
        /^DATABASE_URL: (there is no such file or socket|the database server has no such database)\n$/,
      );
    }
  });
});
