import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Card } from '../../src/cds-hooks.js';
import { type ForgetfulStore, forgetfulStore } from '../support/forgetful-store.js';
import { patientViewCall } from '../support/hook-requests.js';
import { closeServices, expectOutcome, postJson, startService, type TestService } from '../support/http-service.js';

const CARD = '8d5b0e3a-4a1c-4b68-9a0c-3d9b2f0f7d11';
const ONE = '0c6f5a0e-8a5e-4f5a-9a3c-1b0f9a5e2a01';
const TWO = '0c6f5a0e-8a5e-4f5a-9a3c-1b0f9a5e2a02';
const TIME = '2026-05-12T09:00:00Z';
const OVERRIDDEN = { card: CARD, outcome: 'overridden', outcomeTimestamp: TIME };
const ACCEPTED = { card: CARD, outcome: 'accepted', acceptedSuggestions: [{ id: ONE }], outcomeTimestamp: TIME };
const AT = new Date(TIME);

describe('CDS Hooks, feedback', () => {
  let service: TestService;
  let store: ForgetfulStore;
  beforeAll(async () => {
    store = forgetfulStore();
    service = await startService({ feedback: store, advise: async () => ({ cards: [card()] }) });
  });
  afterAll(closeServices);
  beforeEach(() => {
    store.cards.splice(0);
    store.recorded.splice(0);
  });

  const address = (id = 'test-patient-view') => `${service.url}/cds-services/${id}/feedback`;
  const send = (...feedback: unknown[]) => postJson(address(), JSON.stringify({ feedback }));
  const recorded = () => store.recorded.flatMap(({ events }) => events);

  it('A10.74 is taken for every service, and for no other', async () => {
    for (const id of ['test-patient-view', 'test-order-select', 'test-order-sign'])
      expect((await postJson(address(id), JSON.stringify({ feedback: [OVERRIDDEN] }))).status).toBe(200);
    expect(store.recorded.map(({ service: id }) => id)).toEqual([
      'test-patient-view',
      'test-order-select',
      'test-order-sign',
    ]);
    await expectOutcome(await postJson(address('other'), '{"feedback":[]}'), 404, 'not-found');
    await expectOutcome(await fetch(address('other')), 404, 'not-found');
  });

  it('A10.75 is accepted with the suggestions accepted, at the time given', async () => {
    await send(ACCEPTED);
    expect(recorded()).toEqual([{ card: CARD, outcome: 'accepted', suggestion: ONE, at: AT }]);
  });

  it('A10.75 is overridden with a reason and a comment', async () => {
    const reason = { system: 'urn:reasons', code: 'declined', display: 'Patient declined' };
    await send({ ...OVERRIDDEN, overrideReason: { reason, userComment: 'Not today.\nAsk again.' } });
    expect(recorded()).toEqual([
      { card: CARD, outcome: 'overridden', at: AT, reason, comment: 'Not today.\nAsk again.' },
    ]);
  });

  it.each([
    ['reason without system and display', { reason: { code: 'declined' } }, { reason: { code: 'declined' } }],
    ['comment alone', { userComment: 'Not today' }, { comment: 'Not today' }],
    ['empty comment', { userComment: ' ' }, {}],
    ['nothing', {}, {}],
    ['null', null, {}],
  ])('A10.75 takes an override reason with %s', async (_name, overrideReason, expected) => {
    await send({ ...OVERRIDDEN, overrideReason });
    expect(recorded()).toEqual([{ card: CARD, outcome: 'overridden', at: AT, ...expected }]);
  });

  it('A10.76 takes several cards in one call, and a card again with the other outcome', async () => {
    const other = { ...OVERRIDDEN, card: 'd9b2f0f7-4a1c-4b68-9a0c-8d5b0e3a7d11' };
    expect((await send(ACCEPTED, OVERRIDDEN, other)).status).toBe(200);
    expect(store.recorded).toHaveLength(1);
    expect(recorded().map((event) => [event.card, event.outcome])).toEqual([
      [CARD, 'accepted'],
      [CARD, 'overridden'],
      [other.card, 'overridden'],
    ]);
  });

  it('A10.76 takes suggestions accepted together or one by one as one event each', async () => {
    await send({ ...ACCEPTED, acceptedSuggestions: [{ id: ONE }, { id: TWO }] });
    await send({ ...ACCEPTED, acceptedSuggestions: [{ id: TWO }] });
    expect(recorded().map(({ suggestion }) => suggestion)).toEqual([ONE, TWO, TWO]);
  });

  it('A10.77 answers 200 without a body once the feedback is kept', async () => {
    const response = await send(OVERRIDDEN);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
    expect((await send()).status).toBe(200);
  });

  it.each([
    ['a card of which nothing is known', { ...OVERRIDDEN, card: 'c0ffee00-0000-4000-8000-000000000000' }],
    ['an id that is no UUID', { ...OVERRIDDEN, card: '123456' }],
    ['an id in capitals', { ...OVERRIDDEN, card: CARD.toUpperCase() }],
    ['a UUID of version 1', { ...OVERRIDDEN, card: 'd1577c69-dfbe-11ea-adc1-0242ac120002' }],
  ])('A10.77 answers 200 for %s', async (_name, feedback) => {
    expect((await send(feedback)).status).toBe(200);
    expect(recorded()).toEqual([{ card: feedback.card.toLowerCase(), outcome: 'overridden', at: AT }]);
  });

  it.each([
    ['no time', { outcomeTimestamp: undefined }],
    ['a time that cannot be read', { outcomeTimestamp: 'yesterday' }],
  ])('A10.77 keeps an outcome with %s', async (_name, changes) => {
    expect((await send({ ...OVERRIDDEN, ...changes })).status).toBe(200);
    expect(recorded()).toEqual([{ card: CARD, outcome: 'overridden' }]);
  });

  it('A10.77 reads a time with an offset as the same instant', async () => {
    await send({ ...OVERRIDDEN, outcomeTimestamp: '2026-05-12T11:00:00.000+02:00' });
    expect(recorded()).toEqual([{ card: CARD, outcome: 'overridden', at: AT }]);
  });

  it.each([
    ['no suggestions', { acceptedSuggestions: undefined }],
    ['an empty list', { acceptedSuggestions: [] }],
    ['what is no list', { acceptedSuggestions: ONE }],
    ['a list of something else', { acceptedSuggestions: [7, { id: 'two words' }] }],
  ])('A10.77 keeps an acceptance with %s as one of the card', async (_name, changes) => {
    await send({ ...ACCEPTED, ...changes });
    expect(recorded()).toEqual([{ card: CARD, outcome: 'accepted', at: AT }]);
  });

  it('A10.77 leaves out what cannot be read and keeps the rest', async () => {
    const broken = [null, 7, {}, { card: CARD }, { ...OVERRIDDEN, outcome: 'ignored' }, { ...OVERRIDDEN, card: 'a b' }];
    expect((await send(...broken, OVERRIDDEN, { ...OVERRIDDEN, card: 'x'.repeat(101) })).status).toBe(200);
    expect(recorded()).toEqual([{ card: CARD, outcome: 'overridden', at: AT }]);
    expect(service.logged().at(-1)).toMatchObject({ msg: 'feedbackStored', stored: 1, unreadable: 7 });
  });

  it.each([
    ['no object', '[]'],
    ['no list', '{"feedback":{}}'],
    ['another body', '{"hook":"patient-view"}'],
    ['nothing that can be read', `{"feedback":[{"card":"${CARD}","outcome":"canary"}]}`],
    ['no JSON', '{'],
  ])('A10.77 is 400 for %s', async (_name, body) => {
    const text = await expectOutcome(await postJson(address(), body), 400, 'invalid');
    expect(text).not.toContain('canary');
    expect(store.recorded).toEqual([]);
  });

  it('A10.77 takes a hundred entries, and no more', async () => {
    expect((await send(...Array.from({ length: 100 }, () => OVERRIDDEN))).status).toBe(200);
    await expectOutcome(await send(...Array.from({ length: 101 }, () => OVERRIDDEN)), 413, 'too-long');
  });

  it('A10.77 cuts a comment at 2,000 characters and a text at 200, and drops what no database takes', async () => {
    const reason = { code: `x\u0000\n${'y'.repeat(300)}` };
    await send({ ...OVERRIDDEN, overrideReason: { reason, userComment: `\u0000${'z'.repeat(2_001)}` } });
    const [event] = recorded();
    expect(event?.comment).toBe('z'.repeat(2_000));
    expect(event?.reason).toEqual({ code: `x ${'y'.repeat(198)}` });
  });

  it('A10.77 is 405 for other methods, 415 for other types, 413 for large bodies', async () => {
    const response = await fetch(address());
    expect(response.headers.get('allow')).toBe('POST, OPTIONS');
    await expectOutcome(response, 405, 'not-supported');
    await expectOutcome(await fetch(address(), { method: 'POST', body: 'a=b' }), 415, 'not-supported');
    await expectOutcome(await send({ ...OVERRIDDEN, more: 'x'.repeat(1_000_000) }), 413, 'too-long');
  });

  it('A10.78 never logs a comment', async () => {
    await send({ ...OVERRIDDEN, overrideReason: { reason: { code: 'c' }, userComment: 'Maria Canary declined' } });
    await send({ ...OVERRIDDEN, outcome: 'x', overrideReason: { userComment: 'Maria Canary declined' } });
    expect(JSON.stringify(service.logged())).not.toMatch(/canary|declined/i);
    expect(JSON.stringify(service.logged())).not.toContain(CARD);
  });

  it('A10.75 can be joined to the cards that were answered, without anything of the patient', async () => {
    await service.post(patientViewCall());
    expect(store.cards).toEqual([
      {
        uuid: CARD,
        service: 'test-patient-view',
        hook: 'patient-view',
        topic: 'SomeCause',
        indicator: 'warning',
        knowledgeVersion: '4.5.6',
        issuedAt: expect.any(Date),
      },
    ]);
  });

  describe('C1.12 as Epic sends it', () => {
    it('spells the reason in the plural', async () => {
      const overrideReasons = {
        reason: { code: 'contraindicated', system: 'urn:r', display: 'bad' },
        userComment: 'x',
      };
      await send({ ...OVERRIDDEN, overrideReasons });
      expect(recorded()).toEqual([
        { card: CARD, outcome: 'overridden', at: AT, reason: overrideReasons.reason, comment: 'x' },
      ]);
    });

    it('gives a reason that the site has built in an extension', async () => {
      const key = (name: string) => `com.epic.cdshooks.feedback.overrideReason.${name}`;
      const extension = {
        [key('reasonCategory')]: '45',
        [key('reasonDisplay')]: 'Does not meet criteria',
        [key('reasonTitle')]: 'Criteria',
      };
      await send({ ...OVERRIDDEN, overrideReasons: { extension, userComment: 'x' } });
      expect(recorded()).toEqual([
        {
          card: CARD,
          outcome: 'overridden',
          at: AT,
          reason: {
            system: 'com.epic.cdshooks.feedback.overrideReason',
            code: '45',
            display: 'Does not meet criteria',
          },
          comment: 'x',
        },
      ]);
    });

    it('may give a list of reasons, of which the first counts', async () => {
      await send({ ...OVERRIDDEN, overrideReasons: [{ reason: { code: 'one' } }, { reason: { code: 'two' } }] });
      expect(recorded()).toMatchObject([{ reason: { code: 'one' } }]);
    });
  });
});

function card(): Card {
  return {
    uuid: CARD,
    summary: 'Maria Canary may be short of something',
    indicator: 'warning',
    source: { label: 'Test', topic: { system: 'https://cds.example.org/topics', code: 'SomeCause' } },
  };
}
