import type { Coding, Suggestion } from '../cds-hooks.js';
import type { CardWording } from './card-wording.js';

/** What tells which tests can be ordered. */
export interface OrderableParts {
  wording: CardWording;
  /** Codes that only the site knows, by the names the policy gives them. */
  siteOrders?: ReadonlyMap<string, Coding>;
}

export interface TestSuggestionParts extends OrderableParts {
  patientId: string;
  /** Codes of tests already ordered. */
  ordered: ReadonlySet<string>;
  newId: () => string;
}

/** A test as the knowledge names it, and how it is ordered here. */
interface TestOrder {
  test: string;
  name: string;
  coding: Coding;
}

/** Draft orders for missing tests, most useful first; nothing but a draft ServiceRequest is ever created. */
export function suggestTests(tests: readonly string[], parts: TestSuggestionParts): Suggestion[] {
  const { wording, ordered } = parts;
  const orders = tests.map((test) => orderOf(test, parts)).filter((order) => order !== undefined);
  const wanted = orders.filter(({ coding }) => !ordered.has(coding.code));
  return firstGroups(wanted, wording.tests['counted-as-one'], wording.tests['at-most']).map((order) =>
    suggestion(order, parts),
  );
}

/** Whether there is a code to order the test by; one of the site's own may have none. */
export function isOrderable(test: string, parts: OrderableParts): boolean {
  return orderOf(test, parts) !== undefined;
}

function orderOf(test: string, { wording: { tests }, siteOrders }: OrderableParts): TestOrder | undefined {
  const name = tests.names[test] ?? test;
  const siteOrder = tests['site-orders'][test];
  if (siteOrder === undefined) return { test, name, coding: { system: tests.system, code: test, display: name } };
  const coding = siteOrders?.get(siteOrder);
  return coding && { test, name, coding: { ...coding, display: coding.display ?? name } };
}

/** Some EHRs take one action each, so tests that belong together are suggested apart but counted as one. */
function firstGroups(
  orders: readonly TestOrder[],
  groups: readonly (readonly string[])[],
  atMost: number,
): TestOrder[] {
  const kept: TestOrder[] = [];
  const counted = new Set<string>();
  for (const order of orders) {
    const group = groups.find((each) => each.includes(order.test))?.join('+') ?? order.test;
    if (!counted.has(group) && counted.size === atMost) continue;
    counted.add(group);
    kept.push(order);
  }
  return kept;
}

function suggestion({ name, coding }: TestOrder, { patientId, wording, newId }: TestSuggestionParts): Suggestion {
  const shownCode = coding.system === wording.tests.system ? `LOINC ${coding.code}` : coding.code;
  return {
    label: `Order ${name}`,
    uuid: newId(),
    actions: [
      {
        type: 'create',
        description: `Draft order: ${name} (${shownCode})`,
        resource: {
          resourceType: 'ServiceRequest',
          status: 'draft',
          intent: 'proposal',
          subject: { reference: `Patient/${patientId}` },
          code: { coding: [coding], text: name },
          reasonCode: [{ text: wording.tests.reason }],
        },
      },
    ],
  };
}
