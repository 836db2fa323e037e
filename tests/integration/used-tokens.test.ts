import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openFeedbackStore } from '../../src/feedback/feedback-store.js';
import { openDatabase } from '../../src/feedback/database.js';
import { UsedTokens } from '../../src/feedback/used-tokens.js';
import { replaysInMemory, sharedReplays } from '../../src/http/replay-store.js';
import { DATABASE_KINDS, TestStores } from '../support/feedback-databases.js';
import { closeServices, startService } from '../support/http-service.js';
import { authOf, DISCOVERY, NOW, SigningClient } from '../support/signing-client.js';

const ehr = await SigningClient.create('https://ehr.example.org/fhir');
const inSeconds = (seconds: number) => new Date(NOW.getTime() + seconds * 1_000);

it('used tokens are left to memory where the database is for one instance', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'used-tokens-'));
  const options = { retentionDays: 90, clock: () => NOW, onFailure: () => {} };
  const store = await openFeedbackStore(`file:${join(folder, 'feedback.db')}`, options);
  expect(store.usedTokens).toBeUndefined();
  await store.close();
  rmSync(folder, { recursive: true });
});

/** None where PostgreSQL is not installed, which is said aloud and is no CI. */
const SHARED = DATABASE_KINDS.filter(({ name }) => name === 'PostgreSQL');

for (const { name, open } of SHARED)
  describe(`used tokens on ${name}`, () => {
    let stores: TestStores;
    let now = NOW;
    let failures: unknown[] = [];
    let databases: ReturnType<typeof openDatabase>[] = [];

    /** One instance of the service's view of the tokens, on connections of its own. */
    function instance(): UsedTokens {
      const database = openDatabase(stores.url);
      databases.push(database);
      return new UsedTokens(database, { clock: () => now, onFailure: (error) => failures.push(error) });
    }

    beforeAll(async () => {
      stores = new TestStores(await open());
    });
    beforeEach(async () => {
      now = NOW;
      failures = [];
      await stores.renew();
      await stores.open();
    });
    afterEach(async () => {
      await closeServices();
      await Promise.all(databases.splice(0).map((database) => database.destroy()));
      databases = [];
      await stores.close();
    });
    afterAll(() => stores.end());

    it('are taken once by all instances together, until they expire', async () => {
      const [one, other] = [instance(), instance()];
      expect(await one.use('a', 'id', inSeconds(360))).toBe(true);
      expect([await one.use('a', 'id', inSeconds(360)), await other.use('a', 'id', inSeconds(360))]).toEqual([
        false,
        false,
      ]);
      expect(await other.use('b', 'id', inSeconds(360))).toBe(true);
      now = inSeconds(360);
      expect(await other.use('a', 'id', inSeconds(700))).toBe(true);
      expect(await one.use('a', 'id', inSeconds(700))).toBe(false);
      expect(failures).toEqual([]);
    });

    it('are taken once when they come to several instances at the same moment', async () => {
      const instances = [instance(), instance(), instance()];
      const uses = instances.flatMap((each) => Array.from({ length: 5 }, () => each.use('a', 'id', inSeconds(360))));
      expect((await Promise.all(uses)).filter((isFirst) => isFirst === true)).toHaveLength(1);
      expect(failures).toEqual([]);
    });

    it('are forgotten when they have expired, and nothing of them is kept but a hash', async () => {
      const tokens = instance();
      await tokens.use('https://canary.example.org', 'canary', inSeconds(30));
      expect(JSON.stringify(await stores.rows('select * from used_token'))).not.toContain('canary');
      now = inSeconds(60);
      await tokens.use('a', 'next', inSeconds(360));
      expect(await stores.count('used_token')).toBe(1);
    });

    it('cannot be told while the database fails; it is left alone for ten seconds and asked again', async () => {
      const tokens = instance();
      await stores.rows('alter table used_token rename to elsewhere');
      expect(await tokens.use('a', 'id', inSeconds(360))).toBeUndefined();
      await stores.rows('alter table elsewhere rename to used_token');
      now = inSeconds(9);
      expect(await tokens.use('a', 'id', inSeconds(360))).toBeUndefined();
      expect(failures).toHaveLength(1);
      now = inSeconds(10);
      expect(await tokens.use('a', 'id', inSeconds(360))).toBe(true);
    });

    it('let a token in at one instance of the service alone', async () => {
      const start = () => {
        const own = replaysInMemory({ clock: () => now });
        return startService({ auth: { ...authOf([ehr.trusted()]), replays: sharedReplays(own, instance()) } });
      };
      const [one, other] = [await start(), await start()];
      const status = async (url: string, Authorization: string) =>
        (await fetch(`${url}/cds-services`, { headers: { Authorization } })).status;
      const bearer = ehr.bearer({ aud: DISCOVERY });
      expect([await status(one.url, bearer), await status(other.url, bearer)]).toEqual([200, 401]);
      expect(other.logged().at(-1)).toMatchObject({ reason: 'replayed' });
      await stores.rows('drop table used_token');
      const second = ehr.bearer({ aud: DISCOVERY });
      expect([await status(one.url, second), await status(one.url, second)]).toEqual([200, 401]);
    });

    it('are shared by the stores that the service opens', async () => {
      const [one, other] = [await stores.open(), await stores.open()];
      expect(await one.usedTokens?.use('a', 'id', inSeconds(360))).toBe(true);
      expect(await other.usedTokens?.use('a', 'id', inSeconds(360))).toBe(false);
    });

    it('cannot be told, and are told as a failure, while the server is gone', async () => {
      const store = await stores.open();
      await stores.kind.server?.kill();
      expect(await store.usedTokens?.use('a', 'id', inSeconds(360))).toBeUndefined();
      expect(stores.failures).toEqual([{ task: 'tokens', reason: expect.any(String) }]);
      await stores.kind.server?.start();
    });
  });
