import type { Gap } from '../patient-record.js';
import { flattened } from '../flattened.js';
import type { CardAdvice, RankedFinding } from '../reasoning/advice.js';
import type { EvidenceLine } from '../reasoning/finding.js';
import type { CardTemplate, SectionName } from './card-template.js';
import type { CardWording } from './card-wording.js';
import { escapeMarkdown, LONGEST_SENTENCE } from './escape-markdown.js';
import { capitalised, showEvidence, showLimit } from './show-evidence.js';
import { fill, parseText, type TemplateText } from './template-text.js';

export interface DetailParts {
  templates: ReadonlyMap<string, CardTemplate>;
  wording: CardWording;
  /** `YYYY-MM-DD` in the offset of the evaluation. */
  today: string;
  /** Version of the knowledge. */
  version: string;
}

/** The detail of a card: causes with their reasons, what speaks against, what is missing, what can be done. */
export function renderDetail(card: CardAdvice, parts: DetailParts): string {
  const { headings } = parts.wording;
  const blocks = [
    ...urgencies(card, parts),
    ...card.findings.map((finding, index) => renderFinding(finding, index, card, parts)),
    list(
      headings['also-found'],
      card.others.map((finding) => otherLine(finding, parts)),
    ),
    list(headings.against, numbered(card.findings.map(({ against }) => against.map(shown)))),
    list(headings.missing, [...missing(card), ...gapLines(card, parts.wording)]),
    list(headings['can-be-done'], numbered(sections(card, 'can-be-done', parts))),
    list(headings['self-care'], selfCare(card, parts.wording)),
    list(headings['not-suggested'], unique(flattened(sections(card, 'not-suggested', parts)))),
    list(headings.evidence, numbered(sections(card, 'evidence', parts))),
    parts.wording.footer.replace('{{version}}', parts.version),
  ];
  return blocks.filter((block) => block !== undefined).join('\n\n');
}

function shown(sentence: string): string {
  return escapeMarkdown(sentence, LONGEST_SENTENCE);
}

function unique(lines: readonly string[]): string[] {
  return [...new Set(lines)];
}

function list(heading: string, items: readonly string[]): string | undefined {
  if (items.length === 0) return undefined;
  return [`**${heading}**`, '', ...items.map((item) => `- ${item}`)].join('\n');
}

/** Also of findings that are only named: an emergency without a place on the card is one none the less. */
function urgencies(card: CardAdvice, { templates }: DetailParts): string[] {
  return unique(
    [...card.findings, ...card.others]
      .filter(({ urgency }) => urgency !== undefined)
      .flatMap(({ library, urgency, words }) => {
        const text = templates.get(library)?.[urgency === 'urgent' ? 'urgent' : 'repeat'];
        const filled = text === undefined ? undefined : fill(text, words, shown);
        return filled === undefined ? [] : [`**${filled}**`];
      }),
  );
}

/** A line an earlier finding of the card has shown is shown again where it counts here too, or where no line has points. */
function renderFinding(finding: RankedFinding, index: number, card: CardAdvice, parts: DetailParts): string {
  const title = parts.templates.get(finding.library)?.title ?? finding.id;
  const place = card.findings.length > 1 ? `${String(index + 1)}. ` : '';
  const score = finding.kind === 'cause' ? `: ${finding.likelihood}, ${String(finding.points)} points` : '';
  const capped = finding.kind === 'cause' && finding.capped ? ` (${parts.wording.capped})` : '';
  const before = card.findings.slice(0, index);
  const isSaidBefore = (line: EvidenceLine) =>
    before.some(({ evidence }) => evidence.some((each) => isSame(each, line)));
  const isNeeded = (line: EvidenceLine) => line.points !== 0 || !isSaidBefore(line);
  const lines = finding.kind === 'cause' ? finding.evidence.filter(isNeeded) : finding.evidence;
  return [`**${place}${title}${score}${capped}**`, '', ...lines.map((line) => renderLine(line, parts.today))]
    .join('\n')
    .trimEnd();
}

/** Title, likelihood, points and the first reason with its value and date. */
function otherLine(finding: RankedFinding, { templates, today }: DetailParts): string {
  const title = templates.get(finding.library)?.title ?? finding.id;
  const [line] = finding.evidence.filter(({ points }) => points > 0);
  const reason = line === undefined ? '' : `; ${shown(showEvidence(line, today))}`;
  return `${title}: ${finding.likelihood}, ${String(finding.points)} points${reason}`;
}

function selfCare({ about, indicator, findings }: CardAdvice, wording: CardWording): string[] {
  const isFitting = findings.some(({ library }) => !wording['no-self-care'].includes(library));
  return about === 'causes' && indicator !== 'critical' && isFitting ? wording['self-care'] : [];
}

function isSame(one: EvidenceLine, other: EvidenceLine): boolean {
  return one.text === other.text && one.shown === other.shown && one.reference === other.reference;
}

function renderLine(line: EvidenceLine, today: string): string {
  const limit = line.points === 0 ? '' : showLimit(line);
  const points = line.points === 0 ? '' : `: ${line.points > 0 ? '+' : ''}${String(line.points)}`;
  return `- ${shown(`${showEvidence(line, today)}${limit}${points}`)}`;
}

/** A note that a finding of the card has among what speaks against it is not said twice. */
function missing({ background, findings }: CardAdvice): string[] {
  const said = new Set(flattened(findings.map(({ against }) => against)));
  return unique([
    ...(background?.missing ?? []),
    ...flattened(findings.map((finding) => finding.missing)),
    ...(background?.ignored ?? []),
    ...(background?.notes ?? []).filter((note) => !said.has(note)),
  ]).map((sentence) => shown(capitalised(sentence)));
}

function gapLines({ gaps, failed }: CardAdvice, wording: CardWording): string[] {
  const libraries = failed.map((library) => filled(wording.gaps.failed, { library }));
  return unique([...gaps.map((gap) => gapLine(gap, wording)), ...libraries]);
}

function gapLine(gap: Gap, wording: CardWording): string {
  return gapText(gap, wording, shown);
}

/** What could not be checked or was left out, in words. */
export function gapText(gap: Gap, wording: CardWording, show: (value: string) => string = (value) => value): string {
  const what = 'resourceType' in gap ? (wording['resource-types'][gap.resourceType] ?? gap.resourceType) : '';
  const count = 'count' in gap ? String(gap.count) : '';
  const reason = 'reason' in gap ? wording.reasons[gap.reason] : '';
  return fill(parseText(wording.gaps[gap.kind]), { what, count, reason }, show) ?? gap.kind;
}

function filled(text: string, words: Record<string, string>): string {
  return fill(parseText(text), words, shown) ?? text;
}

/** The items of one section, for each finding. */
function sections(card: CardAdvice, name: SectionName, { templates }: DetailParts): string[][] {
  return card.findings.map((finding) => {
    const texts: readonly TemplateText[] = templates.get(finding.library)?.sections[name] ?? [];
    // An item of optional parts may be empty.
    return texts.map((text) => fill(text, finding.words, shown) ?? '').filter((text) => text !== '');
  });
}

/** Each line once; beside other findings it begins with the numbers of those it speaks of. */
function numbered(linesOfFindings: readonly (readonly string[])[]): string[] {
  const lines = unique(flattened(linesOfFindings));
  if (linesOfFindings.length < 2) return lines;
  const places = (line: string) =>
    linesOfFindings.map((own, index) => (own.includes(line) ? index + 1 : 0)).filter((place) => place > 0);
  return lines.map((line) => `${places(line).join(', ')}: ${line}`);
}
