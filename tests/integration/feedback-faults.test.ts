import { randomUUID } from 'node:crypto';
import { renameSync, rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import Database from 'libsql';
import pg from 'pg';
import { DATABASE_KINDS, TestStores } from '../support/feedback-databases.js';
import { expectOutcome } from '../support/http-service.js';
import { IS_BUILT, ServiceProcess } from '../support/service-process.js';

const describeWhenBuilt = IS_BUILT ? describe : describe.skip;
const [libsql, postgres] = ['libsql', 'PostgreSQL'].map((name) => DATABASE_KINDS.filter((kind) => kind.name === name));

/** `ulimit` stands for a full disk: no file may grow past it. Without a handler the signal that tells so would end the process. */
const SMALL_DISK = `ulimit -S -f 1000; node=$1; shift; exec "$node" --import 'data:text/javascript,process.on("SIGXFSZ",()=>{})' "$@"`;

const entry = (comment = '') => ({
  card: randomUUID(),
  outcome: 'overridden',
  outcomeTimestamp: '2026-05-12T09:00:00Z',
  overrideReason: { userComment: comment },
});

let service: ServiceProcess;
const settings = (stores: TestStores) => ({ DATABASE_URL: stores.url });

/** What holds whatever the fault: feedback is refused in a way that asks for another try, hooks are answered. */
async function expectFeedbackRefusedAndHooksAnswered(): Promise<void> {
  let isRefused = false;
  const refused = service.sendFeedback(entry()).finally(() => {
    isRefused = true;
  });
  const chart = await service.openChart();
  expect({ status: chart.status, cards: chart.cards.length }).toEqual({ status: 200, cards: 1 });
  const response = await refused;
  expect(isRefused).toBe(true);
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  await expectOutcome(response, 503, 'transient');
}

async function feedbackIsKeptAgain(stores: TestStores): Promise<void> {
  const { cards } = await service.openChart();
  const again = { ...entry(), card: cards[0]!.uuid };
  // The connection may have to be made anew.
  let status = 0;
  for (let tries = 0; tries < 50 && status !== 200; tries += 1) ({ status } = await service.sendFeedback(again));
  expect(status).toBe(200);
  const joined = `select topic from issued_card join feedback_event on card = uuid where card = '${again.card}'`;
  expect(await stores.rows(joined)).toEqual([{ topic: 'LowCalciumPhosphateRetention' }]);
}

afterEach(async () => {
  expect(await service.stop()).toBe(0);
});

describeWhenBuilt.each(libsql!)('a service whose file of feedback', ({ open }) => {
  let stores: TestStores;
  beforeAll(async () => {
    stores = new TestStores(await open());
  });
  beforeEach(() => stores.renew());
  afterAll(() => stores.end());
  const path = () => stores.url.slice('file:'.length);

  it('is locked goes on answering hooks while feedback waits, and keeps feedback once it is free', async () => {
    service = await ServiceProcess.start(settings(stores));
    await service.openChart();
    const other = new Database(path());
    other.exec('begin immediate');
    let isAnswered = false;
    const waiting = service.sendFeedback(entry()).finally(() => {
      isAnswered = true;
    });
    const chart = await service.openChart();
    expect({ status: chart.status, isAnswered }).toEqual({ status: 200, isAnswered: false });
    await expectOutcome(await waiting, 503, 'transient');
    await expectFeedbackRefusedAndHooksAnswered();
    other.exec('rollback');
    other.close();
    await feedbackIsKeptAgain(stores);
    const shown = await stores.rows(`select count(*) as n from issued_card where uuid = '${chart.cards[0]!.uuid}'`);
    expect(Number(shown[0]!['n'])).toBe(1);
    expect(service.logged()).toContainEqual(expect.objectContaining({ msg: 'storeFailed', reason: 'SQLITE_BUSY' }));
  });

  it('is closed with the service holds the card of the last answer', async () => {
    service = await ServiceProcess.start(settings(stores));
    const { cards } = await service.openChart();
    expect(await service.stop()).toBe(0);
    expect(await stores.rows('select uuid from issued_card')).toEqual([{ uuid: cards[0]!.uuid }]);
  });

  it('is gone refuses feedback, which would be lost with it, until the file is back', async () => {
    service = await ServiceProcess.start(settings(stores));
    renameSync(path(), `${path()}.away`);
    await expectFeedbackRefusedAndHooksAnswered();
    renameSync(`${path()}.away`, path());
    await feedbackIsKeptAgain(stores);
  });

  it('was replaced by another refuses feedback', async () => {
    service = await ServiceProcess.start(settings(stores));
    rmSync(path());
    const other = new Database(path());
    other.exec('create table something (a integer)');
    other.close();
    await expectFeedbackRefusedAndHooksAnswered();
  });

  it('is on a full disk refuses feedback and loses none that was acknowledged', async () => {
    service = await ServiceProcess.start(settings(stores), SMALL_DISK);
    const kept: string[] = [];
    // Where a long comment has no room any more a short one may still have.
    for (const comment of ['x'.repeat(2_000), '']) {
      let status = 200;
      while (status === 200 && kept.length < 5_000) {
        const sent = entry(comment);
        ({ status } = await service.sendFeedback(sent));
        if (status === 200) kept.push(sent.card);
      }
    }
    expect(kept.length).toBeGreaterThan(10);
    expect(kept.length).toBeLessThan(5_000);
    await expectFeedbackRefusedAndHooksAnswered();
    await service.stop();
    const rows = await stores.rows('select card from feedback_event');
    expect(rows.map(({ card }) => card).sort()).toEqual(kept.sort());
    expect(await stores.rows('pragma integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  });
});

describeWhenBuilt.each(postgres!)('a service whose PostgreSQL', ({ open }) => {
  let stores: TestStores;
  beforeAll(async () => {
    stores = new TestStores(await open());
  });
  beforeEach(async () => {
    await stores.renew();
    service = await ServiceProcess.start(settings(stores));
  });
  afterAll(() => stores.end());

  it('ends goes on answering hooks, and keeps feedback once it is back', async () => {
    await feedbackIsKeptAgain(stores);
    await stores.kind.server!.kill();
    await expectFeedbackRefusedAndHooksAnswered();
    await stores.kind.server!.start();
    await feedbackIsKeptAgain(stores);
  });

  it('ends each connection, idle or in use, does not end with it', async () => {
    const ended = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'renal-cramp-cds'";
    for (let times = 0; times < 5; times += 1) {
      const sent = Array.from({ length: 10 }, () => service.sendFeedback(entry()));
      await stores.rows(ended);
      for (const response of await Promise.all(sent)) expect([200, 503]).toContain(response.status);
    }
    await feedbackIsKeptAgain(stores);
  });

  it('is locked goes on answering hooks, and keeps feedback once it is free', async () => {
    const other = new pg.Client({ connectionString: stores.url });
    await other.connect();
    await other.query('begin; lock table feedback_event, issued_card in access exclusive mode');
    await expectFeedbackRefusedAndHooksAnswered();
    await other.query('rollback');
    await other.end();
    await feedbackIsKeptAgain(stores);
  });
});
