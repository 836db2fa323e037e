import { describe, expect, it } from '@jest/globals';
import { type CardTemplate, readCardTemplates } from '../../../src/cards/card-template.js';
import type { TemplateText } from '../../../src/cards/template-text.js';
import { renderSummary } from '../../../src/cards/render-summary.js';
import { FOLDERS } from '../../../src/folders.js';
import { loadKnowledge } from '../../../src/reasoning/knowledge.js';
import { cardAdvice, rankedFinding, WORDING } from '../../support/card-parts.js';

const { cardWords } = loadKnowledge(FOLDERS);
const templates = readCardTemplates(FOLDERS.cards, cardWords);
const cases = [...templates.values()].map((template) => [template.library, template] as const);
/** As long as values get: a calcium raw and corrected, a stage, and a result of two decimals. */
const VALUES: Record<string, string> = { calcium: '17.45 mg/dL (corrected 8.35 mg/dL)', stage: 'G5D' };
const ANY_VALUE = '2050.25 mL/h/kg';

interface Name {
  name: string;
  mayBeCut: boolean;
}

function namesIn({ parts }: TemplateText): Name[] {
  return parts.flatMap((part) =>
    typeof part === 'string' ? [] : 'optional' in part ? namesIn({ parts: part.optional }) : [part],
  );
}

function valueOf(name: string): string {
  return VALUES[name] ?? ANY_VALUE;
}

/** Each name with the value that `value` gives it. */
function summaryOf(
  template: CardTemplate,
  value: (name: Name) => string,
  indicator: 'info' | 'critical' = 'info',
): string {
  const names = template.summaries.flatMap(namesIn);
  const words = Object.fromEntries(names.map((name) => [name.name, value(name)]));
  const finding = rankedFinding(template.library, { points: 90, urgency: 'urgent', words });
  return renderSummary(cardAdvice([finding], { indicator }), template, words, WORDING);
}

describe.each(cases)('the summary of %s', (_library, template) => {
  it('is shorter than 140 characters with names of 500, and its values are whole', () => {
    const summary = summaryOf(template, ({ name, mayBeCut }) => (mayBeCut ? 'N'.repeat(500) : valueOf(name)));
    const names = namesIn(template.summaries[0]!).filter(({ mayBeCut }) => !mayBeCut);
    const values = names.filter(({ name }) => !['lead', 'likelihood'].includes(name)).map(({ name }) => valueOf(name));
    expect(summary.length).toBeLessThan(140);
    expect(summary).toMatch(new RegExp(values.map((value) => value.replace(/[()/.]/g, '\\$&')).join('.*')));
  });

  it('is shorter than 140 characters whatever is filled in', () => {
    expect(summaryOf(template, () => 'N'.repeat(500)).length).toBeLessThan(140);
  });

  it('prints no unfilled name or bracket', () => {
    expect(summaryOf(template, () => 'x')).not.toMatch(/[[\]{}]{2}/);
  });

  it('begins with Urgent when it can be urgent', () => {
    if (template.urgent === undefined) return;
    expect(summaryOf(template, () => 'x', 'critical')).toMatch(/^Urgent: /);
  });
});
