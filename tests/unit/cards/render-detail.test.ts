import { describe, expect, it } from '@jest/globals';
import { marked } from 'marked';
import { renderDetail } from '../../../src/cards/render-detail.js';
import type { CardAdvice } from '../../../src/reasoning/advice.js';
import { cardAdvice, cardParts, rankedFinding, WORDING } from '../../support/card-parts.js';
import { line } from '../../support/finding.js';
import { payloads } from '../../support/markdown-payloads.js';

const WORDS = { drug: 'Furosemide', calcium: '7.4 mg/dL (corrected 8.3 mg/dL)' };
const loop = (changes = {}) => rankedFinding('Loop', { words: WORDS, ...changes });
const detailOf = (card: CardAdvice) => renderDetail(card, cardParts());

describe('the detail', () => {
  const tagsOf = (markdown: string) => marked.parse(markdown, { gfm: true, async: false }).match(/<[^>]*>/g);

  /** Every place that text of a record comes to. */
  function cardNaming(name: string): CardAdvice {
    const evidence = [
      line({ points: 25, text: `loop diuretic: ${name}`, reference: 'MedicationRequest/1' }),
      line({ points: 10, text: 'calcium', shown: `7.4 ${name}`, unit: name, limit: { value: 8.4, unit: name } }),
      line({ text: name }),
    ];
    const sentence = `${name} is also taken`;
    const changes = { evidence, against: [sentence], missing: [`PTH: ${name}`], words: { drug: name, calcium: name } };
    const background = rankedFinding('Background', { ignored: [`calcium 7 ${name}: ignored`], notes: [name] });
    return cardAdvice([loop({ ...changes, urgency: 'urgent' })], { background });
  }

  it.each(payloads)('shows %j and does nothing with it', (payload) => {
    expect(tagsOf(detailOf(cardNaming(payload)))).toEqual(tagsOf(detailOf(cardNaming('word'))));
  });

  it('cuts a name of the record, and keeps what stands beside it', () => {
    const detail = detailOf(cardNaming('N'.repeat(5_000)));
    expect(detail.length).toBeLessThan(10_000);
    expect(detail).not.toContain('N'.repeat(401));
  });

  it('gives each reason its points, with a sign, and the limit it was compared with', () => {
    const evidence = [
      line({
        points: 45,
        text: 'calcium',
        shown: '7.8 mg/dL',
        unit: 'mg/dL',
        date: '2026-05-12',
        limit: { value: 8, unit: 'mg/dL' },
      }),
      line({ points: -10, text: 'not corrected' }),
      line({ points: 0, text: 'albumin', shown: '4.1 g/dL', unit: 'g/dL', limit: { value: 4, unit: 'g/dL' } }),
    ];
    const lines = detailOf(cardAdvice([loop({ points: 35, capped: true, evidence })])).split('\n');
    expect(lines.slice(0, 5)).toEqual([
      '**A loop diuretic: possible, 35 points (limited)**',
      '',
      '- Calcium 7.8 mg/dL (12 May 2026, 5 days ago), limit 8.0: +45',
      '- Not corrected: -10',
      '- Albumin 4.1 g/dL',
    ]);
  });

  it('numbers several findings, and repeats no line that gives no points', () => {
    const albumin = line({ text: 'albumin', shown: '4.1 g/dL' });
    const calcium = line({ points: 45, text: 'calcium', shown: '7.8 mg/dL' });
    const detail = detailOf(
      cardAdvice([loop({ evidence: [calcium, albumin] }), loop({ evidence: [calcium, albumin] })]),
    );
    expect(detail.match(/^\*\*\d\. A loop diuretic/gm)).toEqual(['**1. A loop diuretic', '**2. A loop diuretic']);
    expect(detail.match(/Calcium 7\.8/g)).toHaveLength(2);
    expect(detail.match(/Albumin 4\.1/g)).toHaveLength(1);
  });

  it('gives each draft its reasons, whatever another has', () => {
    const draft = (library: string) =>
      rankedFinding(library, { kind: 'draft', evidence: [line({ text: 'magnesium', shown: '1.6 mg/dL' })] });
    const detail = detailOf(cardAdvice([draft('Loop'), draft('Thiazide')]));
    expect(detail.match(/Magnesium 1\.6/g)).toHaveLength(2);
  });

  it('says of which findings the evidence speaks, what is against them and what can be done', () => {
    const linesOf = (card: CardAdvice) => detailOf(card).split('\n');
    const two = linesOf(cardAdvice([loop({ against: ['both', 'one'] }), loop({ against: ['both'] })]));
    expect(two).toEqual(expect.arrayContaining(['- 1, 2: both', '- 1: one', '- 1, 2: Weak', '- No order']));
    const single = linesOf(cardAdvice([loop({ against: ['one'] })]));
    expect(single).toEqual(expect.arrayContaining(['- one', '- Weak']));
    const other = linesOf(cardAdvice([loop({ words: { ...WORDS, stage: 'G4' } }), loop()]));
    expect(other).toEqual(expect.arrayContaining([expect.stringMatching(/^- 1, 2: Review /), '- 1: Stage G4']));
  });

  it.each([
    ['urgent', '**Act now: calcium 7.4 mg/dL \\(corrected'],
    ['repeat', '**Repeat today**'],
  ] as const)('begins with what is %s', (urgency, start) => {
    const detail = detailOf(cardAdvice([loop({ urgency }), loop({ urgency })]));
    expect(detail.replaceAll('\\(', '(').startsWith(start.replaceAll('\\(', '('))).toBe(true);
    expect(detail.split(start.slice(0, 10))).toHaveLength(2);
  });

  it('says a note among what is to be known, unless it speaks against a finding of the card', () => {
    const background = rankedFinding('Background', { notes: ['calcium is discordant', 'pregnant'] });
    const against = ['calcium is discordant'];
    expect(detailOf(cardAdvice([loop({ against })], { background })).match(/discordant/g)).toHaveLength(1);
    const alone = detailOf(cardAdvice([loop()], { background }));
    expect(alone).toContain('- Calcium is discordant\n- Pregnant');
  });

  it('says what is urgent of a finding that found no place, too', () => {
    const others = [loop({ urgency: 'urgent' })];
    expect(detailOf(cardAdvice([rankedFinding('Other')], { others }))).toMatch(/^\*\*Act now: calcium 7\.4 mg\/dL/);
    expect(detailOf(cardAdvice([rankedFinding('Other')], { others: [loop()] }))).not.toContain('Act now');
  });

  it('leaves out an item whose values are not known, and a heading without items', () => {
    const detail = detailOf(cardAdvice([loop({ words: {} })]));
    expect(detail).not.toMatch(/Review|Stage/);
    expect(detail).not.toContain(`**${WORDING.headings['can-be-done']}**`);
    expect(detail).not.toContain(`**${WORDING.headings.against}**`);
    expect(detailOf(cardAdvice([loop({ words: { ...WORDS, stage: 'G4' } })]))).toContain('- Stage G4');
  });

  it('gives advice for the patient beside causes only', () => {
    expect(detailOf(cardAdvice([loop()]))).toContain(WORDING.headings['self-care']);
    expect(detailOf(cardAdvice([loop()], { about: 'orders' }))).not.toContain(WORDING.headings['self-care']);
  });

  it('ends with the version of the knowledge', () => {
    expect(detailOf(cardAdvice([loop()]))).toMatch(/1\.2\.3\.$/);
  });
});
