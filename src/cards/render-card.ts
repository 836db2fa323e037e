import type { Card, Coding } from '../cds-hooks.js';
import type { CardAdvice, RankedFinding } from '../reasoning/advice.js';
import type { EvidenceLine } from '../reasoning/finding.js';
import type { CardTemplate } from './card-template.js';
import { LONGEST_SENTENCE, plainText } from './escape-markdown.js';
import { offerHandouts } from './offer-handouts.js';
import { offerSmartApp } from './offer-smart-app.js';
import { type DetailParts, renderDetail } from './render-detail.js';
import { leadingFinding, renderSummary } from './render-summary.js';
import { showEvidence } from './show-evidence.js';
import { suggestRemovals } from './suggest-removals.js';
import { suggestTests } from './suggest-tests.js';

const NOT_CHECKED = 'NotChecked';
export interface CardParts extends DetailParts {
  patientId: string;
  /** Base of the topic system and of the page with the source attributes. */
  publicBaseUrl: string;
  /** Codes of orders that only the site knows, by the names the policy gives them. */
  siteOrders?: ReadonlyMap<string, Coding>;
  ordered: ReadonlySet<string>;
  newId: () => string;
  /** Address of our SMART app, where the caller's EHR can launch it. */
  smartAppUrl?: string | undefined;
}

/** The cards in their order; a test that one of them offers is not offered again by the next. */
export function renderCards(cards: readonly CardAdvice[], parts: CardParts): Card[] {
  let shared = parts;
  return cards.map((advice, index) => {
    const card = renderCard(advice, shared);
    const isLast = index === cards.length - 1;
    if (!isLast) shared = { ...shared, ordered: new Set([...shared.ordered, ...testsOffered(card)]) };
    return card;
  });
}

function testsOffered({ suggestions = [] }: Card): string[] {
  const actions = suggestions.flatMap((suggestion) => suggestion.actions ?? []);
  return actions.flatMap((action) =>
    action.type !== 'delete' && action.resource.resourceType === 'ServiceRequest'
      ? (action.resource.code?.coding ?? []).flatMap(({ code }) => code ?? [])
      : [],
  );
}

/** Turns what is to be said into a CDS Hooks card. */
export function renderCard(card: CardAdvice, parts: CardParts): Card {
  const { wording, publicBaseUrl } = parts;
  const leading = leadingFinding(card);
  const suggestions = [...suggestTests(card.tests, parts), ...suggestRemovals(card.findings, parts)];
  const links = [...offerSmartApp(card, parts), ...offerHandouts(card.findings, parts)];
  const { system, reasons } = wording['override-reasons'];
  // In the order in which clients have always had them; V8 is slow at what is spread into the middle of an object.
  const shown: Card = {
    uuid: parts.newId(),
    summary: summaryOf(card, leading, parts),
    detail: detailOf(card, parts),
    indicator: card.indicator,
    source: {
      label: wording.source,
      url: `${publicBaseUrl}/about`,
      topic: { system: `${publicBaseUrl}/topics`, code: card.findings[0]?.library ?? NOT_CHECKED },
    },
  };
  if (suggestions.length > 0) {
    shown.suggestions = suggestions;
    shown.selectionBehavior = 'any';
  }
  shown.overrideReasons = reasons.map(({ code, display }) => ({ system, code, display }));
  if (links.length > 0) shown.links = links;
  shown.extension = {
    'org.renal-cramp-cds.findings':
      card.about === 'not-checked'
        ? [notChecked(card, parts)]
        : card.findings.map((each) => shownFinding(each, card, parts)),
    'org.renal-cramp-cds.knowledge': { version: parts.version },
  };
  return shown;
}

function summaryOf(card: CardAdvice, leading: RankedFinding | undefined, parts: CardParts): string {
  const template = leading === undefined ? undefined : templateOf(leading, parts);
  if (leading === undefined || template === undefined) return parts.wording['not-checked'].summary;
  return renderSummary(card, template, leading.words, parts.wording);
}

function templateOf(finding: RankedFinding, { templates }: CardParts): CardTemplate | undefined {
  return templates.get(finding.library);
}

function detailOf(card: CardAdvice, parts: CardParts): string {
  return renderDetail(card, parts);
}

interface ShownFinding {
  id: string;
  points: number;
  likelihood: 'likely' | 'possible';
  capped?: true;
  evidence?: object[];
  against?: string[];
  missing?: string[];
}

/** A finding as clients and tests read it: nothing sent is empty (CDS Hooks 2.0.1, Use of JSON). */
function shownFinding(finding: RankedFinding, card: CardAdvice, { today }: CardParts): ShownFinding {
  const fromBackground = card.findings[0] === finding ? (card.background?.missing ?? []) : [];
  const missing = new Set([...fromBackground, ...finding.missing]);
  const shown: ShownFinding = { id: finding.id, points: finding.points, likelihood: finding.likelihood };
  if (finding.capped) shown.capped = true;
  if (finding.evidence.length > 0) shown.evidence = finding.evidence.map((line) => shownLine(line, today));
  if (finding.against.length > 0) shown.against = finding.against.map(shownSentence);
  if (missing.size > 0) shown.missing = [...missing].map(shownSentence);
  return shown;
}

function shownSentence(sentence: string): string {
  return plainText(sentence, LONGEST_SENTENCE);
}

/** A line of evidence as clients read it. */
export function shownLine(line: EvidenceLine, today: string): object {
  const { points, value, unit, date, reference, limit, derived } = line;
  const shown: Record<string, unknown> = { text: shownSentence(showEvidence(line, today)), points };
  if (value !== undefined && unit !== undefined) {
    shown['value'] = value;
    shown['unit'] = unit;
  }
  if (date !== undefined) shown['date'] = date;
  if (reference !== undefined) shown['reference'] = reference;
  if (limit !== undefined) shown['limit'] = limit;
  if (derived) shown['derived'] = derived;
  return shown;
}

function notChecked(card: CardAdvice, { wording }: CardParts): ShownFinding {
  const missing = card.gaps.flatMap((gap) =>
    'resourceType' in gap ? [wording['resource-types'][gap.resourceType] ?? gap.resourceType] : [],
  );
  const shown: ShownFinding = { id: 'not-checked', points: 0, likelihood: 'possible' };
  const names = new Set([...missing, ...card.failed]);
  if (names.size > 0) shown.missing = [...names];
  return shown;
}
