import { describe, expect, it } from '@jest/globals';
import { showExplanation } from '../../../src/cards/show-explanation.js';
import type { Explanation } from '../../../src/reasoning/explain.js';
import { cardParts, rankedFinding } from '../../support/card-parts.js';

const parts = { ...cardParts(), ranking: { likely: 60, possible: 30 } };
const finding = (library: string, points: number, kind: 'cause' | 'draft' = 'cause') => ({
  ...rankedFinding(library, { kind, points }),
  shown: points >= 30,
});
const explanation = (findings: Explanation['findings']): Explanation => ({
  ...{ cards: [], findings, notApplied: [], gaps: [], failed: [] },
  gate: { value: 'true', criteria: [] },
});

describe('an explanation, shown', () => {
  it.each([
    [60, 'likely'],
    [59, 'possible'],
    [30, 'possible'],
    [29, 'unlikely'],
  ])('calls a cause of %d points %s', (points, likelihood) => {
    const { findings } = showExplanation(explanation([finding('Loop', points)]), parts);
    expect(findings).toEqual([expect.objectContaining({ points, likelihood, shown: points >= 30 })]);
  });

  it('calls no draft likely', () => {
    const [draft] = showExplanation(explanation([finding('Loop', 90, 'draft')]), parts).findings;
    expect(draft).not.toHaveProperty('likelihood');
  });

  it('begins with most points, and keeps the order of equal ones', () => {
    const given = [finding('One', 40), finding('Two', 70), finding('Three', 40)];
    const { findings } = showExplanation(explanation(given), parts);
    expect(findings.map((each) => (each as { title: string }).title)).toEqual(['Two', 'One', 'Three']);
  });
});
