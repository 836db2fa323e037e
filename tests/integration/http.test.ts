import { connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { gate } from '../support/gate.js';
import { AUTHORIZATION, patientViewCall } from '../support/hook-requests.js';
import { closeServices, expectOutcome, silence, startService } from '../support/http-service.js';

const EVALUATION_TIME = { 'org.renal-cramp-cds.evaluation-time': '2020-02-29T12:00:00+02:00' };

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });

afterEach(closeServices);

describe('the deadline', () => {
  it('answers 503 with Retry-After, aborts the work, and goes on', async () => {
    let isFirst = true;
    const advise = () => {
      if (!isFirst) return silence();
      isFirst = false;
      return new Promise<never>(() => {});
    };
    const service = await startService({ advise, settings: { hookDeadlineMs: 50 } });
    const response = await service.post(patientViewCall());
    expect(response.headers.get('retry-after')).toBe('5');
    expect(await expectOutcome(response, 503, 'transient')).toBe('The answer took too long.');
    expect(service.calls[0]?.call.signal.aborted).toBe(true);
    expect((await service.post(patientViewCall())).status).toBe(200);
  });

  it('survives work that fails after its deadline', async () => {
    const advise = async (_request: unknown, { signal }: { signal: AbortSignal }) => {
      await aborted(signal);
      throw new Error('too late');
    };
    const service = await startService({ advise, settings: { hookDeadlineMs: 20 } });
    await expectOutcome(await service.post(patientViewCall()), 503, 'transient');
    expect((await fetch(`${service.url}/health/live`)).status).toBe(200);
  });
});

describe('an answer', () => {
  it.each(['Calcium 7.8 mg/dL', 'Furosémide', 'µg', 'calcium ≥ 2.1', '骨化三醇', '🦴'])(
    'of %j comes whole, with its length in bytes',
    async (summary) => {
      const source = { label: 'Test' };
      const cards = [{ uuid: 'a', summary, detail: summary.repeat(2_000), indicator: 'info' as const, source }];
      const service = await startService({ advise: () => Promise.resolve({ cards }) });
      const response = await service.post(patientViewCall());
      const body = Buffer.from(await response.arrayBuffer());
      expect(body.toString('utf8')).toBe(JSON.stringify({ cards }));
      expect(response.headers.get('content-length')).toBe(String(body.length));
    },
  );
});

describe('a client that hangs up', () => {
  it('aborts the work and is logged as abandoned', async () => {
    const started = gate();
    const stopped = gate();
    const advise = async (_request: unknown, { signal }: { signal: AbortSignal }) => {
      started.pass();
      await aborted(signal);
      stopped.pass();
      return { cards: [] };
    };
    const service = await startService({ advise });
    const client = new AbortController();
    const call = fetch(`${service.url}/cds-services/test-patient-view`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(patientViewCall()),
      signal: client.signal,
    });
    await started.opened;
    client.abort();
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    await stopped.opened;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(service.calls[0]?.call.signal.reason).toMatchObject({ message: 'The client has gone.' });
    expect(service.logged().map(({ msg }) => msg)).toEqual(['hookAbandoned']);
    expect((await fetch(`${service.url}/cds-services`)).status).toBe(200);
  });

  it('within its body leaves the service alive', async () => {
    const service = await startService();
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
    const head = 'POST /cds-services/test-patient-view HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n';
    await new Promise((resolve) => socket.write(`${head}Content-Length: 500\r\n\r\n{"hook"`, resolve));
    await new Promise((resolve) => setTimeout(resolve, 20));
    socket.destroy();
    expect((await service.post(patientViewCall())).status).toBe(200);
    expect(service.calls).toHaveLength(1);
  });
});

describe('now', () => {
  const clock = () => new Date('2026-05-17T08:00:00Z');

  it('is the clock, whatever the request says', async () => {
    const service = await startService({ clock });
    await service.post(patientViewCall({ extension: EVALUATION_TIME }));
    expect(service.calls[0]?.call.now.toISOString()).toBe('2026-05-17T08:00:00.000Z');
  });

  it('is the evaluation time where that is allowed', async () => {
    const service = await startService({ clock, settings: { allowEvaluationTime: true } });
    await service.post(patientViewCall({ extension: EVALUATION_TIME }));
    await service.post(patientViewCall());
    expect(service.calls.map(({ call }) => call.now.toISOString())).toEqual([
      '2020-02-29T10:00:00.000Z',
      '2026-05-17T08:00:00.000Z',
    ]);
  });
});

describe('the rate limit', () => {
  it('answers 429 with Retry-After, but not to probes', async () => {
    const service = await startService({ settings: { rateLimitPerMinute: 2 } });
    const first = await service.post(patientViewCall());
    expect(first.headers.get('ratelimit')).toMatch(/^limit=2, remaining=1, reset=\d+$/);
    await service.post(patientViewCall());
    const response = await service.post(patientViewCall());
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(response.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    await expectOutcome(response, 429, 'throttled');
    expect(service.calls).toHaveLength(2);
    expect((await fetch(`${service.url}/health/live`)).status).toBe(200);
  });

  it('does not believe a forwarding header', async () => {
    const service = await startService({ settings: { rateLimitPerMinute: 1 } });
    const discover = (address: string) =>
      fetch(`${service.url}/cds-services`, { headers: { 'X-Forwarded-For': address } });
    expect((await discover('192.0.2.1')).status).toBe(200);
    await expectOutcome(await discover('192.0.2.2'), 429, 'throttled');
  });
});

describe('health', () => {
  it('is live before it is ready', async () => {
    let isReady = false;
    const service = await startService({ isReady: () => isReady });
    expect(await (await fetch(`${service.url}/health/live`)).json()).toEqual({ status: 'live' });
    const response = await fetch(`${service.url}/health/ready`);
    expect(response.headers.get('retry-after')).toBe('5');
    await expectOutcome(response, 503, 'transient');
    isReady = true;
    expect(await (await fetch(`${service.url}/health/ready`)).json()).toEqual({ status: 'ready' });
  });
});

describe('addresses', () => {
  it.each([
    ['DELETE', '/', 'GET, HEAD'],
    ['POST', '/health/live', 'GET, HEAD'],
    ['POST', '/health/ready', 'GET, HEAD'],
    ['POST', '/cds-services', 'GET, HEAD, OPTIONS'],
    ['PUT', '/cds-services/test-patient-view', 'POST, OPTIONS'],
    ['GET', '/cds-services/test-patient-view/feedback', 'POST, OPTIONS'],
    ['POST', '/feedback/summary', 'GET, HEAD'],
  ])('refuse %s %s with the methods allowed', async (method, path, allowed) => {
    const service = await startService();
    const response = await fetch(service.url + path, { method });
    expect(response.headers.get('allow')).toBe(allowed);
    await expectOutcome(response, 405, 'not-supported');
  });

  it.each(['/feedback', '/nothing', '/cds-services/a/b/c'])('are not found at %s', async (path) => {
    const service = await startService();
    await expectOutcome(await fetch(service.url + path, { method: 'POST' }), 404, 'not-found');
  });
});

describe('headers', () => {
  it('guard the answers and do not name the framework', async () => {
    const service = await startService();
    const { headers } = await service.post(patientViewCall());
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'",
    );
  });
});

describe('the log', () => {
  it('names service, counts and milliseconds, and nothing of the patient', async () => {
    const service = await startService();
    const body = patientViewCall({ fhirServer: 'https://canary.example.org', fhirAuthorization: AUTHORIZATION });
    await service.post({ ...body, prefetch: { patient: { name: 'canary' } } });
    expect(service.logged()).toEqual([
      {
        level: 30,
        time: expect.any(String),
        msg: 'hookAnswered',
        service: 'test-patient-view',
        instance: expect.stringMatching(/^[0-9a-f]{12}$/),
        cards: 0,
        ms: expect.any(Number),
      },
    ]);
    expect(JSON.stringify(service.logged())).not.toMatch(/canary|patient-1|d1577c69/);
  });

  it('says where an unexpected error came from, but not its message', async () => {
    const service = await startService({ advise: () => Promise.reject(new TypeError('canary\n    at canary')) });
    await service.post(patientViewCall());
    const [entry] = service.logged();
    expect(entry).toMatchObject({ msg: 'requestFailed', code: 'unexpected', status: 500, errors: ['TypeError'] });
    expect(entry?.['where']).toContainEqual(expect.stringMatching(/^at .*http\.test/));
    expect(entry?.['where']).not.toContainEqual(expect.not.stringMatching(/^at /));
    expect(JSON.stringify(entry)).not.toContain('canary');
  });

  it('names a refusal by its code', async () => {
    const service = await startService();
    await service.post({ hook: 'canary' });
    expect(service.logged()).toMatchObject([{ msg: 'requestFailed', code: 'malformed-request', status: 400 }]);
    expect(JSON.stringify(service.logged())).not.toContain('canary');
  });
});
