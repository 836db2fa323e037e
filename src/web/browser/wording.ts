import type { Answer, Criterion, ExplainedFinding } from './service/explained.js';

export function likelihoodText(value: NonNullable<ExplainedFinding['likelihood']>): string {
  return { likely: 'Likely', possible: 'Possible', unlikely: 'Under the display limit' }[value];
}

export const ANSWER_TEXT: Readonly<Record<Answer, string>> = { true: 'yes', false: 'no', unknown: 'not known' };

/** `"GFR Is Below 60"` -> `GFR is below 60`; other expressions stay as they are. */
export function criterionText({ criterion }: Pick<Criterion, 'criterion'>): string {
  return criterion.replace(/"([^"]+)"/g, (_whole, name: string) => sentenceCase(name));
}

/** First word as it is, the others without their capital unless they are names in capitals or hold digits. */
function sentenceCase(name: string): string {
  const [first = '', ...rest] = name.split(' ');
  return [first, ...rest.map((word) => (/^[A-Z][a-z]+$/.test(word) ? word.toLowerCase() : word))].join(' ');
}

/** Why a rule did not apply: what is not met, what is not known, what it would have needed. */
export function reasonText(unmet: readonly Criterion[]): string {
  if (unmet.length === 0) return 'no answer';
  const parts = [
    listed(
      'not met: ',
      unmet.filter(({ alternative, value }) => alternative !== true && value === 'false'),
    ),
    listed(
      'not known: ',
      unmet.filter(({ alternative, value }) => alternative !== true && value === 'unknown'),
    ),
    listed(
      'none of these holds: ',
      unmet.filter(({ alternative }) => alternative === true),
    ),
  ];
  return parts.filter((part) => part !== '').join('; ');
}

function listed(lead: string, criteria: readonly Criterion[]): string {
  return criteria.length === 0 ? '' : lead + criteria.map(criterionText).join(', ');
}
