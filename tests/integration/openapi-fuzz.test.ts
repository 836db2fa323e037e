import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { OpenApiDocument } from '../../src/http/openapi.js';
import { type ComposedService, patientView, startComposedService } from '../support/composed-service.js';
import { DescribedInterface } from '../support/described-interface.js';
import { valueOf } from '../support/from-schema.js';
import { mutated } from '../support/mutated.js';
import { type RawAnswer, rawRequest } from '../support/raw-request.js';
import { sampleRecord } from '../support/sample-record.js';

/** Requests of all properties together; FUZZ_RUNS asks for more, FUZZ_SEED for those of an earlier run. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 2_000);
const seed = process.env['FUZZ_SEED'] === undefined ? {} : { seed: Number(process.env['FUZZ_SEED']) };
const part = (share: number) => ({ numRuns: Math.ceil(RUNS * share), ...seed });

const JSON_TYPE = ['Content-Type', 'application/json'];
const VIEW = '/cds-services/renal-cramps-patient-view';

/** Not modified: that is what `If-None-Match: *` asks for. */
const UNCHANGED = 304;

/** Beside what the description names for an operation: nothing at the address, another method, no HTTP at all. */
const ANYWHERE = [400, 404, 405];

describe('fuzzing from the description of the interface', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
  let service: ComposedService;
  let document: OpenApiDocument;
  let described: DescribedInterface;
  beforeAll(async () => {
    service = await startComposedService(undefined, {
      DATABASE_URL: `file:${join(folder, 'feedback.db')}`,
      CORS_ORIGINS: 'https://ehr.example.org',
      MAX_BODY_BYTES: '200000',
      RATE_LIMIT_PER_MINUTE: '1000000000',
    });
    document = (await (await fetch(`${service.url}/openapi.json`)).json()) as OpenApiDocument;
    described = new DescribedInterface(document);
  });
  afterAll(async () => {
    await service.close();
    rmSync(folder, { recursive: true });
  });

  const post = (path: string, body: unknown) =>
    rawRequest(service.url, { method: 'POST', path, headers: JSON_TYPE, body: JSON.stringify(body) });

  /** No failure of ours, each refusal an OperationOutcome, and nothing that the description does not name. */
  function expectDescribed(answer: RawAnswer, path: string, method: 'get' | 'post', others: number[] = []): void {
    const operation = document.paths[path]?.[method];
    const statuses = Object.keys(operation?.responses ?? {}).map(Number);
    expect([...statuses, ...others].filter((status) => status < 500)).toContain(answer.status);
    if (answer.status >= 400) {
      expect(answer.type).toMatch(/^application\/fhir\+json(;|$)/);
      expect(described.complaints('OperationOutcome', JSON.parse(answer.body))).toEqual([]);
    } else if (path.startsWith('/cds-services/') && answer.status === 200 && answer.body !== '') {
      expect(described.complaints('Cards', JSON.parse(answer.body))).toEqual([]);
    }
  }

  /** Calls of every address that takes a body, with bodies made from those that are described. */
  function calls(made = (bodies: fc.Arbitrary<unknown>) => bodies): fc.Arbitrary<[string, unknown]> {
    const { paths, components } = document;
    const each = Object.entries(paths).flatMap(([path, { post: operation }]) => {
      const schema = operation?.requestBody?.content['application/json']?.schema;
      return schema ? [fc.tuple(fc.constant(path), made(valueOf(schema, components.schemas)))] : [];
    });
    return fc.oneof(...each);
  }

  it('takes every body that it describes', async () => {
    await fc.assert(
      fc.asyncProperty(calls(), async ([path, body]) => {
        const answer = await post(path, body);
        expect({ status: answer.status, body: answer.status === 400 ? answer.body : '' }).not.toMatchObject({
          status: 400,
        });
        expectDescribed(answer, path, 'post');
      }),
      part(0.2),
    );
  });

  it('answers bodies that are not quite what it describes', async () => {
    await fc.assert(
      fc.asyncProperty(calls(mutated), async ([path, body]) => {
        expectDescribed(await post(path, body), path, 'post');
      }),
      part(0.3),
    );
  });

  it('answers the chart of a patient with places of it broken', async () => {
    const { resources, now } = sampleRecord('sample-phosphate');
    const chart = patientView(service.services[0]!, resources, now);
    const statuses: number[] = [];
    await fc.assert(
      fc.asyncProperty(mutated(fc.constant(chart)), async (body) => {
        const answer = await post(VIEW, body);
        expectDescribed(answer, VIEW, 'post');
        statuses.push(answer.status);
      }),
      part(0.1),
    );
    // Most of a chart survives, else this would only try the door again.
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(statuses.length / 2);
  });

  it('answers any method, path and query', async () => {
    const segment = fc.oneof(
      fc.constantFrom(
        'cds-services',
        'renal-cramps-order-sign',
        'feedback',
        'summary',
        'health',
        '..',
        '%2e%2e',
        '%',
        '%00',
      ),
      fc.string({ unit: fc.constantFrom(...'abz019-._~%2f:@!$&()*+,;='.split('')), maxLength: 12 }),
    );
    const query = fc.array(
      fc.tuple(fc.webQueryParameters(), fc.constantFrom('by', 'since', 'until', '__proto__', 'a[b]')),
      {
        maxLength: 3,
      },
    );
    const target = fc.record({
      method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY'),
      path: fc.oneof(
        fc.constantFrom(...Object.keys(document.paths)),
        fc.array(segment, { maxLength: 5 }).map((segments) => `/${segments.join('/')}`),
      ),
      query,
    });
    await fc.assert(
      fc.asyncProperty(target, async ({ method, path, query: pairs }) => {
        const text = pairs.map(([value, name]) => `${name}=${value}`).join('&');
        const whole = pairs.length === 0 ? path : `${path}?${text}`;
        const answer = await rawRequest(service.url, { method, path: whole, headers: [] });
        if (method === 'OPTIONS' && answer.status === 204) return;
        const key = method.toLowerCase() === 'post' ? 'post' : 'get';
        expectDescribed(answer, path, key, [...ANYWHERE, 200, 308, 415]);
      }),
      part(0.2),
    );
  });

  it('answers any headers', async () => {
    const visible = fc.string({
      unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
      maxLength: 40,
    });
    const name = fc.oneof(
      fc.constantFrom(
        'Accept',
        'Authorization',
        'Content-Type',
        'Content-Encoding',
        'Cookie',
        'Expect',
        'Host',
        'If-None-Match',
      ),
      fc.constantFrom(
        'Origin',
        'Range',
        'Referer',
        'Upgrade',
        'User-Agent',
        'X-Forwarded-For',
        'X-HTTP-Method-Override',
      ),
      fc
        .stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,20}$/)
        .filter((text) => !/^(content-length|transfer-encoding|connection|trailer|te)$/i.test(text)),
    );
    const value = fc.oneof(
      visible,
      fc.constantFrom(
        'application/json',
        'application/json; charset=utf-16',
        'text/html',
        'gzip',
        'br',
        'gzip, gzip',
        'Bearer x.y.z',
      ),
      fc.constantFrom(
        '100-continue',
        '200-ok',
        'null',
        'https://ehr.example.org',
        'bytes=0-',
        '*',
        'websocket',
        'a\tb',
      ),
    );
    const call = fc.record({
      path: fc.constantFrom('/cds-services', VIEW, `${VIEW}/feedback`, '/feedback/summary'),
      headers: fc.array(fc.tuple(name, value), { maxLength: 6 }),
    });
    const { resources, now } = sampleRecord('sample-phosphate');
    const body = JSON.stringify(patientView(service.services[0]!, resources.slice(0, 3), now));
    await fc.assert(
      fc.asyncProperty(call, async ({ path, headers }) => {
        const method = path.startsWith(VIEW) ? 'POST' : 'GET';
        const answer = await rawRequest(service.url, {
          method,
          path,
          headers: headers.flat(),
          body: method === 'POST' ? body : '',
        });
        expectDescribed(answer, path, method === 'POST' ? 'post' : 'get', [UNCHANGED, 400]);
      }),
      part(0.2),
    );
  });
});
