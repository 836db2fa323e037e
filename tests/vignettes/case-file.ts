import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { sampleFields } from '../../src/web/sample-format.js';
import { firstIssue } from '../../src/web/sample-patient.js';
import { merged } from '../../src/web/sample-resource.js';

/** The moment every case is played at: a fixed one, so that month-only dates and ages can be written down. */
export const NOW = new Date('2026-05-17T12:00:00Z');

/** What `otherResultsNormal` adds: none of these speaks for a cause. */
const NORMAL_RESULTS = [
  { loinc: '17861-6', display: 'Calcium', value: 9.2, unit: 'mg/dL', at: '5 days ago' },
  { loinc: '1751-7', display: 'Albumin', value: 4.1, unit: 'g/dL', at: '5 days ago' },
  { loinc: '2777-1', display: 'Phosphate', value: 3.8, unit: 'mg/dL', at: '5 days ago' },
  { loinc: '19123-9', display: 'Magnesium', value: 2.0, unit: 'mg/dL', at: '5 days ago' },
  { loinc: '2823-3', display: 'Potassium', value: 4.3, unit: 'mmol/L', at: '5 days ago' },
  { loinc: '2951-2', display: 'Sodium', value: 139, unit: 'mmol/L', at: '5 days ago' },
];

const strings = z.array(z.union([z.string(), z.number()]).transform(String)).default([]);
const finding = z.strictObject({
  id: z.string(),
  points: z.number().exactOptional(),
  likelihood: z.enum(['likely', 'possible']).exactOptional(),
  /** Words of the evidence, of `against` or of `missing` of this finding. */
  evidence: strings,
  against: strings,
  missing: strings,
});
const expectation = z.strictObject({
  /** No card at all. */
  silent: z.literal(true).exactOptional(),
  cards: z.number().default(1),
  /** All of them, in the order shown. */
  findings: z.array(finding).exactOptional(),
  indicator: z.enum(['info', 'warning', 'critical']).exactOptional(),
  /** Of every card, in their order. */
  indicators: z.array(z.enum(['info', 'warning', 'critical'])).exactOptional(),
  /** Words of the first summary. */
  summary: strings,
  /** Words anywhere in summary or detail. */
  mentions: strings,
  omits: strings,
  /** LOINC codes of tests that are offered as draft orders, and of tests that must not be. */
  suggests: strings,
  suggestsNot: strings,
  /** Names of the patient handouts that are linked to, and of those that must not be. */
  handouts: strings,
  handoutsNot: strings,
  /** Ids of the drafts whose removal is offered: these and no others. */
  removes: strings,
});
export type Expectation = z.infer<typeof expectation>;

const caseSchema = z.strictObject({
  ...sampleFields,
  hook: z.enum(['patient-view', 'order-select', 'order-sign']).default('patient-view'),
  /** Calcium, albumin, phosphate, magnesium, potassium and sodium are normal where `results` does not have them. */
  otherResultsNormal: z.boolean().default(false),
  /** Displays of results that are not there after all. */
  without: z.array(z.string()).default([]),
  encounterInContext: z.boolean().default(true),
  /** Ids of the drafts selected (order-select); all when left out. */
  selected: z.array(z.string()).exactOptional(),
  /** Further resources among the draft orders, such as a Medication that a draft refers to. */
  besideDrafts: z.array(z.looseObject({ resourceType: z.string() })).default([]),
  /** Whether an order hook has draft orders in its context at all. */
  draftOrders: z.boolean().default(true),
  expect: expectation,
});
export type Case = z.infer<typeof caseSchema>;

const fileSchema = z.looseObject({
  title: z.string(),
  expect: z.unknown().optional(),
  variants: z
    .array(
      z.strictObject({
        when: z.string(),
        change: z.record(z.string(), z.unknown()).default({}),
        expect: z.unknown().optional(),
      }),
    )
    .default([]),
});

export interface NamedCase {
  /** Folder: the library the case is about. */
  library: string;
  /** `Library: title: when`. */
  name: string;
  played: Case;
}

/** Every case of every folder, each variant as a case of its own; throws naming file and place. */
export function readCases(folder: string): NamedCase[] {
  const libraries = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return libraries.flatMap(({ name: library }) =>
    readdirSync(join(folder, library)).flatMap((file) => casesIn(join(folder, library, file), library)),
  );
}

function casesIn(path: string, library: string): NamedCase[] {
  const file = fileSchema.safeParse(parse(readFileSync(path, 'utf8')));
  if (!file.success) throw new Error(`${path} is wrong at ${firstIssue(file.error)}`);
  const { variants, ...base } = file.data;
  const all = [...(base.expect === undefined ? [] : [{ when: '', change: {}, expect: base.expect }]), ...variants];
  return all.map(({ when, change, expect: expected = base.expect }) => {
    const changed = { ...Object(changedBy(base, change)), expect: expected };
    const parsed = caseSchema.safeParse(withNormalResults(changed));
    if (!parsed.success) throw new Error(`${path} (${when || 'base'}) is wrong at ${firstIssue(parsed.error)}`);
    return { library, name: [library, base.title, ...(when === '' ? [] : [when])].join(': '), played: parsed.data };
  });
}

/**
 * A variant's change: objects are merged, lists are addressed by the `display` (or id, or number) of their entries, a bare
 * number is the value of such an entry, null removes, and an entry that is not there yet is added.
 */
function changedBy(base: unknown, change: unknown): unknown {
  if (Array.isArray(base) && isObject(change)) return changedList(base, change);
  if (!isObject(base) || !isObject(change)) return change;
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(change)) {
    const before = result[key] ?? (isObject(value) && LISTS.has(key) ? [] : undefined);
    if (value === null) Reflect.deleteProperty(result, key);
    else result[key] = key === 'fhir' ? { ...Object(result[key]), ...Object(value) } : changedBy(before, value);
  }
  return result;
}

const LISTS = new Set([
  'conditions',
  'results',
  'pressures',
  'sessions',
  'medications',
  'statements',
  'administrations',
  'procedures',
  'drafts',
]);

function changedList(base: readonly unknown[], change: Record<string, unknown>): unknown[] {
  const list = [...base];
  for (const [key, value] of Object.entries(change)) {
    const found = list.findIndex(
      (item, index) => isObject(item) && (item['id'] === key || item['display'] === key || String(index) === key),
    );
    const fields = typeof value === 'number' ? { value } : value;
    if (found < 0 && value !== null)
      list.push({ ...(isObject(fields) && 'id' in fields ? {} : { display: key }), ...Object(fields) });
    else if (value === null) list.splice(found, 1);
    else list[found] = changedBy(list[found], fields);
  }
  return list;
}

function withNormalResults(content: Record<string, unknown>): unknown {
  if (content['otherResultsNormal'] !== true) return content;
  const own = (content['results'] ?? []) as { display?: string }[];
  const without = (content['without'] ?? []) as string[];
  const normal = NORMAL_RESULTS.filter(
    ({ display }) => !without.includes(display) && !own.some((result) => result.display === display),
  );
  return merged(content, { results: [...own, ...normal] });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
