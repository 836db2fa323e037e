import type { Card, CdsRequest, HookName } from '../cds-hooks.js';
import { ServiceError } from '../errors.js';
import type { Chart, ChartEntry } from './chart.js';
import { countNotUnderstood, type Understanding } from './not-understood.js';
import { findingsOf, mostUrgent, type PatientRow, patientRow } from './patient-row.js';
import type { Tally } from './tally.js';

const DAY = 86_400_000;
const ORDER_HOOKS: readonly HookName[] = ['order-select', 'order-sign'];
const DATES = ['effectiveDateTime', 'authoredOn', 'recordedDate', 'performedDateTime'];

export interface JudgeChartParts {
  /** The very answer of the service, and in words what of the record could not be read; no server is called. */
  advise: (request: CdsRequest, now: Date) => Promise<{ cards: readonly Card[]; notChecked: readonly string[] }>;
  requestFor: (chart: Chart, hook: HookName, drafts: readonly ChartEntry[]) => CdsRequest;
  /** Undefined: as of each record, which is when its Bundle was written, else its newest date. */
  now: Date | undefined;
  /** What a site's codes are held against, where that is to be reported, with all three hooks. */
  report?: Understanding | undefined;
}

/** What the chart of one patient would show when it is opened. */
export async function judgeChart(chart: Chart, tally: Tally, parts: JudgeChartParts): Promise<PatientRow> {
  const now = parts.now ?? asOf(chart);
  const { cards, notChecked } = await parts.advise(parts.requestFor(chart, 'patient-view', []), now);
  const row = patientRow(chart.patient.resource.id, now, cards, notChecked);
  tally.count('patients');
  countCauses(row, tally);
  countHook('patient-view', cards, tally);
  if (parts.report === undefined) return row;
  await countOrderHooks(chart, now, tally, parts);
  countNotUnderstood(chart.entries, parts.report, tally);
  return row;
}

function countCauses({ top, findings }: PatientRow, tally: Tally): void {
  if (top !== null) tally.count('top', top.id);
  for (const { id, likelihood } of findings) tally.count('shown', id, likelihood);
}

function countHook(hook: HookName, cards: readonly Card[], tally: Tally): void {
  tally.count('hook', hook, mostUrgent(cards) ?? 'silent');
  for (const card of cards) {
    const [first] = findingsOf(card);
    tally.count('card', hook, card.indicator, first?.id ?? '');
  }
}

/** Drafts are rare in an export: where there is none, the newest active order is taken for one, as it once was. */
async function countOrderHooks(chart: Chart, now: Date, tally: Tally, parts: JudgeChartParts): Promise<void> {
  const orders = chart.entries.filter(({ resource }) => resource.resourceType === 'MedicationRequest');
  const drafts = orders.filter(({ resource }) => resource['status'] === 'draft');
  const replayed = drafts.length > 0 ? [] : newest(orders.filter(({ resource }) => resource['status'] === 'active'));
  if (replayed.length > 0) tally.count('replayed');
  for (const hook of ORDER_HOOKS) {
    const request = parts.requestFor(chart, hook, [...drafts, ...replayed.map(asDraft)]);
    countHook(hook, (await parts.advise(request, now)).cards, tally);
  }
}

function newest(entries: readonly ChartEntry[]): ChartEntry[] {
  const authored = ({ resource }: ChartEntry) =>
    typeof resource['authoredOn'] === 'string' ? resource['authoredOn'] : '';
  return entries.toSorted((one, other) => (authored(one) < authored(other) ? 1 : -1)).slice(0, 1);
}

function asDraft({ resource, ...entry }: ChartEntry): ChartEntry {
  return { ...entry, resource: { ...resource, status: 'draft' } };
}

/** A little after what was written last: the end of the day where only that is known. */
function asOf({ entries, writtenAt }: Chart): Date {
  const dates = entries.flatMap(({ resource }) => DATES.map((name) => resource[name]));
  const instants = [writtenAt === undefined ? dates : writtenAt].flat().flatMap(instantOf);
  const newestOne = instants.reduce((latest, instant) => Math.max(latest, instant), Number.NEGATIVE_INFINITY);
  if (Number.isFinite(newestOne)) return new Date(newestOne);
  throw new ServiceError('malformed-request', 'Nothing in the record tells when it was written.');
}

function instantOf(text: unknown): number[] {
  if (typeof text !== 'string') return [];
  const instant = Date.parse(text);
  if (Number.isNaN(instant)) return [];
  return [text.length === 10 ? instant + DAY - 60_000 : instant + 60_000];
}
