import { describe, expect, it } from '@jest/globals';
import { readFeedback } from '../../../src/http/feedback-body.js';

const CARD = '9368d37b-283f-44a0-93ea-547cebab93ed';

/** The events read from one entry about a card. */
const read = (entry: Record<string, unknown>) => readFeedback({ feedback: [{ card: CARD, ...entry }] }).events;
const overriddenBy = (overrideReason: Record<string, unknown>) => read({ outcome: 'overridden', overrideReason });

describe('an override reason', () => {
  it.each([
    ['spaces around a text', { code: ' declined ' }, { code: 'declined' }],
    ['empty texts', { code: 'declined', system: '', display: ' ' }, { code: 'declined' }],
    ['nothing but empty texts', { code: ' ' }, undefined],
  ])('with %s', (_name, reason, expected) => {
    expect(overriddenBy({ reason })).toStrictEqual([
      { card: CARD, outcome: 'overridden', ...(expected === undefined ? {} : { reason: expected }) },
    ]);
  });

  it.each([
    ['a title alone', { 'site.reasonTitle': 'Criteria' }, { system: 'site', code: 'Criteria', display: 'Criteria' }],
    ['a category alone', { 'site.reasonCategory': '45' }, { system: 'site', code: '45' }],
    ['a category after others', { 'a.display': 'D', 'b.category': '45' }, { system: 'b', code: '45', display: 'D' }],
    ['keys that only hold such words', { 'a.categoryId': '1', 'a.displayed': '2', 'a.titles': '3' }, undefined],
    [
      'such keys first',
      { 'a.categoryId': '1', 'b.titles': '2', 'c.title': '3' },
      { system: 'c', code: '3', display: '3' },
    ],
    ['a category that is no text', { 'a.category': 45 }, undefined],
    ['a long key', { [`${'k'.repeat(201)}.category`]: '45' }, { system: 'k'.repeat(200), code: '45' }],
  ])('that a site has built, with %s', (_name, extension, reason) => {
    expect(overriddenBy({ extension })).toStrictEqual([
      { card: CARD, outcome: 'overridden', ...(reason === undefined ? {} : { reason }) },
    ]);
  });
});

it('twenty suggestions of a card are taken, and no more', () => {
  const ids = Array.from({ length: 21 }, (_, index) => `suggestion-${index}`);
  const events = read({ outcome: 'accepted', acceptedSuggestions: ids.map((id) => ({ id })) });
  expect(events.map(({ suggestion }) => suggestion)).toEqual(ids.slice(0, 20));
});
