import { describe, expect, it } from '@jest/globals';
import { renderCard, renderCards } from '../../../src/cards/render-card.js';
import type { CardAdvice } from '../../../src/reasoning/advice.js';
import { cardAdvice, cardParts, rankedFinding, WORDING } from '../../support/card-parts.js';
import { line } from '../../support/finding.js';
import { payloads } from '../../support/markdown-payloads.js';

const CALCIUM = '7.4 mg/dL (corrected 8.3 mg/dL)';
const WORDS = { drug: 'Furosemide', calcium: CALCIUM };
const loop = (changes = {}) => rankedFinding('Loop', { words: WORDS, ...changes });
const rendered = (card: CardAdvice) => renderCard(card, cardParts());
const detailOf = (card: CardAdvice) => rendered(card).detail ?? '';
const findingsOf = (card: CardAdvice) => rendered(card).extension?.['org.renal-cramp-cds.findings'];

describe('the summary', () => {
  it('says cause and value', () => {
    expect(rendered(cardAdvice([loop()])).summary).toBe(`Cramp: Furosemide may be lowering calcium (${CALCIUM})`);
  });

  it.each([60, 80, 139, 140, 500, 10_000])(
    'is short with a drug name of %d characters, and the value is whole',
    (length) => {
      const words = { drug: 'F'.repeat(length), calcium: CALCIUM };
      const { summary } = rendered(cardAdvice([loop({ words })]));
      expect(summary.length).toBeLessThan(140);
      expect(summary).toMatch(/^Cramp: F{11,59}(F|…) may be lowering calcium \(/);
      expect(summary.endsWith(`(${CALCIUM})`)).toBe(true);
    },
  );

  it('cuts the name further for a value that is long', () => {
    const calcium = `7.4 mg/dL (${'corrected '.repeat(7)}8.3 mg/dL)`;
    const { summary } = rendered(cardAdvice([loop({ words: { drug: 'F'.repeat(500), calcium } })]));
    expect(summary.length).toBeLessThan(140);
    expect(summary.endsWith(`(${calcium})`)).toBe(true);
  });

  it('shows of a name as much as there is room for', () => {
    const drug = 'F'.repeat(57);
    expect(rendered(cardAdvice([loop({ words: { drug, calcium: '7.4' } })])).summary).toContain(drug);
  });

  it('is the next one that can be filled when a value is not known', () => {
    expect(rendered(cardAdvice([loop({ words: { drug: 'x' } })])).summary).toBe('Cramp: a diuretic');
  });

  it("begins with our own lead, whatever the finding's words say", () => {
    const words = { ...WORDS, lead: 'Theirs', likelihood: 'surely' };
    expect(rendered(cardAdvice([loop({ words })])).summary).toMatch(/^Cramp: Furosemide /);
  });

  it('begins with Urgent on a critical card and speaks of the finding that is urgent', () => {
    const calm = rankedFinding('Other', { points: 90 });
    const urgent = loop({ urgency: 'urgent' });
    expect(rendered(cardAdvice([calm, urgent], { indicator: 'critical' })).summary).toMatch(/^Urgent: Furosemide /);
  });

  it.each(payloads)('is one line of plain text with %j for a name', (drug) => {
    const { summary } = rendered(cardAdvice([loop({ words: { drug, calcium: CALCIUM } })]));
    expect(summary).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(summary.length).toBeLessThan(140);
  });
});

describe('the cards of one answer', () => {
  const labels = (codes: string[][], ordered: string[] = []) =>
    renderCards(
      codes.map((tests) => cardAdvice([loop()], { tests })),
      cardParts({ ordered: new Set(ordered) }),
    ).map(({ suggestions = [] }) => suggestions.map(({ label }) => label));

  it('offer each test once: the later card leaves out what an earlier one offers', () => {
    expect(labels([['2731-8'], ['1751-7', '2731-8'], ['1751-7']])).toEqual([['Order PTH'], ['Order albumin'], []]);
  });

  it('offer what the first has no room for on the second', () => {
    const six = ['a', 'b', 'c', 'd', 'e', '2731-8'];
    expect(labels([six, ['e', '2731-8']])[1]).toEqual(['Order PTH']);
  });

  it('leave out on both what is ordered already', () => {
    expect(labels([['1751-7'], ['2731-8', '1751-7']], ['1751-7'])).toEqual([[], ['Order PTH']]);
  });
});

describe('what could not be checked', () => {
  const card = cardAdvice([], {
    about: 'not-checked',
    gaps: [
      { kind: 'not-had', resourceType: 'Condition', reason: 'timed-out' },
      { kind: 'not-had', resourceType: 'Observation', reason: 'not-provided' },
      { kind: 'not-had', resourceType: 'Procedure', reason: 'not-permitted' },
      { kind: 'incomplete', resourceType: 'Observation' },
      { kind: 'unreadable', resourceType: 'Observation', count: 3 },
      { kind: 'foreign', count: 2 },
      { kind: 'medication-unresolved', count: 4 },
    ],
    failed: ['Broken'],
  });

  it('is said line by line', () => {
    expect(detailOf(card).match(/^- .*$/gm)).toEqual([
      '- Not checked: problem list (too late)',
      '- Not checked: results (not sent)',
      '- Not checked: Procedure (forbidden)',
      '- Partly checked: results',
      '- 3 of results unreadable',
      '- 2 of another patient',
      '- 4 drugs unknown',
      '- Not run: Broken',
    ]);
  });

  it('is a finding of its own on a card of its own', () => {
    expect(findingsOf(card)).toEqual([
      {
        id: 'not-checked',
        points: 0,
        likelihood: 'possible',
        missing: ['problem list', 'results', 'Procedure', 'Broken'],
      },
    ]);
    expect(rendered(card)).toMatchObject({ source: { topic: { code: 'NotChecked' } }, indicator: 'info' });
    expect(rendered(card).summary).toBe(WORDING['not-checked'].summary);
    expect(WORDING['not-checked'].summary.length).toBeLessThan(140);
  });

  it('is said beside a cause too', () => {
    const beside = cardAdvice([loop()], { gaps: card.gaps, failed: ['Broken'] });
    expect(detailOf(beside)).toContain('- Not checked: problem list (too late)');
    expect(detailOf(beside)).toContain('- Not run: Broken');
  });
});

describe('the rest of the card', () => {
  it('names the source and a topic that is the same for every patient', () => {
    expect(rendered(cardAdvice([loop(), rankedFinding('Other')])).source).toEqual({
      label: WORDING.source,
      url: 'https://cds.example.org/about',
      topic: { system: 'https://cds.example.org/topics', code: 'Loop' },
    });
  });

  it('offers the reasons of the policy for not following it', () => {
    expect(rendered(cardAdvice([loop()])).overrideReasons).toEqual([
      { system: 'urn:test:reason', code: 'data-wrong', display: 'The data are wrong' },
      { system: 'urn:test:reason', code: 'patient-declined', display: 'Patient declined' },
    ]);
  });

  it('says how to choose only where there is something to choose', () => {
    expect(rendered(cardAdvice([loop()]))).not.toHaveProperty('selectionBehavior');
    expect(rendered(cardAdvice([loop()]))).not.toHaveProperty('suggestions');
    const { uuid, suggestions, selectionBehavior } = rendered(cardAdvice([loop()], { tests: ['a', 'b'] }));
    expect(selectionBehavior).toBe('any');
    expect(new Set([uuid, ...(suggestions ?? []).map((each) => each.uuid)]).size).toBe(3);
  });

  it('offers to take back a draft, not recommended', () => {
    const removable = [{ name: 'Quinine', reference: 'MedicationRequest/d1' }];
    const { suggestions } = rendered(cardAdvice([loop({ removable }), loop({ removable })], { about: 'orders' }));
    expect(suggestions).toMatchObject([
      { isRecommended: false, actions: [{ type: 'delete', resourceId: 'MedicationRequest/d1' }] },
    ]);
    expect(suggestions?.[0]?.label).toContain('Quinine');
  });

  it('carries the findings as data: only what is known', () => {
    const evidence = [
      line({
        points: 45,
        text: 'calcium',
        shown: '7.8 mg/dL',
        value: 7.8,
        unit: 'mg/dL',
        date: '2026-05-12T08:00:00Z',
        reference: 'Observation/1',
        limit: { value: 8.4, unit: 'mg/dL' },
      }),
      line({ points: 0, text: 'corrected', shown: '8.0 mg/dL', value: 8, unit: 'mg/dL', derived: true }),
      line({ points: 10, text: 'no mechanism', value: 3 }),
    ];
    const background = rankedFinding('Background', { missing: ['PTH: no result', 'TSH: no result'] });
    const first = loop({ points: 60, evidence, against: ['x'], missing: ['PTH: no result'] });
    expect(findingsOf(cardAdvice([first, loop({ capped: true, points: 55 })], { background }))).toEqual([
      {
        id: 'loop',
        points: 60,
        likelihood: 'likely',
        evidence: [
          {
            text: 'Calcium 7.8 mg/dL (12 May 2026, 5 days ago)',
            points: 45,
            value: 7.8,
            unit: 'mg/dL',
            date: '2026-05-12T08:00:00Z',
            reference: 'Observation/1',
            limit: { value: 8.4, unit: 'mg/dL' },
          },
          { text: 'Corrected 8.0 mg/dL', points: 0, value: 8, unit: 'mg/dL', derived: true },
          { text: 'No mechanism', points: 10 },
        ],
        against: ['x'],
        missing: ['PTH: no result', 'TSH: no result'],
      },
      { id: 'loop', points: 55, likelihood: 'possible', capped: true },
    ]);
    expect(rendered(cardAdvice([loop()])).extension?.['org.renal-cramp-cds.knowledge']).toEqual({ version: '1.2.3' });
  });
});
