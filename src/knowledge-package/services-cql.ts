import type { CardTemplate } from '../cards/card-template.js';
import { ServiceError } from '../errors.js';
import { cardCql, SHARED_FUNCTIONS } from './card-cql.js';
import type { FindingShape } from './finding-shape.js';
import { type PackageSource, SERVICES_LIBRARY } from './package-source.js';
import { cqlString } from './template-cql.js';

type Policy = PackageSource['policy'];
type Unless = Policy['ranking']['unless'][string];

/**
 * The library that the PlanDefinitions ask: for each finding whether it is shown, with what title, description and
 * priority; the two cards made of them; and which tests are worth ordering. What `cards/` say, in CQL.
 */
export function servicesCql(
  { version, policy, templates }: Pick<PackageSource, 'version' | 'policy' | 'templates'>,
  shapes: readonly FindingShape[],
): string {
  const { libraries, applies, shown } = new Showing(shapes, policy);
  const cards = shapes.map((shape) => cardCql(shape, templateOf(shape.library, templates), policy));
  return `${[
    '// Made from cards/ for the PlanDefinitions: which finding is shown, how it is worded, which tests are worth ordering.',
    `library ${SERVICES_LIBRARY} version ${cqlString(version)}`,
    "using FHIR version '4.0.1'",
    libraries.map((name) => `include ${name} version ${cqlString(version)} called ${name}`).join('\n'),
    'context Patient',
    libraries.map((name) => `define "${name} Finding": ${name}."Finding"`).join('\n'),
    ...applies,
    ...shown,
    testsCql(shapes, policy),
    SHARED_FUNCTIONS,
    ...cards,
    rankedCql('Cause', shapes.filter(isAboutCauses(policy)), policy, policy.ranking['causes-shown']),
    rankedCql(
      'Order',
      shapes.filter((shape) => !isAboutCauses(policy)(shape)),
      policy,
    ),
  ].join('\n\n')}\n`;
}

function templateOf(library: string, templates: PackageSource['templates']): CardTemplate {
  const template = templates.get(library);
  if (template === undefined) throw new ServiceError('invalid-knowledge', `The library ${library} has no card.`);
  return template;
}

/** The policy's exceptions and bands, as defines. */
class Showing {
  readonly libraries: string[];
  readonly applies: string[];
  readonly shown: string[];
  readonly #causes: readonly FindingShape[];
  readonly #ranking: Policy['ranking'];
  readonly #exceptions: readonly string[];

  constructor(shapes: readonly FindingShape[], { ranking }: Policy) {
    this.#ranking = ranking;
    this.#exceptions = Object.keys(ranking.unless);
    this.#causes = shapes.filter(({ kind }) => kind === 'cause');
    this.libraries = shapes.map(({ library }) => library);
    this.applies = this.#causes.map(({ library }) => `define "${library} Applies": ${this.#applies(library)}`);
    this.shown = shapes.map((shape) => `define "${shape.library} Is Shown": ${this.#isShown(shape)}`);
    this.shown.push(`define "A Cause Is Shown": ${anyOf(this.#beforeTheLast(shapes).map(isShown))}`);
  }

  /** Exceptions are read in their order: what an earlier one drops counts no more, what a later one drops counts still. */
  #applies(library: string): string {
    const exception = this.#ranking.unless[library];
    const found = `"${library} Finding" is not null`;
    if (exception === undefined) return found;
    const others = this.#causes.filter((cause) => cause.library !== library);
    const counts = (other: string): string => {
      const isDropped = this.#exceptions.includes(other) && this.#comesBefore(other, library);
      return isDropped ? `"${other} Applies"` : `"${other} Finding" is not null`;
    };
    const reasons = [
      ...(exception.unsettled ? [`Coalesce("${this.#ranking['last-resort']} Finding".settled = false, false)`] : []),
      ...explainedCql(exception, others, counts),
      ...(exception.fits ?? []).map((other) => `(${counts(other)})`),
      ...pointsCql(exception, others, counts),
    ];
    return `${found}\n  and not (${reasons.join('\n    or ')})`;
  }

  #comesBefore(one: string, other: string): boolean {
    return this.#exceptions.indexOf(one) < this.#exceptions.indexOf(other);
  }

  #isShown({ library, kind }: FindingShape): string {
    if (library === this.#ranking['last-resort']) {
      return `Coalesce("${library} Finding".settled = false, false) and not "A Cause Is Shown"`;
    }
    if (kind !== 'cause') return `"${library} Finding" is not null`;
    return `"${library} Applies" and Coalesce("${library} Finding".points >= ${String(this.#ranking.possible)}, false)`;
  }

  /** What must be silent before the last resort speaks. */
  #beforeTheLast(shapes: readonly FindingShape[]): FindingShape[] {
    const leads = this.#ranking['leads-the-cause-card'];
    return shapes.filter(({ library, kind }) => kind === 'cause' || leads.includes(library));
  }
}

function explainedCql({ explained }: Unless, others: readonly FindingShape[], counts: (other: string) => string) {
  if (explained === undefined) return [];
  const explaining = others.filter(({ elements }) => elements.has('explains'));
  return explaining.map(
    ({ library }) => `((${counts(library)}) and ${cqlString(explained)} in "${library} Finding".explains)`,
  );
}

function pointsCql({ points, of }: Unless, others: readonly FindingShape[], counts: (other: string) => string) {
  if (points === undefined) return [];
  const named = others.filter(({ library }) => of === undefined || of.includes(library));
  return named.map(
    ({ library }) => `((${counts(library)}) and Coalesce("${library} Finding".points >= ${String(points)}, false))`,
  );
}

/** On the cause card stand the causes, what leads it, and the last resort; on the other one everything else. */
function isAboutCauses({ ranking }: Policy): (shape: FindingShape) => boolean {
  const alone = [...ranking['leads-the-cause-card'], ranking['last-resort']];
  return ({ library, kind }) => kind === 'cause' || alone.includes(library);
}

/**
 * One card of several findings: what is urgent or leads the card first, then by points, then in the policy's order. Its
 * title is that of the first.
 */
function rankedCql(
  card: string,
  shapes: readonly FindingShape[],
  { ranking, wording, version }: Policy,
  most?: number,
) {
  const rows = shapes.map(({ library }) => {
    const place = ranking['tie-order'].indexOf(library);
    const first = ranking['leads-the-cause-card'].includes(library) ? '1000000' : '0';
    const order = `"Rank"("${library} Finding".points, "${library} Priority", ${first}, ${String(place < 0 ? 999 : place)})`;
    return `if ${isShown({ library })} then Tuple { order: ${order}, title: "${library} Title", description: "${library} Description", priority: "${library} Priority" } else null`;
  });
  const ranked = `(({\n    ${rows.join(',\n    ')} }) R where R is not null return all R sort by order desc)`;
  const footer = cqlString(wording.footer.replaceAll('{{version}}', version));
  return [
    `define "${card} Findings":\n  ${most === undefined ? ranked : `Take(${ranked}, ${String(most)})`}`,
    `define "${card} Card Is Shown": exists "${card} Findings"`,
    `define "${card} Title": First("${card} Findings").title`,
    `define "${card} Description":\n  Combine(flatten { ("${card} Findings") F return all F.description, { ${footer} } }, '\\n\\n')`,
    `define "${card} Priority": "Most Urgent"(("${card} Findings") F return all F.priority)`,
  ].join('\n');
}

function testsCql(shapes: readonly FindingShape[], { ranking, wording }: Policy): string {
  const last = ranking['last-resort'];
  const asking = shapes.filter(({ library, elements }) => elements.has('tests') && library !== last);
  const lists = asking.map(({ library }) => testsIf(isShown({ library }), library));
  const codes = Object.entries(wording.tests.names);
  return [
    `define "Tests Worth Ordering":\n  distinct (flatten {\n    ${[testsIf(`"A Cause Is Shown" or "${last} Is Shown"`, last), ...lists].join(',\n    ')} })`,
    'define "A Test Is Worth Ordering": exists "Tests Worth Ordering"',
    `define "Names Of The Tests":\n  Combine(("Tests Worth Ordering") T return all case T\n    ${codes
      .map(([code, name]) => `when ${cqlString(code)} then ${cqlString(name)}`)
      .join('\n    ')}\n    else T end, ', ')`,
    ...codes.map(([code]) => `define "${testDefine(code)}": ${cqlString(code)} in "Tests Worth Ordering"`),
  ].join('\n');
}

/** Name of the define that says whether the test is worth ordering. */
export function testDefine(code: string): string {
  return `Test ${code} Is Worth Ordering`;
}

function testsIf(condition: string, library: string): string {
  return `if ${condition} then "${library} Finding".tests else List<System.String>{}`;
}

function isShown({ library }: Pick<FindingShape, 'library'>): string {
  return `"${library} Is Shown"`;
}

function anyOf(conditions: readonly string[]): string {
  return conditions.join('\n  or ');
}
