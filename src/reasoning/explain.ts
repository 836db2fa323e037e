import type { Card } from '../cds-hooks.js';
import { ServiceError } from '../errors.js';
import type { Gap, PatientRecord } from '../patient-record.js';
import { absentInputs } from './absent-inputs.js';
import type { CardAdvice } from './advice.js';
import { criterionText } from './cql-text.js';
import { allCriteria, type Ask, type Criterion, unmetCriteria } from './criteria.js';
import { homeOf } from './elm-library.js';
import { type Evaluation, evaluateRun, openRun, valueIn } from './evaluate.js';
import type { Finding } from './finding.js';
import type { Knowledge } from './knowledge.js';
import type { Moment } from './moment.js';
import { rank } from './rank.js';
import type { Gate, RankingPolicy } from './ranking-policy.js';
import { kebabCase } from './read-finding.js';

/** The expression that says whether a rule applies, as a tree of criteria. */
const APPLIES_EXPRESSION = 'Applies';

export type Answer = 'true' | 'false' | 'unknown';

export interface ExplainedCriterion {
  /** As in CQL: `"GFR Is Below 60"`, `exists "Drafts"`, `"Drug" is not null`. */
  criterion: string;
  /** Name of the library that defines it, when it is not the rule's own. */
  definedIn?: string;
  value: Answer;
  /** One way of several: another may do instead. */
  alternative?: true;
  /** Names of the inputs it lacks; of a criterion that is not met only. */
  absent: string[];
}

/** A rule that did not apply, and the criteria because of which. */
export interface NotApplied {
  library: string;
  /** The same in kebab-case. */
  id: string;
  unmet: ExplainedCriterion[];
}

/** Everything the knowledge concluded about one patient, and why it concluded nothing else. */
export interface Explanation {
  cards: Card[];
  /** All, also those that no card shows. */
  findings: (Finding & { shown: boolean })[];
  notApplied: NotApplied[];
  gate: { value: Answer; criteria: ExplainedCriterion[] };
  /** What the record lacks, or what was left out of it. */
  gaps: readonly Gap[];
  /** Libraries that could not be run. */
  failed: string[];
}

export interface ExplainParts {
  knowledge: Knowledge;
  ranking: RankingPolicy & { gate: Gate };
  /** Card rendering is another stage: it is handed in. */
  render: (cards: readonly CardAdvice[]) => Card[];
}

/**
 * The same reasoning as a card's, shown whole.
 *
 * @throws ServiceError `data-not-available` when the record holds no patient; `invalid-knowledge` when the policy names
 * a gate that does not exist
 */
export async function explain(record: PatientRecord, moment: Moment, parts: ExplainParts): Promise<Explanation> {
  const run = openRun(parts.knowledge, record, moment);
  const reader = { knowledge: parts.knowledge, ask: (library, node) => valueIn(run, library, node) } satisfies Reader;
  const evaluation = await evaluateRun(run);
  const gate = await explainGate(parts.ranking.gate, reader);
  const { notApplied, failed } = await explainOthers(evaluation, reader);
  const advice = rank(evaluation, record.gaps, parts.ranking);
  const shown = new Set(advice.cards.flatMap(({ findings }) => findings.map(({ library }) => library)));
  return {
    cards: parts.render(advice.cards),
    findings: evaluation.findings.map((finding) => ({ ...finding, shown: shown.has(finding.library) })),
    notApplied,
    gate,
    gaps: record.gaps,
    failed: [...evaluation.failed.map(({ library }) => library), ...failed],
  };
}

interface Reader {
  knowledge: Knowledge;
  ask: Ask;
}

async function explainOthers(
  { findings, failed }: Evaluation,
  reader: Reader,
): Promise<{ notApplied: NotApplied[]; failed: string[] }> {
  const answered = new Set([...findings, ...failed].map(({ library }) => library));
  const others = [...reader.knowledge.libraries.keys()].filter((library) => !answered.has(library));
  const explained = { notApplied: new Array<NotApplied>(), failed: new Array<string>() };
  for (const library of others) {
    try {
      const unmet = await explainUnmet(library, reader);
      explained.notApplied.push({ library, id: kebabCase(library), unmet });
    } catch {
      // What evaluation did not need may throw where an explanation looks: it costs that rule only.
      explained.failed.push(library);
    }
  }
  return explained;
}

async function explainUnmet(name: string, reader: Reader): Promise<ExplainedCriterion[]> {
  const library = reader.knowledge.everyLibrary.get(name)?.elm;
  const applies = library?.expressions.get(APPLIES_EXPRESSION);
  if (library === undefined || applies === undefined) return [];
  return explainCriteria(await unmetCriteria(applies, library, reader.ask), reader);
}

async function explainGate(gate: Gate, reader: Reader): Promise<Explanation['gate']> {
  const library = reader.knowledge.everyLibrary.get(gate.library)?.elm;
  const expression = library?.expressions.get(gate.expression);
  if (library === undefined || expression === undefined) {
    throw new ServiceError('invalid-knowledge', `The gate "${gate.expression}" of ${gate.library} does not exist.`);
  }
  const value = answer(await reader.ask(library.name, expression), true);
  const criteria = await allCriteria(expression, library, reader.ask);
  return { value, criteria: await explainCriteria(criteria, reader) };
}

/** One after the other, so that each finds what the one before it has computed. */
async function explainCriteria(criteria: readonly Criterion[], reader: Reader): Promise<ExplainedCriterion[]> {
  const explained: ExplainedCriterion[] = [];
  for (const criterion of criteria) explained.push(await explainCriterion(criterion, reader));
  return explained;
}

async function explainCriterion(criterion: Criterion, { knowledge, ask }: Reader): Promise<ExplainedCriterion> {
  const { node, library, wanted, alternative } = criterion;
  const value = answer(criterion.value, wanted);
  const isNamed = node['type'] === 'ExpressionRef';
  const home = isNamed ? homeOf(node, library) : library.name;
  return {
    criterion: criterionText(isNamed ? { ...node, libraryName: undefined } : node, wanted),
    ...(home === library.name ? {} : { definedIn: home }),
    value,
    ...(alternative ? { alternative } : {}),
    absent: value === 'true' ? [] : await absentInputs(criterion, knowledge.everyLibrary, ask),
  };
}

/** Of the criterion as a whole: what is true where `not` is wanted is false. */
function answer(value: unknown, wanted: boolean): Answer {
  if (typeof value !== 'boolean') return 'unknown';
  return value === wanted ? 'true' : 'false';
}
