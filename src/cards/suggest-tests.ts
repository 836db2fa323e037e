import type { Suggestion } from '../cds-hooks.js';
import type { CardWording } from './card-wording.js';

export interface TestSuggestionParts {
  patientId: string;
  /** Codes of tests already ordered. */
  ordered: ReadonlySet<string>;
  wording: CardWording;
  newId: () => string;
}

/** Draft orders for missing tests, most useful first; nothing but a draft ServiceRequest is ever created. */
export function suggestTests(codes: readonly string[], parts: TestSuggestionParts): Suggestion[] {
  const { tests } = parts.wording;
  const wanted = codes.filter((code) => !parts.ordered.has(code));
  return firstGroups(wanted, tests['counted-as-one'], tests['at-most']).map((code) => suggestion(code, parts));
}

/** Some EHRs take one action each, so tests that belong together are suggested apart but counted as one. */
function firstGroups(codes: readonly string[], groups: readonly (readonly string[])[], atMost: number): string[] {
  const kept: string[] = [];
  const counted = new Set<string>();
  for (const code of codes) {
    const group = groups.find((each) => each.includes(code))?.join('+') ?? code;
    if (!counted.has(group) && counted.size === atMost) continue;
    counted.add(group);
    kept.push(code);
  }
  return kept;
}

function suggestion(code: string, { patientId, wording, newId }: TestSuggestionParts): Suggestion {
  const { tests } = wording;
  const name = tests.names[code] ?? code;
  return {
    label: `Order ${name}`,
    uuid: newId(),
    actions: [
      {
        type: 'create',
        description: `Draft order: ${name} (LOINC ${code})`,
        resource: {
          resourceType: 'ServiceRequest',
          status: 'draft',
          intent: 'proposal',
          subject: { reference: `Patient/${patientId}` },
          code: { coding: [{ system: tests.system, code, display: name }], text: name },
          reasonCode: [{ text: tests.reason }],
        },
      },
    ],
  };
}
