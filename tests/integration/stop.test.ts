import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DATABASE_KINDS, TestStores } from '../support/feedback-databases.js';
import { FaultServer, silent } from '../support/fault-server.js';
import { expectOutcome } from '../support/http-service.js';
import { kidneyPatient } from '../support/kidney-patient.js';
import { IS_BUILT, ServiceProcess } from '../support/service-process.js';

const describeWhenBuilt = IS_BUILT ? describe : describe.skip;
const [libsql] = DATABASE_KINDS;
const TERMS = 20;
const CLIENTS = 6;

let stores: TestStores;
let service: ServiceProcess | undefined;
beforeAll(async () => {
  stores = new TestStores(await libsql!.open());
});
afterEach(async () => {
  await service?.stop('SIGKILL');
  service = undefined;
});
afterAll(() => stores.end());

async function start(settings: Record<string, string> = {}): Promise<ServiceProcess> {
  await stores.renew();
  service = await ServiceProcess.start({ DATABASE_URL: stores.url, ...settings });
  return service;
}

const port = ({ url }: ServiceProcess) => Number(new URL(url).port);

/** A hook whose FHIR server does not answer, so that it is under way for as long as the budget lasts. */
function callOf(fhirServer: string): RequestInit {
  const body = {
    hook: 'patient-view',
    hookInstance: 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea',
    fhirServer,
    context: { userId: 'Practitioner/example', patientId: 'p' },
  };
  return { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}

async function waitFor(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 10));
}

const isRefused = (opened: ServiceProcess) =>
  fetch(`${opened.url}/health/live`).then(
    () => false,
    () => true,
  );

/** One request on a connection that is kept; answers status and whether the server means to close it. */
async function ask(socket: Socket, path: string): Promise<{ status: number; body: string }> {
  socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
  const [data] = (await once(socket, 'data')) as [Buffer];
  const text = data.toString();
  return { status: Number(text.split(' ')[1]), body: text.split('\r\n\r\n')[1] ?? '' };
}

describeWhenBuilt('a service that is told to stop', () => {
  it('is ready before, says 503 at once, answers what comes in the delay, then accepts nothing and ends with 0', async () => {
    const stopped = await start({ STOP_DELAY_MS: '1500' });
    expect((await fetch(`${stopped.url}/health/ready`)).status).toBe(200);
    const ended = stopped.stop('SIGTERM');
    await waitFor(async () => (await fetch(`${stopped.url}/health/ready`)).status !== 200);
    await expectOutcome(await fetch(`${stopped.url}/health/ready`), 503, 'transient');
    expect((await fetch(`${stopped.url}/health/live`)).status).toBe(200);
    expect((await stopped.openChart()).status).toBe(200);
    await waitFor(() => isRefused(stopped));
    expect(await ended).toBe(0);
    const events = stopped.logged().map(({ msg }) => msg);
    expect(events.slice(-1)).toEqual(['stopped']);
    expect(events).toContain('stopping');
  });

  it('answers a hook that is under way, and is not ready on a connection that was there', async () => {
    const fhir = await FaultServer.open(kidneyPatient('p', { calcium: 7.4 }));
    fhir.answer(/./, silent);
    const stopped = await start({ FHIR_SERVERS: fhir.url, FHIR_BUDGET_MS: '2000' });
    const socket = connect(port(stopped), '127.0.0.1');
    expect((await ask(socket, '/health/ready')).status).toBe(200);
    const answer = fetch(`${stopped.url}/cds-services/renal-cramps-patient-view`, callOf(fhir.url));
    await waitFor(() => fhir.calls.length > 0);
    const ready = new Promise<number>((resolve) => {
      socket.once('data', (data: Buffer) => {
        resolve(Number(data.toString().split(' ')[1]));
      });
    });
    // The head only: a connection on which a request has begun is no idle one.
    socket.write('GET /health/ready HTTP/1.1\r\n');
    await new Promise((resolve) => setTimeout(resolve, 50));
    const ended = stopped.stop('SIGTERM');
    await waitFor(() => isRefused(stopped));
    socket.write('Host: a\r\n\r\n');
    expect(await ready).toBe(503);
    await expectOutcome(await answer, 412, 'incomplete');
    expect(await ended).toBe(0);
    await fhir.close();
  });

  it('ends at once at a second signal, though a hook is under way', async () => {
    const fhir = await FaultServer.open([]);
    fhir.answer(/./, silent);
    const times = { FHIR_BUDGET_MS: '60000', HOOK_DEADLINE_MS: '60000' };
    const stopped = await start({ FHIR_SERVERS: fhir.url, ...times });
    const broken = fetch(`${stopped.url}/cds-services/renal-cramps-patient-view`, callOf(fhir.url)).catch(() => 'cut');
    await waitFor(() => fhir.calls.length > 0);
    stopped.signal('SIGTERM');
    await waitFor(() => isRefused(stopped));
    expect(await stopped.stop('SIGTERM')).toBe(1);
    expect(await broken).toBe('cut');
    expect(stopped.logged().at(-1)).toMatchObject({ msg: 'stopped', reason: 'second signal' });
    await fhir.close();
  });

  it('cuts a hook that takes longer than 10 s, and still closes the store and ends with 0', async () => {
    const fhir = await FaultServer.open([]);
    fhir.answer(/./, silent);
    const times = { FHIR_BUDGET_MS: '60000', HOOK_DEADLINE_MS: '60000' };
    const stopped = await start({ FHIR_SERVERS: fhir.url, ...times });
    const { cards } = await stopped.openChart();
    const broken = fetch(`${stopped.url}/cds-services/renal-cramps-patient-view`, callOf(fhir.url)).catch(() => 'cut');
    await waitFor(() => fhir.calls.length > 0);
    expect(await stopped.stop('SIGTERM')).toBe(0);
    expect(await broken).toBe('cut');
    expect(await stores.rows('select uuid from issued_card')).toEqual([{ uuid: cards[0]!.uuid }]);
    await fhir.close();
  });

  it(`breaks no answer in ${TERMS} stops under load, and loses no feedback`, async () => {
    await stores.renew();
    let [answered, longest] = [0, 0];
    const refused: number[] = [];
    const kept: string[] = [];
    for (let round = 0; round < TERMS; round += 1) {
      const running = await ServiceProcess.start({ DATABASE_URL: stores.url });
      service = running;
      const enough = answered + 30;
      const before = answered;
      const clients = Array.from({ length: CLIENTS }, () => client(running, refused, kept, () => (answered += 1)));
      await waitFor(() => answered >= enough);
      const toldAt = performance.now();
      expect(await running.stop('SIGTERM')).toBe(0);
      longest = Math.max(longest, performance.now() - toldAt);
      await Promise.all(clients);
      // Every hook the service has begun was answered, and every answer has arrived.
      const ends = running.logged().filter(({ msg }) => /^hook/.test(String(msg)));
      expect(ends.map(({ msg }) => msg)).toEqual(Array.from({ length: answered - before }, () => 'hookAnswered'));
    }
    process.stderr.write(
      `stops under load: ${TERMS}, ${answered} answers, none broken, longest ${Math.round(longest)} ms\n`,
    );
    expect(refused).toEqual([]);
    const rows = await stores.rows('select card from feedback_event');
    const found = new Set(rows.map(({ card }) => card));
    expect(kept.filter((card) => !found.has(card))).toEqual([]);
  }, 600_000);
});

/** Opens charts and reports on their cards until no connection is accepted any more. */
async function client(running: ServiceProcess, refused: number[], kept: string[], onAnswer: () => void): Promise<void> {
  for (;;) {
    try {
      const { status, cards } = await running.openChart();
      onAnswer();
      if (status !== 200) refused.push(status);
      const card = cards[0]?.uuid ?? '';
      const { status: reported } = await running.sendFeedback({ card, outcome: 'accepted' });
      if (reported === 200) kept.push(card);
      else refused.push(reported);
    } catch {
      return;
    }
  }
}
