import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CdsResponse, CdsService } from '../../src/cds-hooks.js';
import { patientView } from '../support/composed-service.js';
import { DATABASE_KINDS, TestStores } from '../support/feedback-databases.js';
import { freePort } from '../support/free-port.js';
import { BETWEEN_BLOWS, Load, PATIENT_VIEW, post } from '../support/hook-load.js';
import { kidneyPatient, NOW } from '../support/kidney-patient.js';
import { Nginx, nginxProgram } from '../support/nginx.js';
import { IS_BUILT, ServiceProcess } from '../support/service-process.js';
import { SigningClient } from '../support/signing-client.js';

const program = nginxProgram();
const postgres = DATABASE_KINDS.find(({ name }) => name === 'PostgreSQL');
const canRun = IS_BUILT && program !== undefined && postgres !== undefined;
const describeWhenBuilt = canRun ? describe : describe.skip;

/** Calls of a client in a minute, at both together. */
const LIMIT = 60;
const MINUTE = 60_000;
/** `fail_timeout` of the proxy and some: until then it takes an instance that is back for one that is gone. */
const PROXY_LOOKS_AGAIN_AFTER_MS = 3_000;
const ehr = await SigningClient.create('https://ehr.example.org');
const other = await SigningClient.create('https://other.example.org');

describeWhenBuilt('two instances behind nginx over one PostgreSQL', () => {
  const folder = mkdtempSync(join(tmpdir(), 'instances-'));
  const running = new Map<number, ServiceProcess>();
  let stores: TestStores;
  let ports: [number, number] = [0, 0];
  let nginx: Nginx | undefined;
  let settings: Record<string, string> = {};

  const start = async (port: number) => {
    running.set(port, await ServiceProcess.start({ PORT: String(port), DATABASE_URL: stores.url, ...settings }));
  };
  const stop = async (port: number, signal: NodeJS.Signals) => {
    const code = await running.get(port)?.stop(signal);
    running.delete(port);
    return code;
  };

  beforeAll(async () => {
    stores = new TestStores(await postgres!.open());
    await stores.renew();
    ports = [await freePort(), await freePort()];
    writeFileSync(join(folder, 'ehr.json'), JSON.stringify({ keys: [ehr.publicKey] }));
    writeFileSync(join(folder, 'other.json'), JSON.stringify({ keys: [other.publicKey] }));
    const clients = { [ehr.issuer]: { jwks: { file: 'ehr.json' } }, [other.issuer]: { jwks: { file: 'other.json' } } };
    writeFileSync(join(folder, 'clients.json'), JSON.stringify(clients));
  }, 300_000);
  const stopAll = async () => {
    await nginx?.stop();
    nginx = undefined;
    await Promise.all([...running.keys()].map((port) => stop(port, 'SIGKILL')));
  };
  afterAll(async () => {
    await stopAll();
    await stores.end();
    rmSync(folder, { recursive: true, force: true });
  });

  /** One dies, the other is restarted as for a new version, while clients call. */
  const blows = (load: Load) => async () => {
    const [one, two] = ports;
    await load.goesOn();
    await stop(one, 'SIGKILL');
    await load.goesOn();
    await start(one);
    await wait(PROXY_LOOKS_AGAIN_AFTER_MS);
    await load.goesOn();
    expect(await stop(two, 'SIGTERM')).toBe(0);
    await load.goesOn();
    await start(two);
    await load.goesOn();
  };

  async function expectAllKept(load: Load): Promise<void> {
    process.stderr.write(
      `${load.answered} hooks answered, ${load.retried} calls tried again, ${load.acknowledged.length} feedback kept\n`,
    );
    expect(load.failed).toEqual([]);
    const rows = await stores.rows('select card from feedback_event');
    const kept = rows.map(({ card }) => String(card));
    expect(new Set(kept).size).toBe(kept.length);
    expect(load.acknowledged.filter((card) => !kept.includes(card))).toEqual([]);
    expect(kept.filter((card) => !load.sent.has(card))).toEqual([]);
    expect(load.answered).toBeGreaterThanOrEqual(5 * BETWEEN_BLOWS);
  }

  it('fail no hook and lose no feedback while one is killed and the other restarted, without a retry by clients', async () => {
    settings = {};
    await Promise.all(ports.map(start));
    nginx = await Nginx.start(program!, ports);
    const { url } = nginx;
    const body = await hookOf(url);
    const load = new Load((path, sent) => post(url + path, sent), body, 1);
    await load.during(blows(load));
    await expectAllKept(load);
    await stopAll();
  }, 600_000);

  describe('whose clients sign', () => {
    let body = '';
    beforeAll(async () => {
      await stores.renew();
      const url = `http://127.0.0.1:${await freePort()}`;
      const clientAuth = { CLIENT_AUTH: 'required', CDS_CLIENTS: join(folder, 'clients.json'), PUBLIC_BASE_URL: url };
      settings = { ...clientAuth, RATE_LIMIT_PER_MINUTE: String(LIMIT) };
      await Promise.all(ports.map(start));
      body = await hookOf(`http://127.0.0.1:${one()}`, signed(ehr, '/cds-services'));
    }, 300_000);
    afterAll(stopAll);

    /** The value of the header; a token is good for one call of this address. */
    const signed = (client: SigningClient, path: string) => {
      const seconds = Math.floor(Date.now() / 1_000);
      return client.bearer({ aud: `${settings['PUBLIC_BASE_URL']}${path}`, iat: seconds, exp: seconds + 60 });
    };
    const discovered = async (port: number, Authorization: string) =>
      (await fetch(`http://127.0.0.1:${port}/cds-services`, { headers: { Authorization } })).status;
    const [one, two] = [() => ports[0], () => ports[1]];

    it('take a token at one of them alone', async () => {
      const token = signed(ehr, '/cds-services');
      expect([await discovered(one(), token), await discovered(two(), token)]).toEqual([200, 401]);
      const refusals = async () =>
        running
          .get(two())
          ?.logged()
          .filter(({ status }) => status === 401) ?? [];
      const [refusal] = await eventually(refusals, (found) => found.length > 0);
      expect(refusal).toMatchObject({ reason: 'replayed' });
    });

    it('know the card of one when its feedback comes to the other', async () => {
      const answer = await post(`http://127.0.0.1:${one()}${PATIENT_VIEW}`, body, {
        Authorization: signed(ehr, PATIENT_VIEW),
      });
      const card = (JSON.parse(answer.text) as CdsResponse).cards[0]!;
      const path = `${PATIENT_VIEW}/feedback`;
      const feedback = JSON.stringify({ feedback: [{ card: card.uuid, outcome: 'accepted' }] });
      const kept = await post(`http://127.0.0.1:${two()}${path}`, feedback, { Authorization: signed(ehr, path) });
      expect(kept.status).toBe(200);
      const join = 'select topic, outcome from feedback_event join issued_card on uuid = card';
      // Cards are written in the background.
      const rows = await eventually(
        async () => await stores.rows(join),
        (found) => found.length > 0,
      );
      expect(rows).toEqual([{ topic: card.source.topic?.code, outcome: 'accepted' }]);
    });

    it('count the calls of a client together, and no other client’s', async () => {
      await untilTheMinuteIsYoung();
      const call = (port: number) => discovered(port, signed(ehr, '/cds-services'));
      const atOne = await Promise.all(Array.from({ length: LIMIT / 2 }, () => call(one())));
      expect(new Set(atOne)).toEqual(new Set([200]));
      const atTwo: number[] = [];
      const isRefused = (status: number) => atTwo.push(status) > 0 && status === 429;
      await eventually(() => call(two()), isRefused);
      // Alone, it would take as many as the limit says, less what came before.
      expect(atTwo.length).toBeLessThan(LIMIT - 5);
      await eventually(() => call(one()), isRefused);
      expect(await discovered(one(), signed(other, '/cds-services'))).toBe(200);
    }, 120_000);

    it('fail no hook and lose no feedback when each call may be tried once more with a new token', async () => {
      settings = { ...settings, RATE_LIMIT_PER_MINUTE: '1000000' };
      await stopAll();
      await stores.renew();
      await Promise.all(ports.map(start));
      nginx = await Nginx.start(program!, ports, [['timeout non_idempotent;', 'timeout;']]);
      const { url } = nginx;
      const call = (path: string, sent: string) => post(url + path, sent, { Authorization: signed(ehr, path) });
      const load = new Load(call, body, 2);
      await load.during(blows(load));
      await expectAllKept(load);
    }, 600_000);
  });
});

/** The call of a chart about which there is something to say. */
async function hookOf(url: string, Authorization = ''): Promise<string> {
  const response = await fetch(`${url}/cds-services`, { headers: { Authorization } });
  // What discovery answers is checked elsewhere.
  const { services } = (await response.json()) as { services: CdsService[] };
  const service = services.find(({ hook }) => hook === 'patient-view')!;
  return JSON.stringify(patientView(service, kidneyPatient('p', { calcium: 7.4, phosphate: 6.2 }), NOW));
}

/** Asks until the answer is as wanted; the test's own time bounds it. */
async function eventually<Result>(ask: () => Promise<Result>, isWanted: (result: Result) => boolean): Promise<Result> {
  for (;;) {
    const result = await ask();
    if (isWanted(result)) return result;
    await new Promise((done) => setTimeout(done, 200));
  }
}

/** Counts begin anew with each minute of the clock. */
async function untilTheMinuteIsYoung(): Promise<void> {
  while (Date.now() % MINUTE > MINUTE / 3) await new Promise((done) => setTimeout(done, 200));
}
