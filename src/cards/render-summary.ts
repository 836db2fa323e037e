import type { CardAdvice, RankedFinding } from '../reasoning/advice.js';
import type { CardTemplate } from './card-template.js';
import type { CardWording } from './card-wording.js';
import { plainText } from './escape-markdown.js';
import { fillFrom, type Words } from './template-text.js';

/** CDS Hooks: a summary is shorter than 140 characters. */
const LONGEST_SUMMARY = 139;
const SHORTEST_NAME = 12;

/** The finding a summary speaks of: the first that is urgent, else the first. */
export function leadingFinding(card: CardAdvice): RankedFinding | undefined {
  const urgent = card.findings.find(({ urgency }) => urgency === 'urgent');
  return urgent ?? card.findings[0];
}

/** One sentence: the cause, the number and what kind of certainty; names of drugs are cut to make it fit, values never. */
export function renderSummary(card: CardAdvice, template: CardTemplate, words: Words, wording: CardWording): string {
  // A measured danger is not "likely".
  const likelihood = card.indicator === 'critical' ? '' : (leadingFinding(card)?.likelihood ?? 'possible');
  // Ours win over words of such a name.
  const all = [{ lead: wording.lead, likelihood }, words];
  const led = (summary: string): string => (card.indicator === 'critical' ? urgent(summary, wording) : summary);
  for (let nameLength = 60; nameLength >= SHORTEST_NAME; nameLength -= 4) {
    const summary = led(firstFilled(template, all, nameLength));
    if (summary.length <= LONGEST_SUMMARY) return summary;
  }
  return plainText(led(firstFilled(template, all, SHORTEST_NAME)), LONGEST_SUMMARY);
}

/** A critical card begins with its urgency, in place of the usual lead. */
function urgent(summary: string, wording: CardWording): string {
  const beginning = `${wording['urgent-lead']}: `;
  if (summary.startsWith(beginning)) return summary;
  const usual = `${wording.lead}: `;
  return beginning + (summary.startsWith(usual) ? summary.slice(usual.length) : summary);
}

function firstFilled(template: CardTemplate, words: readonly Words[], nameLength: number): string {
  const show = (value: string, mayBeCut: boolean): string => plainText(value, mayBeCut ? nameLength : LONGEST_SUMMARY);
  for (const summary of template.summaries) {
    const filled = fillFrom(summary, words, show);
    if (filled !== undefined) return filled.replace(/ {2,}/g, ' ');
  }
  return template.title;
}
