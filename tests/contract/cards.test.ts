import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { lexer } from 'marked';
import type { Card } from '../../src/cds-hooks.js';
import { type ComposedService, findingsOf, startComposedService } from '../support/composed-service.js';
import { type AnsweredCase, answersTo, cardsOf, emptiesIn, tellingCases } from './answered-cases.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const REVERSE_DOMAIN = /^(?:[a-z][a-z0-9-]*\.)+[a-z][a-z0-9-]*$/;

describe('CDS Hooks, the cards of every kind of finding', () => {
  let service: ComposedService;
  let answers: AnsweredCase[];
  let cards: Card[];
  beforeAll(async () => {
    service = await startComposedService();
    answers = await answersTo(service, tellingCases());
    cards = cardsOf(answers);
  });
  afterAll(() => service.close());

  it('are as many as this test needs to say anything', () => {
    expect(answers.length).toBeGreaterThan(35);
    expect(new Set(cards.map(({ source }) => source.topic?.code)).size).toBeGreaterThan(30);
    expect(new Set(cards.map(({ indicator }) => indicator))).toEqual(new Set(['info', 'warning', 'critical']));
    expect(answers.some(({ text }) => text === '{"cards":[]}')).toBe(true);
  });

  it('A1.4 and A1.5 hold nothing that is null or empty', () => {
    expect(cards.flatMap((card) => emptiesIn(card))).toEqual([]);
  });

  it('A1.6 are strict JSON', () => {
    expect(answers.filter(({ text }) => JSON.stringify(JSON.parse(text)) !== text)).toEqual([]);
  });

  it('A7.53, A8.69 and B3.6 come with 200 in an object that holds cards and nothing else, no system actions', () => {
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const keys = answers.map(({ text }) => Object.keys(Object(JSON.parse(text))).join());
    expect(new Set(keys)).toEqual(new Set(['cards']));
    expect(answers.filter(({ text }) => !Array.isArray(Object(JSON.parse(text)).cards))).toEqual([]);
  });

  it('A7.55 and B3.7 have a summary of one line under 140 characters, an indicator and a source', () => {
    const wrong = cards.filter(
      ({ summary, indicator, source }) =>
        !/^\S[^\n]{5,137}\S$/.test(summary) ||
        !['info', 'warning', 'critical'].includes(indicator) ||
        source.label !== 'Renal cramp decision support',
    );
    expect(wrong).toEqual([]);
  });

  it('A7.56 have each a fresh UUID of their own', () => {
    const uuids = cards.map(({ uuid }) => uuid);
    expect(uuids.filter((uuid) => !UUID.test(uuid))).toEqual([]);
    expect(new Set(uuids).size).toBe(cards.length);
  });

  it('A7.57 have a detail in Markdown without HTML and without tables', () => {
    const types = new Set(cards.flatMap(({ detail = '' }) => tokensIn(lexer(detail))));
    expect(types).toContain('list');
    expect([...types].filter((type) => ['html', 'table', 'image', 'code'].includes(type))).toEqual([]);
  });

  it('A7.58 have a source with an absolute address about it, and no icon', () => {
    const sources = new Set(cards.map(({ source }) => JSON.stringify({ ...source, topic: undefined })));
    expect([...sources]).toEqual([
      JSON.stringify({ label: 'Renal cramp decision support', url: 'http://127.0.0.1:0/about' }),
    ]);
  });

  it('A7.59, A7.60 and B3.10 have override reasons with code, system and display', () => {
    const system = 'urn:renal-cramp-cds:override-reason';
    expect([...new Set(cards.map(({ overrideReasons }) => JSON.stringify(overrideReasons)))]).toEqual([
      JSON.stringify([
        { system, code: 'already-addressed', display: 'Already addressed' },
        { system, code: 'patient-declined', display: 'Patient declined' },
        { system, code: 'known-and-treated', display: 'Known and treated' },
        { system, code: 'not-clinically-relevant', display: 'Not clinically relevant' },
        { system, code: 'data-wrong', display: 'The data are wrong' },
      ]),
    ]);
  });

  it('A7.61 and B3.9 say how many suggestions may be chosen, exactly where there are some', () => {
    const wrong = cards.filter(
      ({ suggestions, selectionBehavior }) => selectionBehavior !== (suggestions ? 'any' : undefined),
    );
    expect(cards.filter(({ suggestions }) => suggestions).length).toBeGreaterThan(10);
    expect(wrong).toEqual([]);
  });

  it('A7.62, A9.71, A9.72 and B3.11 have links with label, absolute address and type, and no appContext', () => {
    const links = cards.flatMap((card) => card.links ?? []);
    expect(links.length).toBeGreaterThan(10);
    const wrong = links.filter(
      (link) =>
        Object.keys(link).join() !== 'label,url,type' ||
        !/^Patient handout: \S/.test(link.label) ||
        !/^http:\/\/127\.0\.0\.1:0\/handouts\/[a-z-]+$/.test(link.url) ||
        link.type !== 'absolute',
    );
    expect(wrong).toEqual([]);
  });

  it('A7.63 have one topic per kind of finding, in letters and digits, the same for every patient', () => {
    const topics = cards.map((card) => [findingsOf(card)[0]?.id, card.source.topic] as const);
    const wrong = topics.filter(
      ([id = '', topic]) =>
        topic?.system !== 'http://127.0.0.1:0/topics' ||
        topic.code !== id.replace(/(?:^|-)(\w)/g, (_match, letter: string) => letter.toUpperCase()) ||
        !/^[A-Za-z0-9]{1,100}$/.test(topic.code),
    );
    expect(wrong).toEqual([]);
  });

  it('B3.8 have optional attributes of the right type, and none besides', () => {
    const types: Readonly<Record<string, string>> = {
      uuid: 'string',
      summary: 'string',
      detail: 'string',
      indicator: 'string',
      source: 'object',
      suggestions: 'array',
      selectionBehavior: 'string',
      overrideReasons: 'array',
      links: 'array',
      extension: 'object',
    };
    const typeOf = (value: unknown) => (Array.isArray(value) ? 'array' : typeof value);
    const wrong = cards.flatMap((card) =>
      Object.entries(card).filter(([name, value]) => types[name] !== typeOf(value)),
    );
    expect(wrong).toEqual([]);
  });

  it('A14.89 keep what is ours in an extension, under names of a reversed domain', () => {
    const names = new Set(cards.flatMap(({ extension }) => Object.keys(extension ?? {})));
    expect([...names]).toEqual(['org.renal-cramp-cds.findings', 'org.renal-cramp-cds.knowledge']);
    expect([...names].filter((name) => !REVERSE_DOMAIN.test(name))).toEqual([]);
  });
});

/** Types of all tokens of a Markdown text, at every depth. */
function tokensIn(tokens: readonly { type: string; tokens?: object[]; items?: object[] }[]): string[] {
  return tokens.flatMap(({ type, tokens: inner = [], items = [] }) => [
    type,
    // as: the library's tokens nest tokens of the same shape.
    ...tokensIn([...inner, ...items] as { type: string }[]),
  ]);
}
