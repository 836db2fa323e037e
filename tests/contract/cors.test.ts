import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { patientViewCall } from '../support/hook-requests.js';
import { closeServices, postJson, startService, type TestService } from '../support/http-service.js';

const LISTED = 'https://ehr.example.org';
const PATHS = ['/cds-services', '/cds-services/test-patient-view', '/cds-services/test-patient-view/feedback'];

describe('CDS Hooks, CORS', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startService({
      settings: { corsOrigins: [LISTED, 'http://localhost:8000'], rateLimitPerMinute: 3 },
    });
  });
  afterAll(closeServices);

  const preflight = (path: string, origin: string) =>
    fetch(service.url + path, {
      method: 'OPTIONS',
      headers: {
        Origin: origin,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'authorization,content-type',
      },
    });

  it.each(PATHS)('A12.87 lets a listed origin pass the preflight of %s', async (path) => {
    const response = await preflight(path, LISTED);
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe(LISTED);
    expect(response.headers.get('access-control-allow-headers')).toBe('Authorization, Content-Type');
    expect(response.headers.get('access-control-allow-methods')).toBe('GET, POST');
    expect(response.headers.get('access-control-allow-credentials')).toBeNull();
    expect(response.headers.get('vary')).toContain('Origin');
  });

  it.each(['https://evil.example.org', 'https://ehr.example.org.evil.org', 'null', 'https://EHR.example.org'])(
    'A12.87 never reflects the origin %s',
    async (origin) => {
      for (const path of PATHS) {
        const response = await preflight(path, origin);
        expect(response.headers.get('access-control-allow-origin')).toBeNull();
        expect(response.headers.get('access-control-allow-headers')).toBeNull();
      }
    },
  );

  it('A12.87 lets a listed origin read answers and refusals', async () => {
    const call = (body: string) =>
      postJson(`${service.url}/cds-services/test-patient-view`, body, { Origin: 'http://localhost:8000' });
    const answers = [await call(JSON.stringify(patientViewCall())), await call('{'), await call('{'), await call('{')];
    expect(answers.map((answer) => answer.status)).toEqual([200, 400, 400, 429]);
    for (const answer of answers) {
      expect(answer.headers.get('access-control-allow-origin')).toBe('http://localhost:8000');
      expect(answer.headers.get('access-control-expose-headers')).toBe('Retry-After');
    }
  });

  it('A12.87 lets a listed origin read the answer to its feedback, and no other origin', async () => {
    const open = await startService({ settings: { corsOrigins: [LISTED] } });
    const send = (origin: string) =>
      postJson(`${open.url}/cds-services/test-patient-view/feedback`, '{"feedback":[]}', { Origin: origin });
    const answer = await send(LISTED);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBe(LISTED);
    expect((await send('https://evil.example.org')).headers.get('access-control-allow-origin')).toBeNull();
  });

  it('A12.87 lets nobody in by default', async () => {
    const closed = await startService();
    const response = await fetch(`${closed.url}/cds-services`, { headers: { Origin: LISTED } });
    expect(response.status).toBe(200);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });
});
