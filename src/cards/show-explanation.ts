import type { Card } from '../cds-hooks.js';
import type { ExplainedCriterion, Explanation } from '../reasoning/explain.js';
import type { CardTemplate } from './card-template.js';
import type { CardWording } from './card-wording.js';
import { LONGEST_SENTENCE, plainText } from './escape-markdown.js';
import { shownLine } from './render-card.js';
import { gapText } from './render-detail.js';

export interface ExplanationParts {
  templates: ReadonlyMap<string, CardTemplate>;
  wording: CardWording;
  /** Points from which a cause is likely, and from which it is shown at all. */
  ranking: { likely: number; possible: number };
  /** `YYYY-MM-DD` in the offset of the evaluation. */
  today: string;
}

/** An explanation as our own pages read it. */
export interface ShownExplanation {
  cards: Card[];
  findings: object[];
  notApplied: { id: string; title: string; unmet: ExplainedCriterion[] }[];
  gate: Explanation['gate'];
  gaps: string[];
  failed: string[];
}

/** An explanation for our own pages: the words of the record as plain text, most points first. */
export function showExplanation(explanation: Explanation, parts: ExplanationParts): ShownExplanation {
  const { cards, findings, notApplied, gate, gaps, failed } = explanation;
  return {
    cards,
    findings: findings.toSorted((a, b) => b.points - a.points).map((finding) => shownFinding(finding, parts)),
    notApplied: notApplied.map(({ library, id, unmet }) => ({ id, title: titleOf(library, parts), unmet })),
    gate,
    gaps: gaps.map((gap) => gapText(gap, parts.wording)),
    failed,
  };
}

function shownFinding(finding: Explanation['findings'][number], parts: ExplanationParts): object {
  const { library, id, kind, points, shown, capped, urgency, evidence, against, missing, ignored, notes } = finding;
  return {
    id,
    title: titleOf(library, parts),
    kind,
    points,
    shown,
    ...(kind === 'cause' ? { likelihood: likelihoodOf(points, parts) } : {}),
    ...(capped ? { capped } : {}),
    ...(urgency === undefined ? {} : { urgency }),
    evidence: evidence.map((line) => shownLine(line, parts.today)),
    against: sentences(against),
    missing: sentences(missing),
    ignored: sentences(ignored),
    notes: sentences(notes),
  };
}

/** `unlikely`: under the display limit. */
function likelihoodOf(points: number, { ranking }: ExplanationParts): string {
  if (points >= ranking.likely) return 'likely';
  return points >= ranking.possible ? 'possible' : 'unlikely';
}

function titleOf(library: string, { templates }: ExplanationParts): string {
  return templates.get(library)?.title ?? library;
}

function sentences(lines: readonly string[]): string[] {
  return lines.map((line) => plainText(line, LONGEST_SENTENCE));
}
