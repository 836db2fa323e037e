import type { FhirResource, Observation, Quantity } from 'fhir/r4.js';
import type { Action, Card, Suggestion } from '../../src/cds-hooks.js';
import type { Expectation } from './case-file.js';

interface ShownFinding {
  id: string;
  points: number;
  likelihood: string;
  capped?: boolean;
  evidence: {
    text: string;
    points: number;
    value?: number;
    unit?: string;
    date?: string;
    reference?: string;
    derived?: boolean;
  }[];
  against: string[];
  missing: string[];
}

const SAME_UNIT: Readonly<Record<string, string>> = {
  'ng/l': 'pg/ml',
  'u[iu]/ml': 'm[iu]/l',
  'ug/l': 'ng/ml',
  '[iu]/l': 'u/l',
  'ml/min': 'ml/min/{1.73_m2}',
  mmhg: 'mm[hg]',
};
const CAP_WHILE_UNSETTLED = 55;
const NOT_A_CAUSE =
  /^draft-|^hyperkalaemia$|^insufficient-data$|^severe-hypocalcaemia-no-cramp-recorded$|^not-checked$/;

/** Where the cards differ from what the case expects; empty when they do not. */
export function differences(expected: Expectation, cards: readonly Card[]): string[] {
  if (expected.silent) return cards.map((card) => `is not silent: ${card.summary} ${JSON.stringify(shown(card))}`);
  const findings = cards.flatMap(findingsOf);
  const text = plain(cards.map((card) => `${card.summary}\n${card.detail ?? ''}`).join('\n'));
  const ordered = testsOf(cards);
  const linked = cards.flatMap(({ links = [] }) => links).map(({ url }) => url.split('/').at(-1) ?? '');
  return [
    ...differs('cards', expected.cards, cards.length),
    ...(expected.findings === undefined ? [] : findingDifferences(expected.findings, findings)),
    ...(expected.indicator === undefined ? [] : differs('indicator', expected.indicator, cards[0]?.indicator)),
    ...(expected.indicators === undefined
      ? []
      : differs(
          'indicators',
          expected.indicators,
          cards.map(({ indicator }) => indicator),
        )),
    ...lacking('the summary', expected.summary, plain(cards[0]?.summary ?? '')),
    ...lacking('the cards', expected.mentions, text),
    ...expected.omits.filter((words) => text.includes(plain(words))).map((words) => `the cards mention "${words}"`),
    ...expected.suggests.filter((code) => !ordered.includes(code)).map((code) => `the test ${code} is not suggested`),
    ...expected.suggestsNot.filter((code) => ordered.includes(code)).map((code) => `the test ${code} is suggested`),
    ...expected.handouts.filter((page) => !linked.includes(page)).map((page) => `the handout ${page} is not offered`),
    ...expected.handoutsNot.filter((page) => linked.includes(page)).map((page) => `the handout ${page} is offered`),
    ...differs('removals', expected.removes, removalsIn(cards)),
  ];
}

function findingDifferences(expected: NonNullable<Expectation['findings']>, found: readonly ShownFinding[]): string[] {
  const wanted = expected.map(({ id, points }) => ({ id, points }));
  const got = found.map(({ id, points }, index) => ({
    id,
    points: expected[index]?.points === undefined ? undefined : points,
  }));
  return [
    ...differs(
      'findings',
      wanted,
      JSON.stringify(wanted) === JSON.stringify(got) ? wanted : found.map(({ id, points }) => ({ id, points })),
    ),
    ...expected.flatMap((want) => {
      const finding = found.find(({ id }) => id === want.id);
      if (finding === undefined) return [];
      return [
        ...(want.likelihood === undefined
          ? []
          : differs(`likelihood of ${want.id}`, want.likelihood, finding.likelihood)),
        ...lacking(
          `the evidence of ${want.id}`,
          want.evidence,
          plain(finding.evidence.map((item) => `${item.text}: ${item.points}`).join('\n')),
        ),
        ...lacking(`what speaks against ${want.id}`, want.against, plain(finding.against.join('\n'))),
        ...lacking(`what is missing for ${want.id}`, want.missing, plain(finding.missing.join('\n'))),
      ];
    }),
  ];
}

/** What must hold for every card of every patient; empty when it does. */
export function brokenRules(cards: readonly Card[], record: readonly FhirResource[]): string[] {
  return [
    ...(cards.length > 2 ? ['more than two cards'] : []),
    ...testsOf(cards).flatMap((code, index, all) =>
      all.indexOf(code) < index ? [`the test ${code} is offered twice`] : [],
    ),
    ...cards.flatMap((card) => [
      ...brokenByCard(card),
      ...findingsOf(card).flatMap((finding) => brokenByFinding(finding, record)),
    ]),
  ];
}

function brokenByCard(card: Card): string[] {
  const text = `${card.summary} ${card.detail ?? ''} ${(card.suggestions ?? []).map(({ label }) => label).join(' ')}`;
  const [first] = findingsOf(card);
  const actions = (card.suggestions ?? []).flatMap((suggestion) => suggestion.actions ?? []);
  const wrongActions = actions.filter(
    (action) => action.type === 'update' || (action.type === 'create' && !isDraftTest(action.resource)),
  );
  return [
    ...(card.summary.length > 0 && card.summary.length < 140
      ? []
      : [`the summary has ${card.summary.length} characters`]),
    ...(/\{\{|\}\}|\b(undefined|null|NaN)\b|\[object/.test(text) ? ['a card prints an absent value'] : []),
    ...differs('topic', first && pascal(first.id), card.source.topic?.code),
    ...((card.indicator === 'critical') === card.summary.startsWith('Urgent')
      ? []
      : [`"${card.summary}" is ${card.indicator}`]),
    ...(card.suggestions && !card.selectionBehavior ? ['suggestions without selectionBehavior'] : []),
    ...(card.suggestions ?? []).filter(isPressed).map(({ label }) => `"${label}" is preselected`),
    ...wrongActions.map(() => 'a suggestion is neither a draft test nor the removal of a draft'),
  ];
}

function brokenByFinding(finding: ShownFinding, record: readonly FhirResource[]): string[] {
  const { id, points, likelihood, capped, evidence } = finding;
  const sum = evidence.reduce((total, item) => total + item.points, 0);
  const limited = capped ? CAP_WHILE_UNSETTLED : Math.min(Math.max(sum, 0), 100);
  const likely = NOT_A_CAUSE.test(id) ? !['insufficient-data', 'not-checked'].includes(id) : points >= 60;
  return [
    ...(limited === points ? [] : [`${id}: evidence adds up to ${sum}, points are ${points}`]),
    ...differs(`likelihood of ${id}`, likely ? 'likely' : 'possible', likelihood),
    ...(points > 0 && points < 30 ? [`${id} is shown with ${points} points`] : []),
    ...evidence.flatMap((item) => brokenEvidence(id, item, record)),
  ];
}

function brokenEvidence(id: string, item: ShownFinding['evidence'][number], record: readonly FhirResource[]): string[] {
  const said = `${id}: "${item.text}"`;
  const source = record.find((resource) => `${resource.resourceType}/${resource.id ?? ''}` === item.reference);
  if (item.reference !== undefined && source === undefined) return [`${said} refers to nothing of the record`];
  if (item.value === undefined) return [];
  if (item.unit === undefined) return [`${said} has no unit`];
  if (item.derived) return item.reference === undefined ? [] : [`${said} is computed, yet refers to a resource`];
  // A value without a resource of its own would be made up.
  const quantities = quantitiesOf(source as Observation | undefined);
  const same = quantities.some(
    ({ value, code, unit }) => value === item.value && [code, unit].some((name) => fold(name) === fold(item.unit)),
  );
  return same ? [] : [`${said}: ${item.value} ${item.unit} is not what the record says`];
}

function quantitiesOf(source: Observation | undefined): Quantity[] {
  return [source, ...(source?.component ?? [])].flatMap((part) => part?.valueQuantity ?? []);
}

/** Spellings of the same number in the same unit (clinical reference, observation hygiene). */
function fold(unit: string | undefined): string | undefined {
  const folded = unit?.toLowerCase().replaceAll(' ', '');
  return folded === undefined ? undefined : (SAME_UNIT[folded] ?? folded);
}

/** The removal of an order is offered, never recommended. */
function isPressed({ actions = [], isRecommended }: Suggestion): boolean {
  return isRecommended === true && actions.some(({ type }) => type === 'delete');
}

function isDraftTest(resource: FhirResource): boolean {
  return resource.resourceType === 'ServiceRequest' && resource.status === 'draft' && resource.intent === 'proposal';
}

function removalsIn(cards: readonly Card[]): string[] {
  return actionsIn(cards).flatMap((action) =>
    action.type === 'delete' ? [action.resourceId.split('/').at(-1) ?? ''] : [],
  );
}

function actionsIn(cards: readonly Card[]): Action[] {
  return cards.flatMap(({ suggestions = [] }) => suggestions).flatMap((suggestion) => suggestion.actions ?? []);
}

function testsOf(cards: readonly Card[]): string[] {
  const created = actionsIn(cards).flatMap((action) => (action.type === 'create' ? [action.resource] : []));
  return created
    .flatMap((resource) => (resource.resourceType === 'ServiceRequest' ? (resource.code?.coding ?? []) : []))
    .flatMap(({ code }) => code ?? []);
}

function findingsOf(card: Card): ShownFinding[] {
  // Our own extension, whose shape the contract fixes; what is empty is not sent.
  const sent = (card.extension?.['org.renal-cramp-cds.findings'] ?? []) as Partial<ShownFinding>[];
  return sent.map((finding) => ({ evidence: [], against: [], missing: [], ...finding }) as ShownFinding);
}

function shown(card: Card): unknown {
  return findingsOf(card).map(({ id, points }) => `${id} ${points}`);
}

function differs(what: string, wanted: unknown, got: unknown): string[] {
  const [one, other] = [JSON.stringify(wanted), JSON.stringify(got)];
  return one === other ? [] : [`${what}: wanted ${one}, got ${other}`];
}

function lacking(where: string, wanted: readonly string[], text: string): string[] {
  return wanted
    .filter((words) => !text.includes(plain(words)))
    .map((words) => `${where} does not mention "${words}": ${text.slice(0, 400)}`);
}

/** Without case and markdown escapes. */
function plain(text: string): string {
  return text.replaceAll('\\', '').replaceAll('&lt;', '<').replaceAll('&gt;', '>').toLowerCase();
}

function pascal(id: string): string {
  return id.replace(/(?:^|-)(\w)/g, (_match, letter: string) => letter.toUpperCase());
}
