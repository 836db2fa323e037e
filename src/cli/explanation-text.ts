import type { CardWording } from '../cards/card-wording.js';
import { plainText } from '../cards/escape-markdown.js';
import { gapText } from '../cards/render-detail.js';
import { capitalised, showEvidence, showLimit } from '../cards/show-evidence.js';
import type { Card } from '../cds-hooks.js';
import type { Answer, ExplainedCriterion, Explanation, NotApplied } from '../reasoning/explain.js';
import type { EvidenceLine } from '../reasoning/finding.js';

const WIDTH = 100;
/** A longer list of absent inputs is written once. */
const SHORT_LIST = 3;
const KINDS = ['cause', 'safety', 'draft', 'insufficient'];
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&' };
const ANSWERS: Readonly<Record<Answer, string>> = { true: 'yes', false: 'no', unknown: 'not known' };
const VERDICTS: Readonly<Record<Answer, string>> = { true: 'passed', false: 'not passed', unknown: 'not known' };

type ShownFinding = Explanation['findings'][number];

export interface TextParts {
  /** Whose record, and as of when. */
  head: string;
  wording: CardWording;
  /** Points from which a cause is shown. */
  possible: number;
  /** `YYYY-MM-DD` in the offset of the evaluation. */
  today: string;
}

/** An explanation for a terminal: at most 100 characters a line, and no control character of the record. */
export function explanationText(explanation: Explanation, parts: TextParts): string {
  const sections: [string, string[]][] = [
    ...cardSections(explanation.cards),
    ['Findings', explanation.findings.toSorted(byPoints).flatMap((finding) => findingLines(finding, parts))],
    ['Rules that did not apply', ruleLines(explanation.notApplied)],
    ['Rules that could not be run', explanation.failed.flatMap((library) => item(library))],
    ['Missing, left out, to be known', backgroundLines(explanation, parts)],
    [`Gate: ${VERDICTS[explanation.gate.value]}`, explanation.gate.criteria.flatMap(gateLines)],
  ];
  const shown = sections.filter(([, lines]) => lines.length > 0);
  const blocks = [wrapped(parts.head), ...shown.map(([heading, lines]) => [...underlined(heading), ...lines])];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function underlined(heading: string): string[] {
  return [heading, '='.repeat(heading.length)];
}

function cardSections(cards: readonly Card[]): [string, string[]][] {
  if (cards.length === 0) return [['Cards', ['None: there is nothing to say.']]];
  return cards.map((card, index) => [
    `Card ${String(index + 1)} of ${String(cards.length)}: ${card.indicator}`,
    cardLines(card),
  ]);
}

function cardLines({ summary, detail = '', suggestions = [], links = [] }: Card): string[] {
  return [
    ...wrapped(summary),
    '',
    ...detail.split('\n').flatMap(detailLines),
    ...(suggestions.length + links.length === 0 ? [] : ['']),
    ...suggestions.flatMap(({ label }) => item(`Suggestion: ${label}`)),
    // Ours, with nothing of the record in it: whole, to be opened.
    ...links.flatMap(({ label, url }) => [...item(`Link: ${label}`), `  ${url}`]),
  ];
}

function detailLines(line: string): string[] {
  const [, text] = /^- (.*)$/.exec(line) ?? [];
  return text === undefined ? wrapped(withoutMarkdown(line)) : item(withoutMarkdown(text));
}

/** What `escape-markdown` added and the bold of headings; addresses stay broken by their space. */
function withoutMarkdown(text: string): string {
  return text.replace(
    /\\([!-/:-@[-`{-~])|\*\*|&(lt|gt|amp);/g,
    (_whole, escaped?: string, entity = '') => escaped ?? ENTITIES[entity as string] ?? '', // the groups of the pattern
  );
}

function byPoints(a: ShownFinding, b: ShownFinding): number {
  return KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || b.points - a.points;
}

function findingLines(finding: ShownFinding, parts: TextParts): string[] {
  const { library, points, kind, evidence, against, missing, urgency } = finding;
  const sum = evidence.reduce((total, line) => total + line.points, 0);
  const capped = finding.capped ? ` (the lines add up to ${String(sum)})` : '';
  const urgent = urgency === undefined ? '' : `, ${urgency}`;
  return [
    ...item(`${library}: ${String(points)} points${capped}, ${kind}${urgent}, ${display(finding, parts)}`),
    ...evidence.flatMap((line) => evidenceLines(line, parts)),
    ...against.flatMap((text) => wrapped(`against: ${text}`, '       ', '         ')),
    ...missing.flatMap((text) => wrapped(`missing: ${text}`, '       ', '         ')),
  ];
}

function display({ shown, kind, points }: ShownFinding, { possible }: TextParts): string {
  if (shown) return 'shown';
  if (kind === 'insufficient') return 'no card of its own';
  if (kind === 'cause' && points < possible) return `not shown: fewer than ${String(possible)} points`;
  return 'not shown: gives way to others (cards/policy.yaml)';
}

function evidenceLines(line: EvidenceLine, { today }: TextParts): string[] {
  const points = `${line.points > 0 ? '+' : ''}${String(line.points)}`.padStart(5);
  const reference = line.reference === undefined ? '' : ` [${line.reference}]`;
  return wrapped(`${showEvidence(line, today)}${showLimit(line)}${reference}`, `${points}  `, '         ');
}

function ruleLines(rules: readonly NotApplied[]): string[] {
  const written = new Set<string>();
  return rules.flatMap(({ library, unmet }) => item(`${library}: ${reasons(unmet, written)}`));
}

function reasons(unmet: readonly ExplainedCriterion[], written: Set<string>): string {
  const groups: [string, ExplainedCriterion[]][] = [
    ['not met', unmet.filter(({ alternative, value }) => alternative !== true && value === 'false')],
    ['not known', unmet.filter(({ alternative, value }) => alternative !== true && value === 'unknown')],
    ['none met of', unmet.filter(({ alternative }) => alternative === true)],
  ];
  const given = groups.filter(([, criteria]) => criteria.length > 0);
  const text = given.map(([word, criteria]) => `${word}: ${criteria.map((each) => reason(each, written)).join(', ')}`);
  return text.length === 0 ? 'no answer' : text.join('; ');
}

/** `"GFR Is Below 60" (absent: Latest GFR) [CrampPopulation]` */
function reason(
  { criterion, definedIn, absent, alternative, value }: ExplainedCriterion,
  written: Set<string>,
): string {
  const unknown = alternative === true && value === 'unknown' ? ['not known'] : [];
  const notes = [...unknown, ...absentNote(absent, written)];
  const note = notes.length === 0 ? '' : ` (${notes.join('; ')})`;
  return `${criterion}${note}${definedIn === undefined ? '' : ` [${definedIn}]`}`;
}

function absentNote(absent: readonly string[], written: Set<string>): string[] {
  if (absent.length === 0) return [];
  const list = absent.join(', ');
  if (absent.length > SHORT_LIST && written.has(list)) return [`absent: ${absent.slice(0, 1).join()} … as above`];
  written.add(list);
  return [`absent: ${list}`];
}

function backgroundLines({ findings, gaps }: Explanation, { wording }: TextParts): string[] {
  const sentences = [
    ...findings.flatMap(({ missing }) => missing.map((text) => `missing: ${text}`)),
    ...findings.flatMap(({ ignored }) => ignored.map((text) => `left out: ${text}`)),
    ...findings.flatMap(({ notes }) => notes.map((text) => `note: ${text}`)),
    ...gaps.map((gap) => `record: ${gapText(gap, wording)}`),
  ];
  return [...new Set(sentences)].flatMap((sentence) => item(capitalised(sentence)));
}

function gateLines({ criterion, value, absent }: ExplainedCriterion): string[] {
  return item(`${ANSWERS[value]}: ${criterion}${absent.length === 0 ? '' : ` (absent: ${absent.join(', ')})`}`);
}

function item(text: string): string[] {
  return wrapped(text, '- ', '  ');
}

/** The only way to a line: what the record wrote passes here, so that it cannot steer the terminal. */
function wrapped(text: string, first = '', rest = ''): string[] {
  const lines: string[] = [];
  let line = first;
  let isBlank = true;
  for (const word of wordsOf(plainText(text, Infinity)).flatMap(pieces)) {
    const longer = isBlank ? line + word : `${line} ${word}`;
    if (isBlank || longer.length <= WIDTH) {
      line = longer;
    } else {
      lines.push(line);
      line = rest + word;
    }
    isBlank = false;
  }
  return [...lines, line.trimEnd()];
}

/** A name in quotes stays on one line, so that it can be searched for. */
function wordsOf(text: string): string[] {
  return text.match(/(?:"[^"]{1,60}"|\S)+/g) ?? [''];
}

/** A word longer than a line is cut. */
function pieces(word: string): string[] {
  const longest = WIDTH - 10;
  return word.length <= longest ? [word] : [word.slice(0, longest), ...pieces(word.slice(longest))];
}
