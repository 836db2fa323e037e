import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Card, CdsService } from '../../src/cds-hooks.js';
import type { OpenApiDocument } from '../../src/http/openapi.js';
import { limitsBroken } from '../support/card-limits.js';
import { DescribedInterface } from '../support/described-interface.js';
import { type FuzzedRequest, fuzzedRequests } from '../support/fuzzed-requests.js';
import { KeepAliveClient, type KeptAnswer } from '../support/keep-alive-client.js';
import { IS_BUILT, ServiceProcess } from '../support/service-process.js';

/** Requests in all, half of them new each time: 20,000 in CI. */
const REQUESTS = Number(process.env['HOOK_FUZZ_REQUESTS'] ?? (process.env['CI'] === 'true' ? 20_000 : 2_000));
const AT_ONCE = 10;
const FIXED_SEED = 20261125;
const freshSeed = Number(process.env['HOOK_FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const BASE_URL = 'https://cds.example.org';
const describeWhenBuilt = IS_BUILT ? describe : describe.skip;

describeWhenBuilt('a running service, asked by mutated requests', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hook-fuzz-'));
  const statuses = new Map<number, number>();
  let service: ServiceProcess;
  let client: KeepAliveClient;
  let services: CdsService[];
  let described: DescribedInterface;
  beforeAll(async () => {
    service = await ServiceProcess.start({
      DATABASE_URL: `file:${join(folder, 'feedback.db')}`,
      DEMO: 'on',
      HOOK_DEADLINE_MS: '60000',
      PUBLIC_BASE_URL: BASE_URL,
      RATE_LIMIT_PER_MINUTE: '1000000000',
    });
    client = new KeepAliveClient(service.url);
    // The shapes are what other tests check.
    ({ services } = (await (await fetch(`${service.url}/cds-services`)).json()) as { services: CdsService[] });
    described = new DescribedInterface((await (await fetch(`${service.url}/openapi.json`)).json()) as OpenApiDocument);
  });
  afterAll(async () => {
    client.close();
    await service.stop();
    rmSync(folder, { recursive: true });
  });

  /** What is wrong with an answer, whatever was asked; empty when nothing is. */
  function complaints({ path }: FuzzedRequest, answer: KeptAnswer): string[] {
    const { status, type, retryAfter, body } = answer;
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    if (status === 429 || status === 503)
      return retryAfter === undefined ? [`${String(status)} without Retry-After`] : [];
    if (status >= 500) return [`${String(status)} ${body}`];
    if (status >= 400)
      return [...(/^application\/fhir\+json(;|$)/.test(type) ? [] : [type]), ...outcomeComplaints(body)];
    if (status !== 200) return [`the status ${String(status)}`];
    if (path.endsWith('/feedback')) return body === '' ? [] : ['an answer to feedback with a body'];
    const { cards } = JSON.parse(body) as { cards: Card[] };
    const rules = cards.flatMap(({ detail = '' }) => /^.*A check could not be run.*$/m.exec(detail) ?? []);
    return [...described.complaints('Cards', { cards }), ...limitsBroken(cards, BASE_URL), ...rules];
  }

  function outcomeComplaints(body: string): string[] {
    const leak = /node_modules|\.[jt]s:\d| at .*\(|ZodError|TypeError|SyntaxError|somebody-else|evil\.example/.exec(
      body,
    );
    return [...described.complaints('OperationOutcome', JSON.parse(body)), ...(leak ? [`leaks ${leak[0]}`] : [])];
  }

  it.each([
    ['of a fixed seed', FIXED_SEED],
    [`of a new seed, ${String(freshSeed)}`, freshSeed],
  ])(
    'answers each %s as the interface says, and goes on',
    async (_name, seed) => {
      const asked = fc.array(fuzzedRequests(services), { minLength: AT_ONCE, maxLength: AT_ONCE });
      await fc.assert(
        fc.asyncProperty(asked, async (requests) => {
          const answers = await Promise.all(requests.map(({ path, body }) => client.post(path, body)));
          expect(requests.flatMap((request, index) => complaints(request, answers[index]!))).toEqual([]);
        }),
        { numRuns: Math.ceil(REQUESTS / 2 / AT_ONCE), seed },
      );
      expect((await service.openChart()).cards).toHaveLength(1);
    },
    900_000,
  );

  it('has neither failed nor let a rule fail, and was asked enough that was no mere refusal', () => {
    const failures = service.logged().filter(({ msg, status }) => msg === 'libraryFailed' || Number(status) === 500);
    expect(failures).toEqual([]);
    const counts = [...statuses].sort().map(([status, count]) => `${String(count)} of ${String(status)}`);
    process.stdout.write(`hook-fuzz: seeds ${String(FIXED_SEED)} and ${String(freshSeed)}, ${counts.join(', ')}\n`);
    const total = [...statuses.values()].reduce((sum, count) => sum + count, 0);
    expect(statuses.get(200) ?? 0).toBeGreaterThan(total / 3);
  });
});
