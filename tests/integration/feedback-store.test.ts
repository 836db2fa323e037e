import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { FeedbackStore } from '../../src/feedback/feedback-store.js';
import { DATABASE_KINDS, TestStores } from '../support/feedback-databases.js';
import { accepted, issuedCard, overridden } from '../support/feedback-events.js';

const DECLINED = { system: 'urn:reasons', code: 'declined', display: 'Patient declined' };

describe.each(DATABASE_KINDS)('the feedback store on $name', ({ open }) => {
  let stores: TestStores;
  let store: FeedbackStore;
  const summary = (by: 'day' | 'week' | 'all' = 'all', days: { since?: string; until?: string } = {}) =>
    store.summarise({ by, ...days });

  beforeAll(async () => {
    stores = new TestStores(await open());
  });
  beforeEach(async () => {
    await stores.renew();
    store = await stores.open();
  });
  afterEach(async () => {
    await stores.close();
    expect(stores.failures).toEqual([]);
  });
  afterAll(() => stores.end());

  it('joins feedback to the topic, the knowledge version and the hook of its card', async () => {
    store.remember([issuedCard('a')]);
    await store.record('test-patient-view', [overridden('a', { reason: DECLINED })]);
    expect(await summary()).toEqual([
      {
        period: 'all',
        topic: 'CauseOne',
        knowledgeVersion: '1.0.0',
        shown: 1,
        accepted: 0,
        suggestionsAccepted: 0,
        overridden: 1,
        reasons: [{ ...DECLINED, cards: 1 }],
      },
    ]);
    const join = 'select hook, indicator from issued_card join feedback_event on card = uuid';
    expect(await stores.rows(join)).toEqual([{ hook: 'patient-view', indicator: 'info' }]);
  });

  it('keeps feedback on a card that is not on record as unknown, on the day it came', async () => {
    await store.record('test-patient-view', [accepted('stranger')]);
    expect(await summary('day')).toMatchObject([
      { period: '2026-05-20', topic: 'unknown', knowledgeVersion: 'unknown', shown: 0, accepted: 1, overridden: 0 },
    ]);
  });

  it('counts the same event once, however often and together with what it comes', async () => {
    const event = overridden('a', { reason: DECLINED, comment: 'Seen last week' });
    expect(await store.record('s', [event])).toEqual({ stored: 1, repeated: 0 });
    expect(await store.record('s', [event, event, accepted('b')])).toEqual({ stored: 1, repeated: 2 });
    expect(await store.record('s', [{ ...event, reason: { code: 'other' } }])).toEqual({ stored: 0, repeated: 1 });
    expect(await stores.count('feedback_event')).toBe(2);
    expect(await stores.count('feedback_comment')).toBe(1);
  });

  it('takes a reason that comes later, as from clients without timestamps, and changes none that is there', async () => {
    const late = overridden('a');
    delete late.at;
    const reasons = "select reason_code from feedback_event where card = 'a'";
    await store.record('s', [late]);
    expect(await stores.rows(reasons)).toEqual([{ reason_code: null }]);
    expect(await store.record('s', [{ ...late, reason: DECLINED }])).toEqual({ stored: 0, repeated: 1 });
    expect(await stores.rows(reasons)).toEqual([{ reason_code: DECLINED.code }]);
    await store.record('s', [{ ...late, reason: { code: 'other' } }, late]);
    expect(await stores.rows(reasons)).toEqual([{ reason_code: DECLINED.code }]);
  });

  it('keeps the reason of an event that comes twice in one call, once without', async () => {
    const event = overridden('a', { reason: DECLINED });
    expect(await store.record('s', [event, overridden('a')])).toEqual({ stored: 1, repeated: 1 });
    const rows = await stores.rows('select reason_code from feedback_event');
    expect(rows).toEqual([{ reason_code: DECLINED.code }]);
  });

  it.each([
    ['another suggestion', { suggestion: 'two' }],
    ['the card as a whole', { suggestion: undefined }],
    ['another time', { at: new Date('2026-05-12T09:00:01Z') }],
    ['no time', { at: undefined }],
    ['the other outcome', { outcome: 'overridden' as const }],
    ['another card', { card: 'b' }],
  ])('takes %s for another event', async (_name, changes) => {
    const event = accepted('a', { suggestion: 'one' });
    const present = Object.fromEntries(
      Object.entries({ ...event, ...changes }).filter(([, value]) => value !== undefined),
    );
    const other = { ...accepted('a'), ...present };
    if (!('at' in present)) delete other.at;
    expect(await store.record('s', [event, other])).toEqual({ stored: 2, repeated: 0 });
  });

  it('counts a card once per outcome, and its suggestions one by one', async () => {
    store.remember([issuedCard('a'), issuedCard('b')]);
    await store.record('s', [accepted('a', { suggestion: 'one' }), accepted('a', { suggestion: 'two' })]);
    await store.record('s', [overridden('a'), overridden('a', { at: new Date('2026-05-13T09:00:00Z') })]);
    expect(await summary()).toMatchObject([
      { shown: 2, accepted: 1, suggestionsAccepted: 2, overridden: 1, reasons: [{ cards: 1 }] },
    ]);
  });

  it('lists reasons by how many cards were overridden with them, those without one too', async () => {
    const given = [DECLINED, DECLINED, { code: 'data-wrong' }, undefined];
    await store.record(
      's',
      given.map((reason, index) => overridden(`card-${index}`, reason ? { reason } : {})),
    );
    const [row] = await summary();
    expect(row?.reasons).toEqual([{ ...DECLINED, cards: 2 }, { cards: 1 }, { code: 'data-wrong', cards: 1 }]);
  });

  it('tells topics, knowledge versions, days and weeks apart, the newest first', async () => {
    store.remember([
      issuedCard('a'),
      issuedCard('b', { issuedAt: new Date('2026-05-17T23:59:59.999Z') }),
      issuedCard('c', { issuedAt: new Date('2026-05-18T00:00:00Z'), knowledgeVersion: '1.1.0' }),
      issuedCard('d', { topic: 'CauseTwo' }),
    ]);
    await store.record('s', [accepted('a'), accepted('b'), accepted('c')]);
    const shown = async (by: 'day' | 'week' | 'all') =>
      (await summary(by)).map((row) => [row.period, row.topic, row.knowledgeVersion, row.shown, row.accepted]);
    expect(await shown('day')).toEqual([
      ['2026-05-18', 'CauseOne', '1.1.0', 1, 1],
      ['2026-05-17', 'CauseOne', '1.0.0', 1, 1],
      ['2026-05-11', 'CauseOne', '1.0.0', 1, 1],
      ['2026-05-11', 'CauseTwo', '1.0.0', 1, 0],
    ]);
    expect(await shown('week')).toEqual([
      ['2026-05-18', 'CauseOne', '1.1.0', 1, 1],
      ['2026-05-11', 'CauseOne', '1.0.0', 2, 2],
      ['2026-05-11', 'CauseTwo', '1.0.0', 1, 0],
    ]);
    expect(await shown('all')).toEqual([
      ['all', 'CauseOne', '1.0.0', 2, 2],
      ['all', 'CauseOne', '1.1.0', 1, 1],
      ['all', 'CauseTwo', '1.0.0', 1, 0],
    ]);
  });

  it('looks at the cards of the days asked for, both included', async () => {
    const days = ['2026-05-10', '2026-05-11', '2026-05-12', '2026-05-13'];
    store.remember(days.map((day) => issuedCard(day, { issuedAt: new Date(`${day}T12:00:00Z`) })));
    await store.record(
      's',
      days.map((day) => accepted(day)),
    );
    const rows = await summary('day', { since: '2026-05-11', until: '2026-05-12' });
    expect(rows.map(({ period, shown, accepted: taken }) => [period, shown, taken])).toEqual([
      ['2026-05-12', 1, 1],
      ['2026-05-11', 1, 1],
    ]);
  });

  it('keeps comments apart from the events', async () => {
    await store.record('s', [overridden('a', { reason: DECLINED, comment: 'canary\n"quoted" and; more 日本' })]);
    expect(JSON.stringify(await stores.rows('select * from feedback_event'))).not.toContain('canary');
    expect(JSON.stringify(await summary())).not.toContain('canary');
    expect(await stores.rows('select card, comment from feedback_comment')).toEqual([
      { card: 'a', comment: 'canary\n"quoted" and; more 日本' },
    ]);
  });

  it('keeps all events of a call or none', async () => {
    await stores.rows('alter table feedback_comment rename to elsewhere');
    const written = store.record('s', [accepted('a'), overridden('b', { comment: 'lost' })]);
    await expect(written).rejects.toMatchObject({ code: 'store-not-available' });
    expect(stores.failures.splice(0)).toEqual([{ task: 'feedback', reason: expect.any(String) }]);
    expect(await stores.count('feedback_event')).toBe(0);
    await stores.rows('alter table elsewhere rename to feedback_comment');
    expect(await store.record('s', [accepted('a')])).toEqual({ stored: 1, repeated: 0 });
  });

  it('writes waiting cards when it closes, and finds everything when it opens again', async () => {
    store.remember([issuedCard('a'), issuedCard('a')]);
    await store.close();
    store = await stores.open();
    await store.record('s', [accepted('a')]);
    expect(await summary()).toMatchObject([{ topic: 'CauseOne', shown: 1, accepted: 1 }]);
  });

  it('takes the most that one call can hold', async () => {
    const events = Array.from({ length: 2_000 }, (_, index) =>
      accepted('a', { suggestion: `s-${index}`, reason: DECLINED, comment: 'x'.repeat(200) }),
    );
    expect(await store.record('s', events)).toEqual({ stored: 2_000, repeated: 0 });
    store.remember(Array.from({ length: 1_500 }, (_, index) => issuedCard(`card-${index}`)));
    await store.record('s', [accepted('card-1499')]);
    expect(await summary()).toMatchObject([{ topic: 'CauseOne', shown: 1_500, accepted: 1 }, { topic: 'unknown' }]);
  });

  it('takes calls with the same events in any order at the same time', async () => {
    const events = Array.from({ length: 30 }, (_, index) => accepted(`card-${index}`));
    const calls = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? events : [...events].reverse()));
    const kept = await Promise.all(calls.map((each) => store.record('s', each)));
    expect(kept.reduce((sum, { stored }) => sum + stored, 0)).toBe(30);
    expect(await stores.count('feedback_event')).toBe(30);
  });
});
