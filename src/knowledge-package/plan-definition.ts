import type { Expression, PlanDefinition, PlanDefinitionAction, PlanDefinitionActionCondition } from 'fhir/r4.js';
import { activityId } from './activity-definition.js';
import { type PackageSource, SERVICES_LIBRARY, type ServiceSource } from './package-source.js';
import { canonical, publication } from './publication.js';
import { testDefine } from './services-cql.js';

const RULE = {
  system: 'http://terminology.hl7.org/CodeSystem/plan-definition-type',
  code: 'eca-rule',
  display: 'ECA Rule',
};

/** The two cards of a service: of the causes, and of what must not be overlooked when something is ordered. */
const CARDS = [
  { id: 'Cause', title: 'Likely causes' },
  { id: 'Order', title: 'Safety and draft orders' },
];

/** One event-condition-action rule for each service: an action for each of its two cards, and one for the tests. */
export function planDefinitions(source: PackageSource): PlanDefinition[] {
  return source.services.map((service) => planDefinition(service, source));
}

function planDefinition({ id, hook }: ServiceSource, source: PackageSource): PlanDefinition {
  const { services } = source.policy;
  return {
    ...publication('PlanDefinition', id, source, { name: nameOf(id), title: `${services.title} (${hook})` }),
    type: { coding: [RULE] },
    description: services.description,
    usage: services['usage-requirements'],
    library: [canonical('Library', SERVICES_LIBRARY, source)],
    action: [...CARDS.map((card) => cardAction(card, hook, source)), testsAction(hook, source)],
  };
}

function nameOf(id: string): string {
  return id.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function cardAction({ id, title }: (typeof CARDS)[number], hook: string, source: PackageSource): PlanDefinitionAction {
  return {
    id,
    title,
    priority: 'routine',
    trigger: [{ type: 'named-event', name: hook }],
    condition: [condition(`${id} Card Is Shown`)],
    documentation: [{ type: 'documentation', display: source.policy.wording.source }],
    dynamicValue: ['title', 'description', 'priority'].map((element) => ({
      path: `action.${element}`,
      expression: identifier(`${id} ${nameOf(element)}`),
    })),
  };
}

function testsAction(hook: string, source: PackageSource): PlanDefinitionAction {
  const { names } = source.policy.wording.tests;
  return {
    id: 'Tests',
    title: 'Tests worth ordering',
    priority: 'routine',
    trigger: [{ type: 'named-event', name: hook }],
    condition: [condition('A Test Is Worth Ordering')],
    documentation: [{ type: 'documentation', display: source.policy.wording.source }],
    groupingBehavior: 'logical-group',
    selectionBehavior: 'any',
    dynamicValue: [{ path: 'action.description', expression: identifier('Names Of The Tests') }],
    action: Object.entries(names).map(([code, name]) => ({
      id: `Order${code}`,
      title: `Order ${name}`,
      condition: [condition(testDefine(code))],
      definitionCanonical: canonical('ActivityDefinition', activityId(code), source),
    })),
  };
}

function condition(define: string): PlanDefinitionActionCondition {
  return { kind: 'applicability', expression: identifier(define) };
}

/** By "Using CQL with FHIR": the name of a define, which an engine need not parse. */
function identifier(define: string): Expression {
  return { language: 'text/cql-identifier', expression: define };
}
