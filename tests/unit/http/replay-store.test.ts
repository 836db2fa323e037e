import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { replaysInMemory, sharedReplays } from '../../../src/http/replay-store.js';

const START = new Date('2026-11-22T08:00:00Z').getTime();
const at = (seconds: number) => new Date(START + seconds * 1_000);

function storeAt(mostPerIssuer?: number) {
  let seconds = 0;
  const store = replaysInMemory({
    clock: () => at(seconds),
    ...(mostPerIssuer === undefined ? {} : { mostPerIssuer }),
  });
  return { store, pass: (more: number) => void (seconds += more) };
}

describe('replaysInMemory', () => {
  it('takes an id once, and again when its time has passed', async () => {
    const { store, pass } = storeAt();
    expect(await store.use('a', 'id', at(360))).toBe(true);
    pass(359);
    expect(await store.use('a', 'id', at(700))).toBe(false);
    pass(1);
    expect(await store.use('a', 'id', at(700))).toBe(true);
  });

  it('keeps the ids of issuers apart', async () => {
    const { store } = storeAt();
    expect(await store.use('a', 'id', at(360))).toBe(true);
    expect(await store.use('b', 'id', at(360))).toBe(true);
  });

  it('takes nothing more from an issuer whose place is full, until some of its ids have expired', async () => {
    const { store, pass } = storeAt(2);
    expect([await store.use('a', '1', at(10)), await store.use('a', '2', at(20))]).toEqual([true, true]);
    await expect(store.use('a', '3', at(20))).rejects.toMatchObject({ code: 'not-ready' });
    expect(await store.use('a', '1', at(20))).toBe(false);
    expect(await store.use('b', '3', at(20))).toBe(true);
    pass(10);
    expect(await store.use('a', '3', at(20))).toBe(true);
  });

  it('agrees with a list of everything that was ever used', async () => {
    const use = fc.record({
      issuer: fc.constantFrom('a', 'b'),
      jti: fc.constantFrom('1', '2', '3'),
      lives: fc.integer({ min: 1, max: 200 }),
      passes: fc.integer({ min: 0, max: 100 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(use, { maxLength: 60 }), async (uses) => {
        const { store, pass } = storeAt();
        const taken: { issuer: string; jti: string; until: number }[] = [];
        let now = 0;
        for (const { issuer, jti, lives, passes } of uses) {
          const isUsed = taken.some((each) => each.issuer === issuer && each.jti === jti && each.until > now);
          expect(await store.use(issuer, jti, at(now + lives))).toBe(!isUsed);
          if (!isUsed) taken.push({ issuer, jti, until: now + lives });
          now += passes;
          pass(passes);
        }
      }),
    );
  });
});

describe('sharedReplays', () => {
  /** What instances share; it can be away. */
  function shared() {
    const used = new Set<string>();
    const tokens = {
      isAway: false,
      asked: 0,
      use: async (issuer: string, jti: string) => {
        tokens.asked += 1;
        if (tokens.isAway) return undefined;
        const isNew = !used.has(`${issuer} ${jti}`);
        used.add(`${issuer} ${jti}`);
        return isNew;
      },
    };
    return tokens;
  }

  it('takes a token once at all instances', async () => {
    const tokens = shared();
    const [one, other] = [sharedReplays(storeAt().store, tokens), sharedReplays(storeAt().store, tokens)];
    expect([await one.use('a', 'id', at(360)), await other.use('a', 'id', at(360))]).toEqual([true, false]);
    expect(await other.use('a', 'other id', at(360))).toBe(true);
  });

  it('asks the others nothing about a token that was used here', async () => {
    const tokens = shared();
    const store = sharedReplays(storeAt().store, tokens);
    expect([await store.use('a', 'id', at(360)), await store.use('a', 'id', at(360))]).toEqual([true, false]);
    expect(tokens.asked).toBe(1);
  });

  it('goes on by what it knows itself while the others cannot be asked', async () => {
    const tokens = shared();
    tokens.isAway = true;
    const store = sharedReplays(storeAt().store, tokens);
    expect([await store.use('a', 'id', at(360)), await store.use('a', 'id', at(360))]).toEqual([true, false]);
  });
});
