import type { Gap } from '../../src/patient-record.js';
import type { Advice } from '../../src/reasoning/advice.js';
import type { Finding } from '../../src/reasoning/finding.js';
import { rank } from '../../src/reasoning/rank.js';
import type { RankingPolicy } from '../../src/reasoning/ranking-policy.js';
import { finding } from './finding.js';

export const POLICY: RankingPolicy = {
  likely: 60,
  possible: 30,
  'causes-shown': 3,
  'leads-the-cause-card': ['Severe'],
  'last-resort': 'Insufficient',
  unless: {},
  'info-only': ['Weak'],
  'tie-order': ['First', 'Second', 'Third', 'Fourth'],
};
export const SETTLED: Partial<Finding> = { kind: 'insufficient', points: 0, gatePassed: true, settled: true };
export const UNSETTLED: Partial<Finding> = {
  ...SETTLED,
  settled: false,
  missing: ['PTH: no result'],
  tests: ['2731-8'],
};
export const OUT_OF_SCOPE: Partial<Finding> = { ...SETTLED, gatePassed: false };

export const cause = (library: string, points: number, changes: Partial<Finding> = {}) =>
  finding(library, { points, ...changes });
export const safety = (library: string, changes: Partial<Finding> = {}) =>
  finding(library, { kind: 'safety', points: 0, ...changes });
export const draft = (library: string, changes: Partial<Finding> = {}) =>
  finding(library, { kind: 'draft', points: 0, ...changes });

/** Ranks findings beside the library that always answers. */
export function ranked(
  findings: Finding[],
  background = SETTLED,
  policy: Partial<RankingPolicy> = {},
  gaps: Gap[] = [],
): Advice {
  const evaluation = { findings: [...findings, finding('Insufficient', background)], failed: [] };
  return rank(evaluation, gaps, { ...POLICY, ...policy });
}

export const names = ({ cards }: Advice) => cards.map(({ findings }) => findings.map(({ library }) => library));
