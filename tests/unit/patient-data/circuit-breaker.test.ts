import { describe, expect, it } from '@jest/globals';
import { type CallHealth, CircuitBreaker, type JudgedCall } from '../../../src/patient-data/circuit-breaker.js';
import { gate } from '../../support/gate.js';

const never = () => new Promise<never>(() => {});

/** A breaker with a clock of its own. */
function breakerAt(time: { now: number }) {
  const told: boolean[] = [];
  const breaker = new CircuitBreaker(
    () => time.now,
    (isResting) => told.push(isResting),
  );
  let made = 0;
  const call = async (health: CallHealth, more: Partial<JudgedCall> = {}) => {
    const result = await breaker.run(() => {
      made += 1;
      time.now += 1;
      return Promise.resolve({ health, ...more });
    }, never);
    return result === undefined ? 'not made' : 'made';
  };
  const calls = async (count: number, health: CallHealth, more?: Partial<JudgedCall>) => {
    for (let index = 0; index < count; index += 1) await call(health, more);
  };
  return { breaker, call, calls, told, made: () => made };
}

describe('a circuit breaker', () => {
  it('makes no call after five failures, for ten seconds', async () => {
    const time = { now: 0 };
    const { call, calls, made } = breakerAt(time);
    await calls(5, 'failed');
    expect([await call('answered'), made()]).toEqual(['not made', 5]);
    time.now += 9_990;
    expect([await call('answered'), made()]).toEqual(['not made', 5]);
    time.now += 10;
    expect([await call('answered'), await call('answered'), made()]).toEqual(['made', 'made', 7]);
  });

  it.each([
    [30_000, 'made'],
    [29_999, 'not made'],
  ])('whose fifth failure comes %i ms after the first: the next call is %s', async (apart, outcome) => {
    const time = { now: 0 };
    const { call, calls } = breakerAt(time);
    await calls(4, 'failed');
    time.now = apart;
    await call('failed');
    expect(await call('answered')).toBe(outcome);
  });

  it('makes calls after four failures', async () => {
    const { call, calls } = breakerAt({ now: 0 });
    await calls(4, 'failed');
    expect(await call('answered')).toBe('made');
  });

  it('tells once when it leaves the server alone, and once when that has answered again', async () => {
    const time = { now: 0 };
    const { call, calls, told } = breakerAt(time);
    await call('answered');
    time.now += 1;
    await calls(4, 'failed');
    expect(told).toEqual([]);
    await call('failed');
    expect(told).toEqual([true]);
    time.now += 10_000;
    expect([await call('failed'), told]).toEqual(['made', [true]]);
    time.now += 10_000;
    expect([await call('answered'), await call('answered'), told]).toEqual(['made', 'made', [true, false]]);
  });

  it('goes on resting when the probe fails, however long ago the other failures are', async () => {
    const time = { now: 0 };
    const { call, calls } = breakerAt(time);
    await calls(5, 'failed', { restMs: 60_000 });
    time.now += 60_000;
    expect([await call('failed'), await call('answered')]).toEqual(['made', 'not made']);
  });

  it('counts from the start again after an answer', async () => {
    const { call, calls } = breakerAt({ now: 0 });
    await calls(4, 'failed');
    await call('answered');
    await calls(4, 'failed');
    expect(await call('answered')).toBe('made');
  });

  it('counts nothing of calls that were given up', async () => {
    const { call, calls } = breakerAt({ now: 0 });
    await calls(9, 'given-up');
    expect(await call('answered')).toBe('made');
  });

  it('does not count a failure while other calls were answered', async () => {
    const time = { now: 0 };
    const { breaker, call, calls } = breakerAt(time);
    await calls(4, 'failed');
    const slow = gate();
    const failing = breaker.run(async () => {
      await slow.opened;
      return { health: 'failed' };
    }, never);
    time.now += 1;
    await call('answered');
    await calls(4, 'failed');
    slow.pass();
    await failing;
    expect(await call('answered')).toBe('made');
  });

  it.each([
    ['as long as the server asked', 25_000, 25_000],
    ['a second at least', 0, 1_000],
    ['a minute at most', Infinity, 60_000],
  ])('leaves the server alone %s', async (_, restMs, expected) => {
    const time = { now: 0 };
    const { call, calls } = breakerAt(time);
    await calls(5, 'failed', { restMs });
    time.now = 5 + expected - 1;
    expect(await call('answered')).toBe('not made');
    time.now += 1;
    expect(await call('answered')).toBe('made');
  });

  it('goes on resting when the probe fails, and tries the next call when the probe was given up', async () => {
    const time = { now: 0 };
    const { call, calls } = breakerAt(time);
    await calls(5, 'failed');
    time.now += 10_000;
    expect([await call('failed'), await call('answered')]).toEqual(['made', 'not made']);
    time.now += 10_000;
    expect([await call('given-up'), await call('answered'), await call('answered')]).toEqual(['made', 'made', 'made']);
  });

  it.each<[CallHealth, string, number]>([
    ['answered', 'made', 8],
    ['failed', 'not made', 6],
  ])('lets other calls wait for the probe: when it is %s they are %s', async (health, outcome, total) => {
    const time = { now: 0 };
    const { breaker, call, calls, made } = breakerAt(time);
    await calls(5, 'failed');
    time.now += 10_000;
    const probing = gate();
    const probe = breaker.run(async () => {
      await probing.opened;
      return { health };
    }, never);
    const others = [call('answered'), call('answered')];
    expect(made()).toBe(5);
    probing.pass();
    await probe;
    expect([await Promise.all(others), made() + 1]).toEqual([[outcome, outcome], total]);
  });

  it('does not let a call wait longer for the probe than it can', async () => {
    const time = { now: 0 };
    const { breaker, calls } = breakerAt(time);
    await calls(5, 'failed');
    time.now += 10_000;
    const probing = gate();
    const probe = breaker.run(() => probing.opened.then(() => ({ health: 'answered' as const })), never);
    const waiting = breaker.run(
      () => Promise.resolve({ health: 'answered' as const }),
      () => Promise.resolve(),
    );
    expect(await waiting).toBeUndefined();
    probing.pass();
    expect(await probe).toEqual({ health: 'answered' });
  });
});
