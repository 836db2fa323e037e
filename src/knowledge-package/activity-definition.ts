import type { ActivityDefinition } from 'fhir/r4.js';
import type { PackageSource } from './package-source.js';
import { publication } from './publication.js';

/** A test with a code of its own is ordered by it; the others by name alone. */
const CODED = /^\d+-\d$/;

/** One for each test the cards may suggest: a proposal, never an order. */
export function activityDefinitions(source: PackageSource): ActivityDefinition[] {
  const { names, system, reason } = source.policy.wording.tests;
  return Object.entries(names).map(([code, name]) => ({
    ...publication('ActivityDefinition', activityId(code), source, {
      name: `Order${code.replace('-', '_')}`,
      title: `Order ${name}`,
    }),
    description: `A proposal to measure ${name}. ${reason}.`,
    kind: 'ServiceRequest',
    intent: 'proposal',
    code: CODED.test(code) ? { coding: [{ system, code }], text: name } : { text: name },
  }));
}

export function activityId(code: string): string {
  return `order-${code.toLowerCase()}`;
}
