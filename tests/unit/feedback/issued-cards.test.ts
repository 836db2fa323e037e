import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { IssuedCards } from '../../../src/feedback/issued-cards.js';
import { cardRow } from '../../../src/feedback/rows.js';
import type { IssuedCardRow } from '../../../src/feedback/tables.js';
import { issuedCard } from '../../support/feedback-events.js';
import { gate } from '../../support/gate.js';

/** A store that keeps what it is given; it can be away. */
class Written {
  readonly batches: string[][] = [];
  readonly failures: { error: unknown; waiting: number; dropped: number }[] = [];
  isAway = false;
  readonly cards = new IssuedCards({
    write: async (rows) => this.write(rows),
    onFailure: (failure) => this.failures.push(failure),
  });

  async write(rows: readonly IssuedCardRow[]): Promise<void> {
    if (this.isAway) throw new Error('away');
    this.batches.push(rows.map(({ uuid }) => uuid));
  }

  sizes(): number[] {
    return this.batches.map(({ length }) => length);
  }
}

const rows = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => cardRow(issuedCard(String(from + index))));

describe('issued cards', () => {
  let store: Written;
  beforeEach(() => {
    jest.useFakeTimers();
    store = new Written();
  });
  afterEach(() => {
    jest.useRealTimers();
  });
  const later = (ms: number) => jest.advanceTimersByTimeAsync(ms);

  it('are written together, a quarter of a second after the first', async () => {
    store.cards.add(rows(1));
    await later(200);
    store.cards.add(rows(2, 1));
    await later(49);
    expect(store.batches).toEqual([]);
    await later(1);
    expect(store.batches).toEqual([['0', '1', '2']]);
    store.cards.add(rows(1, 3));
    await later(250);
    expect(store.batches).toEqual([['0', '1', '2'], ['3']]);
  });

  it('that are none start nothing', () => {
    store.cards.add([]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('are written five hundred at a time', async () => {
    store.cards.add(rows(1_001));
    await later(250);
    expect(store.sizes()).toEqual([500, 500, 1]);
    expect(store.batches[2]).toEqual(['1000']);
  });

  it('are written at once when they are needed, and only once', async () => {
    const written = gate();
    const slow: string[] = [];
    const cards = new IssuedCards({
      write: async (batch) => {
        await written.opened;
        slow.push(...batch.map(({ uuid }) => uuid));
      },
      onFailure: () => undefined,
    });
    cards.add(rows(2));
    const flushes = [cards.flush(), cards.flush()];
    written.pass();
    await Promise.all(flushes);
    expect(slow).toEqual(['0', '1']);
    cards.add(rows(1, 2));
    await cards.flush();
    expect(slow).toEqual(['0', '1', '2']);
  });

  it('wait their quarter of a second while others are written, but for whoever needs them', async () => {
    const gates = [gate(), gate(), gate()];
    const batches: string[][] = [];
    const cards = new IssuedCards({
      write: async (batch) => {
        const { opened } = gates[batches.push(batch.map(({ uuid }) => uuid)) - 1]!;
        await opened;
      },
      onFailure: () => undefined,
    });
    cards.add(rows(1));
    await later(250);
    cards.add(rows(1, 1));
    gates[0]!.pass();
    await later(249);
    expect(batches).toEqual([['0']]);
    await later(1);
    expect(batches).toEqual([['0'], ['1']]);
    cards.add(rows(1, 2));
    let isOnDisk = false;
    const flushes = [cards.flush(), cards.flush()].map(async (flush) => {
      await flush;
      isOnDisk = true;
    });
    gates[1]!.pass();
    await later(0);
    expect([batches, isOnDisk]).toEqual([[['0'], ['1'], ['2']], false]);
    gates[2]!.pass();
    await Promise.all(flushes);
    expect(batches).toHaveLength(3);
  });

  it('are tried for whoever needs them though the write before them fails', async () => {
    const written = gate();
    const batches: number[] = [];
    const cards = new IssuedCards({
      write: async (batch) => {
        batches.push(batch.length);
        if (batches.length > 1) return;
        await written.opened;
        throw new Error('away');
      },
      onFailure: () => undefined,
    });
    cards.add(rows(1));
    await later(250);
    cards.add(rows(1, 1));
    const flushes = [cards.flush(), cards.flush()];
    written.pass();
    await Promise.all(flushes);
    expect(batches).toEqual([1, 2]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('wait their quarter of a second again once a store that was away is back', async () => {
    store.isAway = true;
    store.cards.add(rows(1));
    await later(250);
    store.isAway = false;
    await store.cards.flush();
    store.cards.add(rows(1, 1));
    await later(250);
    expect(store.batches).toEqual([['0'], ['1']]);
  });

  it('that come during the last write are written too', async () => {
    const batches: string[][] = [];
    const cards = new IssuedCards({
      write: async (batch) => {
        batches.push(batch.map(({ uuid }) => uuid));
        if (batches.length === 1) cards.add(rows(1, 1));
      },
      onFailure: () => undefined,
    });
    cards.add(rows(1));
    await cards.close();
    expect(batches).toEqual([['0'], ['1']]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('wait in their order while the store is away, and are tried again every five seconds', async () => {
    store.isAway = true;
    store.cards.add(rows(2));
    await later(250);
    expect(store.failures).toEqual([{ error: expect.any(Error), waiting: 2, dropped: 0 }]);
    store.cards.add(rows(1, 2));
    await later(4_999);
    expect(store.failures).toHaveLength(1);
    await later(1);
    expect(store.failures).toMatchObject([{ waiting: 2 }, { waiting: 3 }]);
    store.isAway = false;
    await later(5_000);
    expect(store.batches).toEqual([['0', '1', '2']]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('are refused to whoever needs them while the store is away', async () => {
    store.isAway = true;
    store.cards.add(rows(1));
    await expect(store.cards.flush()).rejects.toThrow('away');
    expect(store.failures).toEqual([]);
    store.isAway = false;
    await store.cards.flush();
    expect(store.batches).toEqual([['0']]);
  });

  it('are given up from the oldest on when more than twenty thousand wait, and that is told once', async () => {
    store.isAway = true;
    store.cards.add(rows(20_000));
    await later(250);
    store.cards.add(rows(3, 20_000));
    await later(5_000);
    await later(5_000);
    expect(store.failures).toMatchObject([
      { waiting: 20_000, dropped: 0 },
      { waiting: 20_000, dropped: 3 },
      { waiting: 20_000, dropped: 0 },
    ]);
    store.isAway = false;
    await store.cards.flush();
    expect(store.batches.flat()).toHaveLength(20_000);
    expect([store.batches[0]?.[0], store.batches.at(-1)?.at(-1)]).toEqual(['3', '20002']);
  });

  it('are given up too when those that come while others are written make too many', async () => {
    const written = gate();
    const failures: { waiting: number; dropped: number }[] = [];
    const cards = new IssuedCards({
      write: async () => {
        await written.opened;
        throw new Error('away');
      },
      onFailure: ({ waiting, dropped }) => failures.push({ waiting, dropped }),
    });
    cards.add(rows(20_000));
    await later(250);
    cards.add(rows(500, 20_000));
    written.pass();
    await later(0);
    expect(failures).toEqual([{ waiting: 20_000, dropped: 500 }]);
  });

  it('are written a last time at the end, and nothing goes on afterwards', async () => {
    store.cards.add(rows(1));
    await store.cards.close();
    expect(store.batches).toEqual([['0']]);
    expect(jest.getTimerCount()).toBe(0);
    store.isAway = true;
    store.cards.add(rows(1, 1));
    await store.cards.close();
    expect(store.failures).toMatchObject([{ waiting: 1 }]);
    expect(jest.getTimerCount()).toBe(0);
  });
});
