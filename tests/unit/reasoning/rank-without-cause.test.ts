import { describe, expect, it } from '@jest/globals';
import type { Gap } from '../../../src/patient-record.js';
import type { Advice } from '../../../src/reasoning/advice.js';
import type { Finding } from '../../../src/reasoning/finding.js';
import { rank } from '../../../src/reasoning/rank.js';
import { finding } from '../../support/finding.js';
import { cause, draft, names, OUT_OF_SCOPE, POLICY, ranked, SETTLED, UNSETTLED } from '../../support/ranking.js';

describe('without a cause', () => {
  it('is silent when everything was looked at', () => {
    expect(ranked([cause('First', 29)])).toEqual({ cards: [] });
  });

  it('says what is missing, as information that is possible', () => {
    const { cards } = ranked([cause('First', 29)], UNSETTLED);
    expect(cards).toMatchObject([{ about: 'causes', indicator: 'info', tests: ['2731-8'] }]);
    expect(cards[0]?.findings).toMatchObject([{ library: 'Insufficient', likelihood: 'possible', points: 0 }]);
  });

  it('says what is missing beside a draft too', () => {
    expect(names(ranked([draft('D')], UNSETTLED))).toEqual([['D'], ['Insufficient']]);
  });
});

describe('the card that something could not be checked', () => {
  const notHad = (resourceType: string): Gap => ({ kind: 'not-had', resourceType, reason: 'failed' });
  const abouts = ({ cards }: Advice) =>
    cards.map(({ about, indicator, findings }) => [about, indicator, findings.length]);
  const CARD = [['not-checked', 'info', 0]];

  it.each<[string, Partial<Finding>, Gap[], unknown[]]>([
    ['nothing is lacking', SETTLED, [], []],
    ['a page was cut off', SETTLED, [{ kind: 'incomplete', resourceType: 'Observation' }], CARD],
    ['entries could not be read', SETTLED, [{ kind: 'unreadable', resourceType: 'Condition', count: 1 }], CARD],
    ['a drug could not be looked up', SETTLED, [{ kind: 'medication-unresolved', count: 1 }], CARD],
    ['a search was not supported', SETTLED, [notHad('MedicationStatement')], CARD],
    ['entries of another patient were left out', SETTLED, [{ kind: 'foreign', count: 9 }], []],
    ['a search was not supported, out of scope', OUT_OF_SCOPE, [notHad('MedicationStatement')], []],
    ['a page was cut off, out of scope', OUT_OF_SCOPE, [{ kind: 'incomplete', resourceType: 'Observation' }], []],
    ['Condition could not be had, out of scope', OUT_OF_SCOPE, [notHad('Condition')], CARD],
    ['Observation could not be had, out of scope', OUT_OF_SCOPE, [notHad('Observation')], CARD],
    ['Patient could not be had, out of scope', OUT_OF_SCOPE, [notHad('Patient')], CARD],
  ])('when %s', (_, background, gaps, cards) => {
    const advice = ranked([], background, {}, gaps);
    expect(abouts(advice)).toEqual(cards);
    if (cards.length > 0) expect(advice.cards[0]?.gaps).toEqual(gaps);
  });

  it('when a library failed, but only in scope', () => {
    const failed = [{ library: 'Broken', cause: undefined }];
    const said = (background: Partial<Finding>) =>
      rank({ findings: [finding('Insufficient', background)], failed }, [], POLICY);
    expect(abouts(said(SETTLED))).toEqual(CARD);
    expect(said(SETTLED).cards[0]?.failed).toEqual(['Broken']);
    expect(abouts(said(OUT_OF_SCOPE))).toEqual([]);
  });

  it('when the library that knows who is in scope failed', () => {
    expect(abouts(rank({ findings: [], failed: [{ library: 'Insufficient', cause: undefined }] }, [], POLICY))).toEqual(
      CARD,
    );
  });

  it('is not made when another card can say it', () => {
    const gaps = [notHad('Observation')];
    expect(ranked([draft('D')], SETTLED, {}, gaps).cards.map(({ about, gaps: shown }) => [about, shown])).toEqual([
      ['orders', gaps],
    ]);
  });
});
