import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { openDatabase } from '../../src/feedback/database.js';
import { summariseStore } from '../../src/feedback/feedback-store.js';
import { DATABASE_KINDS, TestStores } from '../support/feedback-databases.js';
import { issuedCard, overridden } from '../support/feedback-events.js';

const daysAgo = (days: number) => new Date(Date.parse('2026-05-20T12:00:00Z') - days * 86_400_000);

/** Another process, as the build has made it, that opens the store, records one event and ends. */
async function recordElsewhere(url: string, index: number): Promise<{ code: unknown; errors: string }> {
  const module = pathToFileURL(join(import.meta.dirname, '../../dist/feedback/feedback-store.js')).href;
  const script = `
    import { openFeedbackStore } from '${module}';
    const store = await openFeedbackStore(process.argv[1], { retentionDays: 90, clock: () => new Date(), onFailure: console.error });
    await store.record('s', [{ card: 'card-' + process.argv[2], outcome: 'accepted' }]);
    await store.close();`;
  const args = ['--input-type=module', '-e', script, url, String(index)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (data) => (errors += String(data)));
  const [code] = await once(child, 'close');
  return { code, errors };
}

describe.each(DATABASE_KINDS)('the life of a feedback store on $name', ({ open, name }) => {
  let stores: TestStores;
  beforeAll(async () => {
    stores = new TestStores(await open());
  });
  beforeEach(() => stores.renew());
  afterEach(() => stores.close());
  afterAll(() => stores.end());

  it('is laid out once when several instances start at the same time', async () => {
    const started = await Promise.all(Array.from({ length: 6 }, (_, index) => recordElsewhere(stores.url, index)));
    expect(started).toEqual(Array.from({ length: 6 }, () => ({ code: 0, errors: '' })));
    expect(await stores.count('feedback_event')).toBe(6);
    expect(await stores.rows('select name from feedback_migration')).toEqual([
      { name: '0001-cards-events-comments' },
      { name: '0002-used-tokens' },
      { name: '0003-request-counts' },
    ]);
  });

  it('tells what became of its cards to whoever only reads, and is not begun by that', async () => {
    const reading = () => summariseStore(stores.url, { by: 'all' });
    await expect(reading()).rejects.toMatchObject({ code: 'invalid-config' });
    const store = await stores.open();
    store.remember([issuedCard('a')]);
    await store.record('s', [overridden('a')]);
    expect(await reading()).toMatchObject([{ topic: 'CauseOne', shown: 1, overridden: 1 }]);
  });

  it('does not begin with a layout newer than its own', async () => {
    await stores.open();
    await stores.rows("insert into feedback_migration values ('9999-later', '2026-05-20T00:00:00.000Z')");
    await expect(stores.open()).rejects.toMatchObject({
      code: 'invalid-config',
      message: 'DATABASE_URL: the store was written by a newer version of this service',
    });
  });

  it('forgets what is past its retention at the next start, and keeps a card as long as feedback on it', async () => {
    for (const days of [91, 88]) {
      const old = await stores.open(daysAgo(days));
      old.remember([issuedCard(`silent-${days}`, { issuedAt: daysAgo(days) })]);
      old.remember([issuedCard(`card-${days}`, { issuedAt: daysAgo(days + 5) })]);
      await old.record('s', [overridden(`card-${days}`, { comment: 'x' })]);
    }
    await stores.open();
    const cards = await stores.rows('select uuid from issued_card order by uuid');
    expect(cards).toEqual([{ uuid: 'card-88' }, { uuid: 'silent-88' }]);
    expect(await stores.rows('select card from feedback_event')).toEqual([{ card: 'card-88' }]);
    expect(await stores.rows('select card from feedback_comment')).toEqual([{ card: 'card-88' }]);
    expect(stores.failures).toEqual([]);
  });

  it('acknowledges only what is on disk, whatever the server is set to', async () => {
    if (name === 'PostgreSQL')
      await stores.rows(`alter database ${new URL(stores.url).pathname.slice(1)} set synchronous_commit = off`);
    await stores.open();
    const database = openDatabase(stores.url);
    const setting =
      name === 'PostgreSQL'
        ? sql`select current_setting('synchronous_commit') as synchronous`
        : sql`select synchronous, journal_mode from pragma_synchronous, pragma_journal_mode`;
    const { rows } = await setting.execute(database);
    await database.destroy();
    // 2 is FULL.
    expect(rows).toEqual([name === 'PostgreSQL' ? { synchronous: 'on' } : { synchronous: 2, journal_mode: 'wal' }]);
  });
});
