import type { ReasonCount, SummaryRow } from '../feedback/feedback-summary.js';
import { csvLine } from '../panel/csv-line.js';

export const REPORT_FORMATS = ['table', 'json', 'csv'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

const NO_REASON = 'no reason given';
const TABLE_HEAD = ['period', 'topic', 'knowledge', 'shown', 'accepted', 'suggestions', 'overridden', 'reasons'];
const CSV_HEAD = ['period', 'topic', 'knowledgeVersion', 'measure', 'reasonSystem', 'reason', 'cards'];
/** Columns of the table that hold numbers. */
const NUMBERS = [3, 4, 5, 6];

/** The summary as a table for people, JSON, or CSV with one count a line (for a pivot table). */
export function reportText(rows: readonly SummaryRow[], format: ReportFormat): string {
  if (format === 'json') return `${JSON.stringify(rows, undefined, 2)}\n`;
  if (format === 'csv') return [CSV_HEAD, ...rows.flatMap(csvLines)].map(csvLine).join('');
  if (rows.length === 0) return 'No cards were shown and no feedback came in these days.\n';
  return table([TABLE_HEAD, ...rows.map(tableLine)]);
}

function tableLine({ period, topic, knowledgeVersion, reasons, ...counts }: SummaryRow): string[] {
  const { shown, accepted, suggestionsAccepted, overridden } = counts;
  return [
    period,
    topic,
    knowledgeVersion,
    String(shown),
    withShare(accepted, shown),
    String(suggestionsAccepted),
    withShare(overridden, shown),
    reasons.map((reason) => `${nameOf(reason)} ${reason.cards}`).join(', '),
  ];
}

function withShare(count: number, shown: number): string {
  return shown === 0 ? String(count) : `${count} (${Math.round((100 * count) / shown)} %)`;
}

function nameOf({ code, display }: ReasonCount): string {
  return code ?? display ?? NO_REASON;
}

function table(lines: readonly string[][]): string {
  const widths = TABLE_HEAD.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  const pad = (cell: string, column: number) =>
    NUMBERS.includes(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
  return lines.map((cells) => `${cells.map(pad).join('  ').trimEnd()}\n`).join('');
}

function csvLines({ period, topic, knowledgeVersion, reasons, ...counts }: SummaryRow): string[][] {
  const line = (measure: string, cards: number, system = '', reason = '') => [
    period,
    topic,
    knowledgeVersion,
    measure,
    system,
    reason,
    String(cards),
  ];
  return [
    line('shown', counts.shown),
    line('accepted', counts.accepted),
    line('suggestions accepted', counts.suggestionsAccepted),
    line('overridden', counts.overridden),
    ...reasons.map((reason) => line('overridden for a reason', reason.cards, reason.system, nameOf(reason))),
  ];
}
