import { describe, expect, it } from '@jest/globals';
import type { Gap } from '../../../src/patient-record.js';
import type { Advice } from '../../../src/reasoning/advice.js';
import { rank } from '../../../src/reasoning/rank.js';
import type { Unless } from '../../../src/reasoning/ranking-policy.js';
import { finding } from '../../support/finding.js';
import { cause, draft, names, POLICY, ranked, safety, SETTLED, UNSETTLED } from '../../support/ranking.js';

const indicators = ({ cards }: Advice) => cards.map(({ indicator }) => indicator);
const unless = (exceptions: Record<string, Unless>) => ({ unless: exceptions });

describe('the bands', () => {
  it.each([
    [29, []],
    [30, [['possible', 'info']]],
    [59, [['possible', 'info']]],
    [60, [['likely', 'warning']]],
    [100, [['likely', 'warning']]],
  ])('%d points', (points, said) => {
    const { cards } = ranked([cause('First', points)]);
    expect(cards.map(({ findings, indicator }) => [findings[0]?.likelihood, indicator])).toEqual(said);
  });

  it('are those of the policy', () => {
    const { cards } = ranked([cause('First', 40)], SETTLED, { likely: 40, possible: 20 });
    expect(cards[0]?.findings[0]?.likelihood).toBe('likely');
    expect(names(ranked([cause('First', 20)], SETTLED, { possible: 20 }))).toEqual([['First']]);
  });
});

describe('the order of the causes', () => {
  it('is by points, most first', () => {
    expect(names(ranked([cause('First', 40), cause('Second', 90), cause('Third', 60)]))).toEqual([
      ['Second', 'Third', 'First'],
    ]);
  });

  it('is that of the policy where points are equal, and what the policy does not name comes last', () => {
    const tied = ['Unknown', 'Third', 'First', 'Second'].map((library) => cause(library, 50));
    expect(names(ranked(tied, SETTLED, { 'causes-shown': 4 }))).toEqual([['First', 'Second', 'Third', 'Unknown']]);
  });

  it('ends after as many as the policy says', () => {
    const four = ['First', 'Second', 'Third', 'Fourth'].map((library) => cause(library, 50));
    expect(names(ranked(four))).toEqual([['First', 'Second', 'Third']]);
  });
});

describe('an urgent cause', () => {
  it('never loses its place to one that is not urgent, and stays in the order of points', () => {
    const three = ['First', 'Second', 'Third'].map((library) => cause(library, 90));
    expect(names(ranked([...three, cause('Fourth', 40, { urgency: 'urgent' })]))).toEqual([
      ['First', 'Second', 'Fourth'],
    ]);
  });

  it('leaves no emergency without a place for a second cause of another', () => {
    const calcium = (library: string) => cause(library, 90, { urgency: 'urgent', explains: ['low calcium'] });
    const potassium = cause('Potassium', 60, { urgency: 'urgent' });
    const three = [calcium('First'), calcium('Second'), calcium('Third')];
    expect(names(ranked([...three, potassium]))).toEqual([['First', 'Second', 'Potassium']]);
    const others = [potassium, cause('Magnesium', 50, { urgency: 'urgent' }), cause('Sodium', 95)];
    expect(names(ranked([...three, ...others]))).toEqual([['First', 'Potassium', 'Magnesium']]);
    expect(names(ranked([...three, cause('Sodium', 95)]))).toEqual([['First', 'Second', 'Third']]);
  });

  it('leaves what finds no place to be named', () => {
    const four = ['First', 'Second', 'Third', 'Fourth'].map((library) => cause(library, 50));
    expect(ranked(four).cards[0]?.others.map(({ library }) => library)).toEqual(['Fourth']);
    expect(ranked([cause('First', 50), cause('Second', 29)]).cards[0]?.others).toEqual([]);
  });
});

describe('a cause that is not shown although it applies', () => {
  it('is one whose abnormality another cause explains', () => {
    const policy = unless({ Unclassified: { explained: 'low calcium' } });
    const unclassified = cause('Unclassified', 60);
    const other = cause('First', 5, { explains: ['low calcium'] });
    expect(names(ranked([unclassified, other], SETTLED, policy))).toEqual([]);
    expect(names(ranked([unclassified, cause('First', 5)], SETTLED, policy))).toEqual([['Unclassified']]);
  });

  it('does not explain itself away', () => {
    const policy = unless({ Unclassified: { explained: 'low calcium', points: 30, fits: ['Unclassified'] } });
    expect(names(ranked([cause('Unclassified', 60, { explains: ['low calcium'] })], SETTLED, policy))).toEqual([
      ['Unclassified'],
    ]);
  });

  it('is one beside which another fits, whatever its points', () => {
    const policy = unless({ Second: { fits: ['First'] } });
    expect(names(ranked([cause('First', 0), cause('Second', 60)], SETTLED, policy))).toEqual([]);
    expect(names(ranked([cause('Third', 0), cause('Second', 60)], SETTLED, policy))).toEqual([['Second']]);
  });

  it.each([
    [59, ['Weak', 'First']],
    [60, ['First']],
  ])('is one beside which any other has 60 points: %d', (points, shown) => {
    const policy = unless({ Weak: { points: 60 } });
    expect(names(ranked([cause('Weak', 70), cause('First', points)], SETTLED, policy))).toEqual([shown]);
  });

  it('is one beside which one of those named has 30 points', () => {
    const policy = unless({ Weak: { points: 30, of: ['First', 'Second'] } });
    expect(names(ranked([cause('Weak', 30), cause('Second', 30)], SETTLED, policy))).toEqual([['Second']]);
    expect(names(ranked([cause('Weak', 30), cause('Second', 29)], SETTLED, policy))).toEqual([['Weak']]);
    expect(names(ranked([cause('Weak', 30), cause('Third', 90)], SETTLED, policy))).toEqual([['Third', 'Weak']]);
  });

  it('is one that would hide that data are missing', () => {
    const policy = unless({ Weak: { unsettled: true } });
    expect(names(ranked([cause('Weak', 30)], UNSETTLED, policy))).toEqual([['Insufficient']]);
    expect(names(ranked([cause('Weak', 30)], SETTLED, policy))).toEqual([['Weak']]);
  });

  it('counts no more for those further down, but still for those further up', () => {
    const findings = [cause('First', 50), cause('Second', 40), cause('Third', 70)];
    const down = unless({ First: { fits: ['Third'] }, Second: { fits: ['First'] } });
    expect(names(ranked(findings, SETTLED, down))).toEqual([['Third', 'Second']]);
    const up = unless({ Second: { fits: ['First'] }, First: { fits: ['Third'] } });
    expect(names(ranked(findings, SETTLED, up))).toEqual([['Third']]);
  });

  it('is not made silent by findings that are no causes', () => {
    const policy = unless({ Weak: { points: 0, fits: ['Potassium'], explained: 'x' } });
    expect(names(ranked([cause('Weak', 40), safety('Potassium', { explains: ['x'] })], SETTLED, policy))).toEqual([
      ['Potassium'],
      ['Weak'],
    ]);
  });
});

describe('the indicator of the cause card', () => {
  it('stays info for causes that are never more', () => {
    expect(indicators(ranked([cause('Weak', 100)]))).toEqual(['info']);
    expect(indicators(ranked([cause('Weak', 100), cause('First', 59)]))).toEqual(['info']);
    expect(indicators(ranked([cause('Weak', 100), cause('First', 60)]))).toEqual(['warning']);
  });

  it('is critical for a recent value in the critical range, even of a cause under the display limit', () => {
    expect(indicators(ranked([cause('First', 40), cause('Second', 10, { urgency: 'urgent' })]))).toEqual(['critical']);
    expect(indicators(ranked([cause('Weak', 40, { urgency: 'urgent' })]))).toEqual(['critical']);
  });

  it('is a warning for such a value that is too old to act on', () => {
    expect(indicators(ranked([cause('First', 40, { urgency: 'repeat' })]))).toEqual(['warning']);
    expect(
      indicators(ranked([cause('First', 40, { urgency: 'repeat' }), cause('Second', 30, { urgency: 'urgent' })])),
    ).toEqual(['critical']);
  });

  it('is not raised by a strong cause that is not shown', () => {
    const shown = ['First', 'Second', 'Third'].map((library) => cause(library, 55));
    expect(indicators(ranked([...shown, cause('Weak', 60)]))).toEqual(['info']);
  });

  it('is not raised by a cause that the policy has dropped', () => {
    const findings = [cause('First', 40), cause('Second', 90, { urgency: 'urgent' })];
    expect(indicators(ranked(findings, SETTLED, unless({ Second: { fits: ['First'] } })))).toEqual(['info']);
  });
});

describe('the safety finding that leads', () => {
  const severe = safety('Severe', { urgency: 'urgent' });

  it('stands first in the cause card, before causes with points', () => {
    const advice = ranked([cause('Weak', 90), severe]);
    expect(names(advice)).toEqual([['Severe', 'Weak']]);
    expect(indicators(advice)).toEqual(['critical']);
    expect(advice.cards[0]?.findings.map(({ likelihood, points }) => [likelihood, points])).toEqual([
      ['likely', 0],
      ['likely', 90],
    ]);
  });

  it('counts as one of those shown', () => {
    const three = ['First', 'Second', 'Third'].map((library) => cause(library, 50));
    expect(names(ranked([...three, severe]))).toEqual([['Severe', 'First', 'Second']]);
  });
});

describe('the second card', () => {
  it('has the safety findings, then the drafts, warnings first', () => {
    const drafts = [draft('Second'), draft('Third', { warning: true }), draft('First')];
    const advice = ranked([...drafts, safety('Potassium')]);
    expect(names(advice)).toEqual([['Potassium', 'Third', 'First', 'Second']]);
    expect(advice.cards.map(({ about }) => about)).toEqual(['orders']);
    expect(advice.cards[0]?.findings.every(({ likelihood }) => likelihood === 'likely')).toBe(true);
  });

  it.each([
    ['info', [draft('First')]],
    ['warning', [draft('First', { warning: true }), draft('Second')]],
    ['warning', [safety('Potassium', { warning: true })]],
    ['critical', [safety('Potassium', { urgency: 'urgent' }), draft('First')]],
  ])('is %s', (indicator, findings) => {
    expect(indicators(ranked(findings))).toEqual([indicator]);
  });

  it('stands second when it is less urgent, and first when it is as urgent or more', () => {
    const strong = cause('First', 80);
    expect(names(ranked([strong, draft('D')]))).toEqual([['First'], ['D']]);
    expect(names(ranked([strong, draft('D', { warning: true })]))).toEqual([['D'], ['First']]);
    expect(names(ranked([cause('First', 40), draft('D', { warning: true })]))).toEqual([['D'], ['First']]);
    expect(names(ranked([cause('First', 80, { urgency: 'urgent' }), draft('D', { warning: true })]))).toEqual([
      ['First'],
      ['D'],
    ]);
  });
});

describe('what only the first card says', () => {
  const gaps: Gap[] = [{ kind: 'foreign', count: 2 }];

  it('is the background, the gaps and the libraries that failed', () => {
    const evaluation = {
      findings: [cause('First', 80), draft('D'), finding('Insufficient', { ...SETTLED, notes: ['pregnant'] })],
      failed: [{ library: 'Broken', cause: new Error('x') }],
    };
    const { cards } = rank(evaluation, gaps, POLICY);
    expect(cards.map(({ background, gaps: shown, failed }) => [background?.notes, shown, failed])).toEqual([
      [['pregnant'], gaps, ['Broken']],
      [undefined, [], []],
    ]);
  });
});

describe('the tests worth ordering', () => {
  it('are what is missing, then what the causes shown ask for, each once', () => {
    const background = { ...SETTLED, tests: ['a', 'b'] };
    const causes = [
      cause('First', 50, { tests: ['b', 'c'] }),
      cause('Second', 40, { tests: ['c', 'd'] }),
      cause('Third', 10, { tests: ['e'] }),
    ];
    expect(ranked(causes, background).cards[0]?.tests).toEqual(['a', 'b', 'c', 'd']);
  });

  it('of the second card are those of its own findings', () => {
    const findings = [safety('Potassium', { tests: ['k'] }), draft('D', { tests: ['k', 'm'] })];
    expect(ranked(findings, { ...SETTLED, tests: ['a'] }).cards.map(({ tests }) => tests)).toEqual([['k', 'm']]);
  });
});
