import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DATABASE_KINDS, TestStores } from '../support/feedback-databases.js';
import { IS_BUILT, ServiceProcess } from '../support/service-process.js';

const KILLS = 20;
const CLIENTS = 6;
const ACKNOWLEDGED_BEFORE_A_KILL = 20;
const describeWhenBuilt = IS_BUILT ? describe : describe.skip;

/** One call: three entries, which stand or fall together. */
interface Call {
  feedback: { card: string; outcome: string; outcomeTimestamp: string; acceptedSuggestions?: { id: string }[] }[];
  acknowledged: boolean;
}

function newCall(): Call {
  const [one, two] = [randomUUID(), randomUUID()];
  const at = { outcomeTimestamp: '2026-05-12T09:00:00Z' };
  const accepted = { card: one, outcome: 'accepted', acceptedSuggestions: [{ id: randomUUID() }], ...at };
  const overridden = { outcome: 'overridden', ...at };
  return { feedback: [accepted, { card: one, ...overridden }, { card: two, ...overridden }], acknowledged: false };
}

/** Until enough calls of this round are acknowledged; then at a moment nobody has chosen. */
async function underWay(sent: readonly Call[]): Promise<void> {
  const acknowledged = () => sent.filter((call) => call.acknowledged).length;
  const enough = acknowledged() + ACKNOWLEDGED_BEFORE_A_KILL;
  while (acknowledged() < enough) await new Promise((resolve) => setTimeout(resolve, 5));
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 30));
}

/** Sends until the service is gone; what was not acknowledged is sent again, and now and then what was. */
async function client(service: ServiceProcess, sent: Call[], unanswered: Call[]): Promise<void> {
  for (;;) {
    const isNew = unanswered.length === 0;
    const call = unanswered.pop() ?? newCall();
    if (isNew) sent.push(call);
    try {
      const { status } = await service.sendFeedback(...call.feedback);
      if (status !== 200) throw new Error(`The service answered ${status}.`);
      call.acknowledged = true;
      if (sent.length % 5 === 0) await service.sendFeedback(...call.feedback);
    } catch (error) {
      if (!call.acknowledged) unanswered.push(call);
      if (error instanceof Error && error.message.startsWith('The service')) throw error;
      return;
    }
  }
}

describeWhenBuilt.each(DATABASE_KINDS)('20 kill -9 while feedback is written to $name', ({ open, name }) => {
  let stores: TestStores;
  beforeAll(async () => {
    stores = new TestStores(await open());
    await stores.renew();
  });
  afterAll(() => stores.end());

  it('lose nothing that was acknowledged, double nothing, and keep half of no call', async () => {
    const sent: Call[] = [];
    const unanswered: Call[] = [];
    let longestStart = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const startedAt = performance.now();
      const service = await ServiceProcess.start({ DATABASE_URL: stores.url, LOG_LEVEL: 'info' });
      longestStart = Math.max(longestStart, performance.now() - startedAt);
      const load = Promise.all(Array.from({ length: CLIENTS }, () => client(service, sent, unanswered)));
      await underWay(sent);
      await service.stop('SIGKILL');
      await load;
    }
    const rows = await stores.rows('select card, suggestion, outcome from feedback_event');
    const found = new Map<string, number>();
    for (const row of rows) {
      const key = `${String(row['card'])} ${String(row['suggestion'])} ${String(row['outcome'])}`;
      found.set(key, (found.get(key) ?? 0) + 1);
    }
    const keptOf = ({ feedback }: Call) =>
      feedback.map(
        (entry) => found.get(`${entry.card} ${entry.acceptedSuggestions?.[0]?.id ?? ''} ${entry.outcome}`) ?? 0,
      );
    const acknowledged = sent.filter((call) => call.acknowledged);
    process.stderr.write(
      `${name}: ${acknowledged.length} calls acknowledged, ${sent.length - acknowledged.length} not, ${rows.length} events kept, longest start ${Math.round(longestStart)} ms\n`,
    );
    expect(acknowledged.length).toBeGreaterThanOrEqual(KILLS * ACKNOWLEDGED_BEFORE_A_KILL);
    expect(acknowledged.filter((call) => keptOf(call).join() !== '1,1,1')).toEqual([]);
    expect(sent.filter((call) => !['1,1,1', '0,0,0'].includes(keptOf(call).join()))).toEqual([]);
    expect(rows.length).toBe(sent.flatMap(keptOf).reduce((sum, count) => sum + count, 0));
  }, 600_000);
});
