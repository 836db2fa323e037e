import { afterEach, describe, expect, it } from '@jest/globals';
import { patientViewCall } from '../support/hook-requests.js';
import { closeServices, expectOutcome, startService } from '../support/http-service.js';

const CALLERS = 12;
const EACH_MS = 400;

afterEach(closeServices);

describe('a crowd of hooks that each keep the processor busy', () => {
  it('is answered as far as it can be in time, and the rest told at once to come back', async () => {
    let eachMs = 0;
    const service = await startService({
      advise: async () => {
        const end = performance.now() + eachMs;
        while (performance.now() < end);
        return { cards: [] };
      },
    });
    const crowd = () => Promise.all(Array.from({ length: CALLERS }, () => service.post(patientViewCall())));
    // Connections are kept: what is sent next is there at once.
    for (const each of await crowd()) expect([each.status, await each.text()]).toEqual([200, '{"cards":[]}']);
    eachMs = EACH_MS;
    const answers = await crowd();
    eachMs = 0;
    const refused = answers.filter(({ status }) => status !== 200);
    expect(answers.length - refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeGreaterThan(0);
    for (const answer of refused) {
      expect(answer.headers.get('retry-after')).toBe('5');
      expect(await expectOutcome(answer, 503, 'transient')).toBe('Too many requests at once; try again later.');
    }
    expect((await service.post(patientViewCall())).status).toBe(200);
    expect((await fetch(`${service.url}/cds-services`)).status).toBe(200);
  });
});
