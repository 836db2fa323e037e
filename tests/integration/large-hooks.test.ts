import { request } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  closeServices,
  expectOutcome,
  PATIENT_VIEW,
  postJson,
  startService,
  type TestServiceParts,
} from '../support/http-service.js';
import { largeHooks } from '../support/large-hooks.js';
import { authOf, SigningClient } from '../support/signing-client.js';

const SPIN = { kind: 'spin' };
const ECHO = { kind: 'echo', value: { cards: [] } };
const ASK = { kind: 'ask', question: 'when?' };

const open: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  await closeServices();
  await Promise.all(open.splice(0).map(({ close }) => close()));
});

/** A service whose threads do what the body says. */
async function serviceWith(
  parts: { pool?: Parameters<typeof largeHooks>[0]; reply?: Parameters<typeof largeHooks>[1] },
  more: TestServiceParts = {},
) {
  const hooks = largeHooks(parts.pool, parts.reply);
  open.push(hooks);
  const service = await startService({ large: hooks.large, settings: { hookDeadlineMs: 60_000 }, ...more });
  return { ...service, ...hooks, stop: service.close };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Somebody who asks and is answered only when the test says so. */
function reluctant() {
  const waiting: ((reply: unknown) => void)[] = [];
  const reply = () => new Promise<unknown>((resolve) => void waiting.push(resolve));
  const asked = async () => {
    await until(() => waiting.length > 0);
  };
  return {
    reply,
    asked,
    release: () => {
      for (const resolve of waiting.splice(0)) resolve({ cards: [] });
    },
  };
}

async function refused(response: Response, words: string): Promise<void> {
  expect(response.headers.get('retry-after')).toBe('5');
  expect(await expectOutcome(response, 503, 'transient')).toBe(words);
}

describe('a large body', () => {
  it('that keeps its thread busy for too long is answered 503, and the next one 200', async () => {
    const service = await serviceWith({ pool: { busyMs: 300 } });
    await refused(await service.post(SPIN), 'The answer took too long.');
    expect(service.threadsEnded).toEqual(['too-busy']);
    expect((await service.post(ECHO)).status).toBe(200);
    expect(service.logged().map(({ msg, code }) => [msg, code])).toEqual([
      ['requestFailed', 'not-ready'],
      ['hookAnswered', undefined],
    ]);
  });

  it('that needs too much memory is answered 413, and the next one 200', async () => {
    const service = await serviceWith({ pool: { heapMB: 32 } });
    const response = await service.post({ kind: 'hoard' });
    expect(await expectOutcome(response, 413, 'too-long')).toBe('The request needs more memory than it may have.');
    expect(service.threadsEnded).toEqual(['out-of-memory']);
    expect((await service.post(ECHO)).status).toBe(200);
  });

  it('is answered 503 at once where too many wait, and those who wait are answered', async () => {
    const { reply, asked, release } = reluctant();
    const service = await serviceWith({ pool: { mostWaiting: 2 }, reply });
    const first = service.post(ASK);
    await asked();
    const five = Array.from({ length: 5 }, () => service.post(ECHO));
    const settled: number[] = [];
    for (const each of five) void each.then(({ status }) => settled.push(status));
    await until(() => settled.length === 3);
    expect(settled).toEqual([503, 503, 503]);
    release();
    const answers = await Promise.all(five);
    expect([(await first).status, ...answers.map(({ status }) => status).sort()]).toEqual([
      200, 200, 200, 503, 503, 503,
    ]);
    for (const answer of answers.filter(({ status }) => status === 503))
      await refused(answer, 'Too many large requests are waiting; try again later.');
  });

  it('is never begun when its client hangs up while it waits', async () => {
    const { reply, asked, release } = reluctant();
    const service = await serviceWith({ reply });
    const hangUp = new AbortController();
    const send = (job: object, signal: AbortSignal) =>
      fetch(`${service.url}/cds-services/${PATIENT_VIEW.id}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(job),
        signal,
      });
    const underWay = send(ASK, new AbortController().signal);
    await asked();
    const waiting = send({ kind: 'ask', question: 'never' }, hangUp.signal);
    const stopping = send({ kind: 'waitForStop' }, hangUp.signal);
    const last = service.post(ECHO);
    await until(() => service.taken.length === 4);
    hangUp.abort();
    await expect(waiting).rejects.toThrow();
    await expect(stopping).rejects.toThrow();
    await until(() => service.logged().filter(({ msg }) => msg === 'hookAbandoned').length === 2);
    release();
    expect([(await underWay).status, (await last).status]).toEqual([200, 200]);
    expect(service.asked).toEqual(['when?']);
  });

  it('under way is told when its client hangs up, and its thread is free for the next', async () => {
    const service = await serviceWith({});
    expect((await service.post(ECHO)).status).toBe(200);
    const body = JSON.stringify({ kind: 'waitForStop' });
    const sent = request(`${service.url}/cds-services/${PATIENT_VIEW.id}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Content-Length': body.length },
    });
    sent.on('error', () => undefined).end(body);
    await until(() => service.taken.length === 2);
    const next = service.post(ECHO);
    await until(() => service.taken.length === 3);
    sent.destroy();
    expect((await next).status).toBe(200);
    expect(service.logged().map(({ msg }) => msg)).toEqual(['hookAnswered', 'hookAbandoned', 'hookAnswered']);
    expect(service.threadsEnded).toEqual([]);
  });

  it('is on record with whom it asked about, also when its thread was ended or its client hung up', async () => {
    const about = (patientId: string) => ({ instance: 'abc', patientId });
    const service = await serviceWith({ pool: { busyMs: 300 } });
    expect((await service.post({ kind: 'note', value: about('p1') })).status).toBe(200);
    await refused(await service.post({ kind: 'noteAndSpin', value: about('p2') }), 'The answer took too long.');
    const hangUp = new AbortController();
    const sent = fetch(`${service.url}/cds-services/${PATIENT_VIEW.id}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ kind: 'noteAndAsk', value: about('p3') }),
      signal: hangUp.signal,
    });
    await until(() => service.asked.length === 1);
    hangUp.abort();
    await expect(sent).rejects.toThrow();
    await until(() => service.ended.length === 3);
    expect(service.ended.map(({ status, isAbandoned, asked }) => [status, isAbandoned, asked])).toEqual([
      [200, false, about('p1')],
      [503, false, about('p2')],
      [200, true, about('p3')],
    ]);
  });

  it('holds nobody up: discovery and health are answered while its thread is busy', async () => {
    const { reply, asked, release } = reluctant();
    const service = await serviceWith({ pool: { busyMs: 3_000 }, reply });
    const order: string[] = [];
    const spinning = service
      .post({ kind: 'busyAroundQuestion', before: 0, after: 60_000 })
      .then(() => order.push('large'));
    await asked();
    release();
    for (const path of ['/cds-services', '/health/live', '/health/ready', '/cds-services'])
      order.push(`${path} ${(await fetch(`${service.url}${path}`)).status}`);
    await spinning;
    expect(order).toEqual(['/cds-services 200', '/health/live 200', '/health/ready 200', '/cds-services 200', 'large']);
    expect(service.threadsEnded).toEqual(['too-busy']);
  });

  it('is answered when the service stops meanwhile', async () => {
    const { reply, asked, release } = reluctant();
    const service = await serviceWith({ reply });
    const answer = service.post(ASK);
    await asked();
    const stopped = service.stop();
    release();
    expect((await answer).status).toBe(200);
    await stopped;
  });

  it('is seen by no thread when its client is not trusted, or shows a token again', async () => {
    const client = await SigningClient.create('https://first.example.org');
    const service = await serviceWith({}, { auth: authOf([client.trusted()]) });
    const url = `${service.url}/cds-services/${PATIENT_VIEW.id}`;
    const post = (headers: Record<string, string> = {}) => postJson(url, JSON.stringify(ECHO), headers);
    const token = { Authorization: client.bearer() };
    await expectOutcome(await post(), 401, 'security');
    expect((await post(token)).status).toBe(200);
    await expectOutcome(await post(token), 401, 'security');
    expect([service.taken, service.logged().map(({ reason }) => reason)]).toEqual([
      ['echo'],
      ['no-token', undefined, 'replayed'],
    ]);
  });

  it('is refused for its length, its type and its service before any thread sees it', async () => {
    const service = await serviceWith({}, { settings: { maxBodyBytes: 1_000 } });
    const url = `${service.url}/cds-services/${PATIENT_VIEW.id}`;
    const tooLong = await service.post({ ...ASK, padding: 'x'.repeat(1_000) });
    await expectOutcome(tooLong, 413, 'too-long');
    await expectOutcome(await fetch(url, { method: 'POST', body: JSON.stringify(ASK) }), 415, 'not-supported');
    await expectOutcome(await service.post(ASK, 'no-such-service'), 404, 'not-found');
    expect(service.asked).toEqual([]);
  });
});
