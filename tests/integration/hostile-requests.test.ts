import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { patientViewCall, withContext } from '../support/hook-requests.js';
import {
  closeServices,
  type Body,
  expectOutcome,
  postJson,
  startService,
  type TestService,
} from '../support/http-service.js';

const MAX_BYTES = 20_000;

/** A correct call whose prefetch nests arrays so that the body is `depth` levels deep. */
function nested(depth: number): string {
  // The body, prefetch and the value make three levels.
  const value = '['.repeat(depth - 2) + ']'.repeat(depth - 2);
  return JSON.stringify(patientViewCall({ prefetch: { deep: 'HERE' } })).replace('"HERE"', value);
}

/** A correct call of exactly `bytes` bytes. */
function sized(bytes: number): string {
  const empty = JSON.stringify(patientViewCall({ padding: '' })).length;
  return JSON.stringify(patientViewCall({ padding: 'x'.repeat(bytes - empty) }));
}

describe('hostile requests', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startService({ settings: { maxBodyBytes: MAX_BYTES } });
  });
  afterAll(closeServices);
  beforeEach(() => {
    service.calls.length = 0;
  });
  afterEach(async () => {
    expect((await service.post(patientViewCall())).status).toBe(200);
  });

  const send = (body: Body, headers?: Record<string, string>) =>
    postJson(`${service.url}/cds-services/test-patient-view`, body, headers);

  async function expectRefusal(response: Response, status: number, code: string, text: string): Promise<void> {
    expect(await expectOutcome(response, status, code)).toContain(text);
    expect(service.calls).toEqual([]);
  }

  it.each<[number, string, unknown, string]>([
    [1, 'an empty hook', patientViewCall({ hook: '' }), ': hook.'],
    [2, 'no hookInstance', patientViewCall({ hookInstance: undefined }), ': hookInstance.'],
    [3, 'no context', patientViewCall({ context: undefined }), ': context.'],
    [4, 'a patientId with a slash', withContext({ patientId: 'a/b' }), ': context.patientId.'],
    [5, 'a patientId of 65 characters', withContext({ patientId: 'a'.repeat(65) }), ': context.patientId.'],
    [6, 'a userId that is no reference', withContext({ userId: 'Dr Canary' }), ': context.userId.'],
    [7, 'a JSON array', [patientViewCall()], 'The body must be a JSON object.'],
  ])('%i: %s is 400', async (_case, _name, body, text) => {
    await expectRefusal(await service.post(body), 400, 'invalid', text);
  });

  it('8: a body cut at byte 100 is 400', async () => {
    await expectRefusal(await send(JSON.stringify(patientViewCall()).slice(0, 100)), 400, 'invalid', 'is not JSON');
  });

  it.each(['application/x-ndjson', 'text/plain', 'application/json; charset=utf-16', 'application/jsonp', 'x'])(
    '9: the media type %s is 415',
    async (type) => {
      const response = await send(JSON.stringify(patientViewCall()), { 'Content-Type': type });
      await expectRefusal(response, 415, 'not-supported', 'application/json');
    },
  );

  it.each(['application/json', 'application/fhir+json; fhirVersion=4.0', 'APPLICATION/JSON; Charset="UTF-8"'])(
    '9: the media type %s is accepted',
    async (type) => {
      expect((await send(JSON.stringify(patientViewCall()), { 'Content-Type': type })).status).toBe(200);
    },
  );

  it('10: a body of the limit is accepted, one byte more is 413', async () => {
    expect((await send(sized(MAX_BYTES))).status).toBe(200);
    service.calls.length = 0;
    await expectRefusal(await send(sized(MAX_BYTES + 1)), 413, 'too-long', 'larger than this service accepts');
  });

  it('10: a body of unknown length over the limit is 413', async () => {
    const chunk = new TextEncoder().encode('x'.repeat(8_000));
    const stream = new ReadableStream({
      start: (controller) => {
        for (let count = 0; count < 10; count += 1) controller.enqueue(chunk);
        controller.close();
      },
    });
    const options = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: stream, duplex: 'half' };
    const response = await fetch(`${service.url}/cds-services/test-patient-view`, options as RequestInit);
    await expectRefusal(response, 413, 'too-long', 'larger than this service accepts');
  });

  it('10: a gzip body counts unpacked', async () => {
    const gzip = { 'Content-Encoding': 'gzip' };
    expect((await send(gzipSync(sized(MAX_BYTES)), gzip)).status).toBe(200);
    service.calls.length = 0;
    const bomb = gzipSync(Buffer.alloc(10_000_000, ' '));
    expect(bomb.length).toBeLessThan(MAX_BYTES);
    await expectRefusal(await send(bomb, gzip), 413, 'too-long', 'larger than this service accepts');
  });

  it('10: an encoding that is unknown is 415, broken gzip is 400', async () => {
    await expectRefusal(await send('{}', { 'Content-Encoding': 'snappy' }), 415, 'not-supported', 'gzip');
    await expectRefusal(await send('{}', { 'Content-Encoding': 'gzip' }), 400, 'invalid', 'to its end');
  });

  it('11: depth 64 is accepted, depth 65 is 400', async () => {
    expect((await send(nested(64))).status).toBe(200);
    service.calls.length = 0;
    await expectRefusal(await send(nested(65)), 400, 'invalid', 'deeper than 64');
  });

  it('11: brackets in text are not depth', async () => {
    const prefetch = { text: `${'[{'.repeat(100)}\\"${'['.repeat(100)}` };
    expect((await service.post(patientViewCall({ prefetch }))).status).toBe(200);
    expect(service.calls[0]?.request.prefetch).toEqual(prefetch);
  });

  it('12: depth 1,000,000 is 400 at once', async () => {
    const wide = await startService({ settings: { maxBodyBytes: 10_000_000 } });
    const body = `{"a":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`;
    const startedAt = performance.now();
    const response = await postJson(`${wide.url}/cds-services/test-patient-view`, body);
    await expectRefusal(response, 400, 'invalid', 'deeper than 64');
    expect(performance.now() - startedAt).toBeLessThan(60_000);
  });

  it.each([
    ['names', (count: number) => `{${Array.from({ length: count }, (_, index) => `"${index}":0`).join()}}`],
    ['items', (count: number) => `[${Array(count).fill('0').join()}]`],
  ])('100,000 %s in one place are read, one more is 413 before anything is made of them', async (_what, text) => {
    const wide = await startService({ settings: { maxBodyBytes: 10_000_000 } });
    const body = (count: number) =>
      JSON.stringify(patientViewCall({ prefetch: { a: 'HERE' } })).replace('"HERE"', text(count));
    const post = (count: number) => postJson(`${wide.url}/cds-services/test-patient-view`, body(count));
    expect((await post(100_000)).status).toBe(200);
    await expectRefusal(await post(100_001), 413, 'too-long', 'more than 100000 members');
  });

  it.each([
    ['/cds-services/test-patient-view', 'http://h/'],
    ['/cds-services/test-patient-view', `http://h/${'/'.repeat(10_000)}x`],
  ])('a fhirServer of any length is answered at once', async (path, fhirServer) => {
    const response = await postJson(`${service.url}${path}`, JSON.stringify(patientViewCall({ fhirServer })));
    expect(response.status).toBe(fhirServer.length > 2_048 ? 400 : 200);
  });

  it('13: __proto__ in prefetch is removed and pollutes nothing', async () => {
    const polluting = '"__proto__":{"canary":1}';
    const body = JSON.stringify(patientViewCall({ prefetch: { a: 1 } })).replace(
      '"a":1',
      `"a":{"b":2,${polluting}},${polluting}`,
    );
    expect((await send(body)).status).toBe(200);
    const prefetch = service.calls[0]?.request.prefetch ?? {};
    expect(Object.keys(prefetch)).toEqual(['a']);
    expect(Object.keys(prefetch['a'] ?? {})).toEqual(['b']);
    expect(prefetch['canary']).toBeUndefined();
    expect(({} as Record<string, unknown>)['canary']).toBeUndefined();
  });

  it('14: a key constructor that carries a prototype is removed', async () => {
    const prefetch = { a: 1, constructor: { prototype: { canary: 1 } } };
    expect((await service.post(patientViewCall({ prefetch, constructor: 7 }))).status).toBe(200);
    expect(Object.keys(service.calls[0]?.request.prefetch ?? {})).toEqual(['a']);
    expect(({} as Record<string, unknown>)['canary']).toBeUndefined();
  });

  it('15: a prefetch key that is not in the templates is handed on', async () => {
    expect((await service.post(patientViewCall({ prefetch: { 'labs-user': null } }))).status).toBe(200);
    expect(service.calls[0]?.request.prefetch).toEqual({ 'labs-user': null });
  });

  it.each([
    ['an empty body', ''],
    ['a body that is not UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22])],
    ['NaN', 'NaN'],
    ['two values', '{}{}'],
  ])('%s is 400', async (_name, body) => {
    await expectRefusal(await send(body), 400, 'invalid', 'The body is');
  });

  it('a path that cannot be decoded is 400', async () => {
    await expectRefusal(await fetch(`${service.url}/cds-services/%E0%A4%A`), 400, 'invalid', 'path');
  });
});
