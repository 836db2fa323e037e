import type { CardTemplate } from '../cards/card-template.js';
import type { TemplateText } from '../cards/template-text.js';
import type { FindingShape } from './finding-shape.js';
import type { PackageSource } from './package-source.js';
import { cqlString, templateCql } from './template-cql.js';

type Policy = PackageSource['policy'];

const EVIDENCE_LINE =
  'Tuple { points System.Integer, text System.String, shown System.String, value System.Decimal, unit System.String, date System.DateTime, reference System.String, limit System.Quantity, derived System.Boolean }';

/** What the cards of all findings need. */
export const SHARED_FUNCTIONS = `// Names and values come from the record: what Markdown would take for more than text is left out of them.
define function "Plain"(text System.String):
  ReplaceMatches(text, '[\\\\[\\\\]<>*_\`|#\\\\\\\\]', ' ')

define function "Evidence Lines"(lines List<${EVIDENCE_LINE}>):
  (lines) L
    return all '- ' + "Plain"(L.text + Coalesce(' ' + L.shown, ''))
      + Coalesce(' (' + ToString(date from L.date) + ')', '')
      + (if L.points > 0 then ': +' + ToString(L.points) else if L.points < 0 then ': ' + ToString(L.points) else '')

define function "Section"(heading System.String, items List<System.String>):
  if exists items then flatten { { '', '**' + heading + '**', '' }, (items) I return all '- ' + I }
  else List<System.String>{}

define function "Plain Items"(items List<System.String>):
  (items) I return all "Plain"(I)

define function "Rank"(points System.Integer, priority System.String, first System.Integer, place System.Integer):
  first + (if priority = 'stat' then 1000000 else 0) + points * 1000 - place

define function "Most Urgent"(priorities List<System.String>):
  case when 'stat' in priorities then 'stat' when 'urgent' in priorities then 'urgent' else 'routine' end

// An item is left out when a value it needs is not known, or when all of it was optional.
define function "Known Items"(items List<System.String>):
  (items) I where I is not null and I != '' return all I`;

/** Title, description and priority of one finding, as defines. */
export function cardCql(shape: FindingShape, template: CardTemplate, policy: Policy): string {
  const { library } = shape;
  return [
    `define "${library} Title":\n  ReplaceMatches(Coalesce({ ${titles(shape, template, policy).join(',\n    ')} }), ' +', ' ')`,
    `define "${library} Description":\n  Combine(flatten {\n    ${description(shape, template, policy).join(',\n    ')} }, '\\n')`,
    `define "${library} Priority": ${priority(shape, policy)}`,
  ].join('\n');
}

function titles(shape: FindingShape, template: CardTemplate, policy: Policy): string[] {
  const { wording } = policy;
  const special: Record<string, string> = {
    lead: whenUrgent(shape, cqlString(wording['urgent-lead']), cqlString(wording.lead)),
    likelihood: whenUrgent(shape, "''", likelihood(shape, policy)),
  };
  const valueOf = (name: string) => special[name] ?? word(shape, name);
  return [...template.summaries.map((summary) => templateCql(summary, valueOf)), cqlString(template.title)];
}

function description(shape: FindingShape, template: CardTemplate, policy: Policy): string[] {
  const finding = `"${shape.library} Finding"`;
  const { headings } = policy.wording;
  const list = (element: string, heading: string): string[] =>
    shape.elements.has(element) ? [`"Section"(${cqlString(heading)}, "Plain Items"(${finding}.${element}))`] : [];
  const section = (name: keyof CardTemplate['sections']): string[] => {
    const items = template.sections[name].map((item) => itemCql(shape, item, policy));
    if (items.length === 0) return [];
    return [`"Section"(${cqlString(headings[name])}, "Known Items"({ ${items.join(', ')} }))`];
  };
  return [
    ...urgency(shape, template),
    `{ ${heading(shape, template, policy)}, '' }`,
    `"Evidence Lines"(${finding}.evidence)`,
    ...list('against', headings.against),
    ...list('missing', headings.missing),
    ...section('can-be-done'),
    ...section('not-suggested'),
    ...section('evidence'),
  ];
}

function itemCql(shape: FindingShape, item: TemplateText, policy: Policy): string {
  const special: Record<string, string> = {
    lead: cqlString(policy.wording.lead),
    likelihood: likelihood(shape, policy),
  };
  return templateCql(item, (name) => special[name] ?? word(shape, name));
}

/** The value a card may name: never more than plain text. */
function word({ library }: FindingShape, name: string): string {
  return `"Plain"("${library} Finding".words.${name})`;
}

function urgency(shape: FindingShape, { urgent, repeat }: CardTemplate): string[] {
  if (!shape.elements.has('urgency')) return [];
  const valueOf = (name: string) => word(shape, name);
  return Object.entries({ urgent, repeat }).flatMap(([level, text]) =>
    text === undefined
      ? []
      : [
          `if "${shape.library} Finding".urgency = '${level}' then { ${templateCql(text, valueOf)}, '' } else List<System.String>{}`,
        ],
  );
}

function heading(shape: FindingShape, { title }: CardTemplate, policy: Policy): string {
  if (shape.kind !== 'cause') return cqlString(`**${title}**`);
  const points = `ToString("${shape.library} Finding".points)`;
  return `${cqlString(`**${title}: `)} + ${likelihood(shape, policy)} + ', ' + ${points} + ' points**'`;
}

function likelihood({ library, kind }: FindingShape, { ranking }: Policy): string {
  if (kind === 'insufficient') return "'possible'";
  if (kind !== 'cause') return "'likely'";
  return `(if "${library} Finding".points >= ${String(ranking.likely)} then 'likely' else 'possible')`;
}

function whenUrgent({ library, elements }: FindingShape, then: string, otherwise: string): string {
  return elements.has('urgency')
    ? `(if "${library} Finding".urgency = 'urgent' then ${then} else ${otherwise})`
    : otherwise;
}

/** FHIR's request-priority: HAPI shows `stat` as critical, `urgent` as warning, `routine` as info. */
function priority({ library, kind, elements }: FindingShape, { ranking }: Policy): string {
  const finding = `"${library} Finding"`;
  const isStrong = kind === 'cause' && !ranking['info-only'].includes(library);
  const cases = [
    ...(elements.has('urgency')
      ? [`when ${finding}.urgency = 'urgent' then 'stat'`, `when ${finding}.urgency = 'repeat' then 'urgent'`]
      : []),
    ...(isStrong ? [`when ${finding}.points >= ${String(ranking.likely)} then 'urgent'`] : []),
    ...(elements.has('warning') ? [`when ${finding}.warning then 'urgent'`] : []),
  ];
  return cases.length === 0 ? "'routine'" : `case ${cases.join(' ')} else 'routine' end`;
}
