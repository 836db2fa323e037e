import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LoopbackServers } from '../support/loopback-servers.js';
import { openServer, QUERY } from '../support/opened-gateway.js';

describe('over real connections', () => {
  let loopback: LoopbackServers;
  beforeEach(async () => {
    loopback = await LoopbackServers.open();
  });
  afterEach(() => loopback.close());

  it('all calls together keep the budget, and none is made after it', async () => {
    // What is done once in a process takes long, and is no part of the budget here.
    await openServer(await loopback.json(() => null)).search(QUERY);
    loopback.calls.length = 0;
    const server = openServer(await loopback.fhir(() => undefined), { budgetMs: 500, callMs: 1_000 });
    expect(await Promise.all([server.search(QUERY), server.read('Patient', 'p1')])).toEqual([
      { failure: 'timed-out' },
      { failure: 'timed-out' },
    ]);
    expect(await server.search('Condition?patient=p1')).toEqual({ failure: 'timed-out' });
    expect(loopback.calls).toHaveLength(2);
  });

  it('calls end when the hook is given up', async () => {
    const hook = new AbortController();
    const begin = performance.now();
    const server = openServer(
      await loopback.fhir(() => {
        hook.abort();
      }),
      {},
      hook.signal,
    );
    expect(await server.search(QUERY)).toEqual({ failure: 'timed-out' });
    expect(await server.search(QUERY)).toEqual({ failure: 'timed-out' });
    expect(performance.now() - begin).toBeLessThan(60_000);
    expect(loopback.calls).toHaveLength(1);
  });
});
