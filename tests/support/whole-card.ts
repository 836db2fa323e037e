import type { Card } from '../../src/cds-hooks.js';
import { findingsOf, type ShownEvidence, type ShownFinding } from './composed-service.js';

const DATED = /\(\d{1,2} [A-Z][a-z]{2} \d{4}(?:, (?:today|in \d+ days?|\d+ days? ago))?\)/;

/** What a reader would miss on a card: of each value its unit, date and limit, the source, and what was missing. */
export function lacksOf(card: Card): string[] {
  const detail = plain(card.detail ?? '');
  const findings = findingsOf(card);
  const isAdvice = findings.some(({ id }) => id !== 'not-checked');
  return [
    ...(card.source.label !== '' && card.source.url !== undefined ? [] : ['a source']),
    ...(/Knowledge \d+\.\d+\.\d+\.$/.test(detail) ? [] : ['the version of the knowledge']),
    ...(!isAdvice || /\*\*Evidence\*\*\n\n- \S/.test(detail) ? [] : ['the strength of its evidence']),
    ...findings.flatMap((finding) => lacksOfFinding(finding, detail).map((lack) => `${finding.id}: ${lack}`)),
  ];
}

function lacksOfFinding({ id, points, evidence, missing, against }: ShownFinding, detail: string): string[] {
  return [
    ...(points > 0 && evidence.length === 0 ? ['its evidence'] : []),
    ...evidence.flatMap((item) => lacksOfEvidence(item, detail, id.startsWith('draft-'))),
    ...[...missing, ...against].filter((sentence) => !says(detail, sentence)).map((sentence) => `"${sentence}" in it`),
    ...(missing.length === 0 || detail.includes('**Missing, stale or to be known**')
      ? []
      : ['the heading of what is missing']),
  ];
}

function lacksOfEvidence(item: ShownEvidence & { limit?: unknown }, detail: string, isDraft: boolean): string[] {
  const { text, value, unit, date, derived, reference, points, limit } = item;
  const said = detail.includes(plain(text));
  const lacks = [
    ...(said ? [] : ['its line']),
    ...(value === undefined || unit !== undefined ? [] : ['a unit']),
    // A dose computed from a draft is of now.
    ...(value === undefined || (isDraft && derived === true) || (date !== undefined && DATED.test(text))
      ? []
      : ['a date']),
    ...(value === undefined || derived === true || reference !== undefined ? [] : ['a resource']),
    ...(value === undefined || points <= 0 || limit !== undefined ? [] : ['a limit']),
  ];
  return lacks.map((lack) => `${lack} of "${text}"`);
}

/** The first letter may be a capital there. */
function says(detail: string, sentence: string): boolean {
  return detail.toLowerCase().includes(plain(sentence).toLowerCase());
}

/** Without the escapes of Markdown. */
function plain(text: string): string {
  return text.replace(/\\(.)/g, '$1').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
