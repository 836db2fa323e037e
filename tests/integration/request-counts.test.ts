import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openDatabase } from '../../src/feedback/database.js';
import { RequestCounts } from '../../src/feedback/request-counts.js';
import { DATABASE_KINDS, TestStores } from '../support/feedback-databases.js';
import { NOW } from '../support/signing-client.js';

const inSeconds = (seconds: number) => new Date(NOW.getTime() + seconds * 1_000);
const requests = (count: number, caller = 'a', windowStart = NOW) => ({ caller, windowStart, requests: count });

/** None where PostgreSQL is not installed, which is said aloud and is no CI. */
const SHARED = DATABASE_KINDS.filter(({ name }) => name === 'PostgreSQL');

for (const { name, open } of SHARED)
  describe(`counts of requests on ${name}`, () => {
    let stores: TestStores;
    let now = NOW;
    let failures: unknown[] = [];
    const databases: ReturnType<typeof openDatabase>[] = [];

    function instance(): RequestCounts {
      const database = openDatabase(stores.url);
      databases.push(database);
      return new RequestCounts(database, { clock: () => now, onFailure: (error) => failures.push(error) });
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
      await Promise.all(databases.splice(0).map((database) => database.destroy()));
      await stores.close();
    });
    afterAll(() => stores.end());

    it('are summed over all instances, by caller and window, and answered in the order given', async () => {
      const [one, other] = [instance(), instance()];
      expect(await one.add([requests(3, 'b'), requests(1, 'a')])).toEqual([3, 1]);
      expect(await other.add([requests(2, 'a'), requests(5, 'c'), requests(4, 'b')])).toEqual([3, 5, 7]);
      expect(await one.add([requests(-1, 'b')])).toEqual([6]);
      expect(await one.add([requests(1, 'b', inSeconds(60))])).toEqual([1]);
      expect(failures).toEqual([]);
    });

    it('lose nothing when instances add at the same moment, in whatever order', async () => {
      const callers = ['a', 'b', 'c', 'd'];
      const adds = Array.from({ length: 12 }, (_, index) => {
        const order = index % 2 === 0 ? callers : callers.toReversed();
        return instance().add(order.map((caller) => requests(1, caller)));
      });
      await Promise.all(adds);
      expect(failures).toEqual([]);
      expect(await instance().add(callers.map((caller) => requests(0, caller)))).toEqual([12, 12, 12, 12]);
    });

    it('keep nothing of a caller but a hash, for ten minutes', async () => {
      const counts = instance();
      await counts.add([requests(1, 'canary')]);
      expect(JSON.stringify(await stores.rows('select * from request_count'))).not.toContain('canary');
      now = inSeconds(601);
      await counts.add([requests(1, 'next', now)]);
      expect(await stores.count('request_count')).toBe(1);
    });

    it('cannot be told while the database fails; it is left alone for ten seconds and asked again', async () => {
      const counts = instance();
      await stores.rows('alter table request_count rename to elsewhere');
      expect(await counts.add([requests(1)])).toBeUndefined();
      await stores.rows('alter table elsewhere rename to request_count');
      now = inSeconds(9);
      expect(await counts.add([requests(1)])).toBeUndefined();
      expect(failures).toHaveLength(1);
      now = inSeconds(10);
      expect(await counts.add([requests(1)])).toEqual([1]);
    });

    it('are shared by the stores that the service opens, and end with them without a word', async () => {
      const [one, other] = [await stores.open(), await stores.open()];
      expect(await one.requestCounts?.add([requests(2)])).toEqual([2]);
      expect(await other.requestCounts?.add([requests(2)])).toEqual([4]);
      await stores.close();
      expect(await one.requestCounts?.add([requests(2)])).toBeUndefined();
      expect(stores.failures).toEqual([]);
    });

    it('are told as a failure of the limits while the server is gone', async () => {
      const store = await stores.open();
      await stores.kind.server?.kill();
      expect(await store.requestCounts?.add([requests(1)])).toBeUndefined();
      expect(stores.failures).toEqual([{ task: 'limits', reason: expect.any(String) }]);
      await stores.kind.server?.start();
    });
  });
