import type { Indicator } from '../cds-hooks.js';
import { flattened } from '../flattened.js';
import type { Gap } from '../patient-record.js';
import type { Advice, CardAdvice, Likelihood, RankedFinding } from './advice.js';
import type { Evaluation } from './evaluate.js';
import type { Finding } from './finding.js';
import type { RankingPolicy, Unless } from './ranking-policy.js';

/** Gaps that mean a check was not made; a foreign resource that was left out is only worth a line on a card. */
const UNCHECKED: ReadonlySet<Gap['kind']> = new Set(['not-had', 'incomplete', 'unreadable', 'medication-unresolved']);
/** Without these the gate itself cannot be answered. */
const ESSENTIAL: ReadonlySet<string> = new Set(['Patient', 'Condition', 'Observation']);

/** Orders the findings and decides which cards there are: at most two, the more urgent first. */
export function rank(
  evaluation: Pick<Evaluation, 'findings' | 'failed'>,
  gaps: readonly Gap[],
  policy: RankingPolicy,
): Advice {
  const background = evaluation.findings.find(({ library }) => library === policy['last-resort']);
  const cards = [causeCard(evaluation.findings, background, policy), orderCard(evaluation.findings, policy)];
  const shown = cards.filter((card) => card !== undefined).sort(byIndicator);
  const failed = evaluation.failed.map(({ library }) => library);
  const [first] = shown;
  if (first !== undefined) {
    if (background !== undefined) first.background = background;
    first.gaps = gaps;
    first.failed = failed;
    return { cards: shown };
  }
  if (!mustSayUnchecked(background, gaps, failed)) return { cards: [] };
  return { cards: [{ about: 'not-checked', indicator: 'info', findings: [], others: [], gaps, failed, tests: [] }] };
}

/** Silence means that everything was looked at, or that the patient is out of scope. */
function mustSayUnchecked(background: Finding | undefined, gaps: readonly Gap[], failed: readonly string[]): boolean {
  const essential = gaps.some((gap) => gap.kind === 'not-had' && ESSENTIAL.has(gap.resourceType));
  if (essential || background === undefined) return true;
  return background.gatePassed === true && (failed.length > 0 || gaps.some(({ kind }) => UNCHECKED.has(kind)));
}

function causeCard(
  findings: readonly Finding[],
  background: Finding | undefined,
  policy: RankingPolicy,
): CardAdvice | undefined {
  const leads = findings.filter(({ library }) => policy['leads-the-cause-card'].includes(library));
  const unsettled = background?.settled === false;
  const causes = keptCauses(findings, unsettled, policy);
  const ranked = causes.filter(({ points }) => points >= policy.possible).sort(byPoints(policy));
  const shown = firstWithUrgent([...leads, ...ranked], policy['causes-shown']);
  if (shown.length === 0) return unsettled ? insufficientCard(background) : undefined;
  return {
    about: 'causes',
    indicator: indicatorOfCauses([...leads, ...causes], shown, policy),
    findings: shown.map((finding) => ranking(finding, policy)),
    others: ranked.filter((finding) => !shown.includes(finding)).map((finding) => ranking(finding, policy)),
    gaps: [],
    failed: [],
    tests: [...new Set([...(background?.tests ?? []), ...flattened(shown.map(({ tests }) => tests))])],
  };
}

/** An emergency never loses its place to a finding that is none, nor to a second cause of another emergency. */
function firstWithUrgent(ranked: readonly Finding[], count: number): Finding[] {
  const urgent = ranked.filter(({ urgency }) => urgency === 'urgent');
  const emergencies = urgent.map(emergencyOf);
  const firsts = urgent.filter((finding, index) => emergencies.indexOf(emergencyOf(finding)) === index);
  const chosen = [...new Set([...firsts, ...urgent, ...ranked])].slice(0, count);
  return ranked.filter((finding) => chosen.includes(finding));
}

/** Causes that account for one abnormality are one emergency. */
function emergencyOf({ explains, library }: Finding): string {
  return explains[0] ?? library;
}

function ranking(finding: Finding, policy: RankingPolicy): RankedFinding {
  // In this order: V8 is slow at an element that follows what is spread.
  return { likelihood: likelihoodOf(finding, policy), ...finding };
}

function insufficientCard(background: Finding): CardAdvice {
  return {
    about: 'causes',
    indicator: 'info',
    findings: [{ ...background, likelihood: 'possible' }],
    others: [],
    gaps: [],
    failed: [],
    tests: background.tests,
  };
}

/** The causes left after the policy's exceptions, which are read in their order: one that is dropped counts no more. */
function keptCauses(findings: readonly Finding[], unsettled: boolean, policy: RankingPolicy): Finding[] {
  let kept = findings.filter(({ kind }) => kind === 'cause');
  for (const [library, exception] of Object.entries(policy.unless)) {
    if (!kept.some((finding) => finding.library === library)) continue;
    const others = kept.filter((finding) => finding.library !== library);
    if (isExcepted(exception, others, unsettled)) kept = others;
  }
  return kept;
}

function isExcepted(
  { explained, fits, points, of, unsettled }: Unless,
  others: Finding[],
  isUnsettled: boolean,
): boolean {
  if (unsettled === true && isUnsettled) return true;
  if (explained !== undefined && others.some(({ explains }) => explains.includes(explained))) return true;
  if (fits?.some((library) => others.some((other) => other.library === library)) === true) return true;
  if (points === undefined) return false;
  return others.some((other) => other.points >= points && (of === undefined || of.includes(other.library)));
}

function byPoints(policy: RankingPolicy): (a: Finding, b: Finding) => number {
  const place = ({ library }: Finding): number => {
    const index = policy['tie-order'].indexOf(library);
    return index < 0 ? policy['tie-order'].length : index;
  };
  return (a, b) => b.points - a.points || place(a) - place(b);
}

function likelihoodOf({ kind, points }: Finding, policy: RankingPolicy): Likelihood {
  return kind !== 'cause' || points >= policy.likely ? 'likely' : 'possible';
}

function indicatorOfCauses(all: readonly Finding[], shown: readonly Finding[], policy: RankingPolicy): Indicator {
  if (all.some(({ urgency }) => urgency === 'urgent')) return 'critical';
  if (all.some(({ urgency }) => urgency === 'repeat')) return 'warning';
  const strong = shown.some(({ points, library }) => points >= policy.likely && !policy['info-only'].includes(library));
  return strong ? 'warning' : 'info';
}

/** Safety findings that stand beside the causes, then what the draft orders would do: warnings first. */
function orderCard(findings: readonly Finding[], policy: RankingPolicy): CardAdvice | undefined {
  const safety = findings.filter(
    ({ kind, library }) => kind === 'safety' && !policy['leads-the-cause-card'].includes(library),
  );
  const drafts = findings.filter(({ kind }) => kind === 'draft').sort(byWarning(policy));
  const shown = [...safety, ...drafts];
  if (shown.length === 0) return undefined;
  return {
    about: 'orders',
    indicator: indicatorOfOrders(shown),
    findings: shown.map((finding) => ({ ...finding, likelihood: 'likely' })),
    others: [],
    gaps: [],
    failed: [],
    tests: [...new Set(flattened(shown.map(({ tests }) => tests)))],
  };
}

function byWarning(policy: RankingPolicy): (a: Finding, b: Finding) => number {
  const inOrder = byPoints(policy);
  return (a, b) => Number(b.warning) - Number(a.warning) || inOrder(a, b);
}

function indicatorOfOrders(shown: readonly Finding[]): Indicator {
  if (shown.some(({ urgency }) => urgency === 'urgent')) return 'critical';
  return shown.some(({ warning }) => warning) ? 'warning' : 'info';
}

const URGENCY: readonly Indicator[] = ['critical', 'warning', 'info'];

/** The higher indicator first; equal: the card about orders first. */
function byIndicator(a: CardAdvice, b: CardAdvice): number {
  return (
    URGENCY.indexOf(a.indicator) - URGENCY.indexOf(b.indicator) ||
    Number(b.about === 'orders') - Number(a.about === 'orders')
  );
}
