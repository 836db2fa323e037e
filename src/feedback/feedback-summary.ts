import { type ExpressionBuilder, sql } from 'kysely';
import type { Database } from './database.js';
import type { Tables } from './tables.js';

/** Days are in UTC, `YYYY-MM-DD`, both included. */
export interface SummaryQuery {
  since?: string;
  until?: string;
  by: SummaryPeriod;
}

type SummaryPeriod = 'day' | 'week' | 'all';

/** Of the cards shown in a period: how many were shown, accepted and overridden so far. Each card counts once. */
export interface SummaryRow {
  /** The day, or the Monday of the week, the cards were shown on; `all`. */
  period: string;
  /** `unknown` for feedback on cards that are not on record; it counts on the day it came. */
  topic: string;
  knowledgeVersion: string;
  shown: number;
  accepted: number;
  suggestionsAccepted: number;
  overridden: number;
  reasons: ReasonCount[];
}

/** Overridden cards per reason; no code means that none was given. */
export interface ReasonCount {
  system?: string;
  code?: string;
  display?: string;
  cards: number;
}

type Counts = Pick<SummaryRow, 'shown' | 'accepted' | 'suggestionsAccepted' | 'overridden'>;

interface Group {
  day: string;
  topic: string;
  knowledgeVersion: string;
}

const UNKNOWN = 'unknown';
const FIRST_DAY = '0000-01-01';
const LAST_DAY = '9999-12-31';
const MONDAYS_DAY = 1;

/** Per period, topic and version of the knowledge; newest period first. */
export async function summarise(database: Database, query: SummaryQuery): Promise<SummaryRow[]> {
  const rows = new Rows(query.by);
  for (const group of await shownCards(database, query)) rows.at(group).shown += Number(group.cards);
  for (const group of await outcomes(database, query)) {
    const row = rows.at(group);
    row[group.outcome === 'accepted' ? 'accepted' : 'overridden'] += Number(group.cards);
    row.suggestionsAccepted += Number(group.suggestions);
  }
  for (const { reason_system, reason_code, display, cards, ...group } of await reasons(database, query)) {
    const reason = { system: reason_system, code: reason_code, display };
    addReason(rows.at(group).reasons, { ...withoutNulls(reason), cards: Number(cards) });
  }
  return rows.inOrder();
}

function shownCards(database: Database, query: SummaryQuery) {
  const day = sql<string>`substr(issued_at, 1, 10)`;
  return database
    .selectFrom('issued_card')
    .select([day.as('day'), 'topic', 'knowledge_version as knowledgeVersion', sql<string>`count(*)`.as('cards')])
    .where(day, '>=', query.since ?? FIRST_DAY)
    .where(day, '<=', query.until ?? LAST_DAY)
    .groupBy([day, 'topic', 'knowledge_version'])
    .execute();
}

/** Events with the card they are about; a card that is not on record counts on the day its feedback came. */
function events(database: Database, query: SummaryQuery) {
  const day = sql<string>`substr(coalesce(issued_card.issued_at, feedback_event.received_at), 1, 10)`;
  const topic = sql<string>`coalesce(issued_card.topic, ${sql.lit(UNKNOWN)})`;
  const version = sql<string>`coalesce(issued_card.knowledge_version, ${sql.lit(UNKNOWN)})`;
  return database
    .selectFrom('feedback_event')
    .leftJoin('issued_card', 'issued_card.uuid', 'feedback_event.card')
    .select([day.as('day'), topic.as('topic'), version.as('knowledgeVersion'), distinctCards])
    .where(day, '>=', query.since ?? FIRST_DAY)
    .where(day, '<=', query.until ?? LAST_DAY)
    .groupBy([day, topic, version]);
}

function distinctCards(builder: ExpressionBuilder<Tables, 'feedback_event'>) {
  return builder.fn.count<string>('feedback_event.card').distinct().as('cards');
}

function outcomes(database: Database, query: SummaryQuery) {
  // The key makes each (card, suggestion, time) one row; a suggestion accepted twice counts once.
  const suggestion = sql`case when suggestion = '' then null else card || ' ' || suggestion end`;
  return events(database, query)
    .select(['outcome', sql<string>`count(distinct ${suggestion})`.as('suggestions')])
    .groupBy('outcome')
    .execute();
}

function reasons(database: Database, query: SummaryQuery) {
  return events(database, query)
    .select(['reason_system', 'reason_code', sql<string | null>`max(reason_display)`.as('display')])
    .where('outcome', '=', 'overridden')
    .groupBy(['reason_system', 'reason_code'])
    .execute();
}

/** Days added up to periods: a card has one day, so nothing counts twice. */
class Rows {
  readonly #by: SummaryPeriod;
  readonly #rows = new Map<string, SummaryRow>();

  constructor(by: SummaryPeriod) {
    this.#by = by;
  }

  at({ day, topic, knowledgeVersion }: Group): SummaryRow {
    const period = periodOf(day, this.#by);
    const key = JSON.stringify([period, topic, knowledgeVersion]);
    const nothing: Counts = { shown: 0, accepted: 0, suggestionsAccepted: 0, overridden: 0 };
    const row = this.#rows.get(key) ?? { period, topic, knowledgeVersion, ...nothing, reasons: [] };
    this.#rows.set(key, row);
    return row;
  }

  inOrder(): SummaryRow[] {
    const rows = [...this.#rows.values()];
    for (const { reasons } of rows) reasons.sort((a, b) => b.cards - a.cards || compare(nameOf(a), nameOf(b)));
    return rows.sort(
      (a, b) =>
        compare(b.period, a.period) || compare(a.topic, b.topic) || compare(a.knowledgeVersion, b.knowledgeVersion),
    );
  }
}

function periodOf(day: string, by: SummaryPeriod): string {
  if (by === 'all') return by;
  if (by === 'day') return day;
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 7 - MONDAYS_DAY) % 7));
  return date.toISOString().slice(0, 10);
}

function addReason(reasons: ReasonCount[], added: ReasonCount): void {
  const same = reasons.find(({ system, code }) => system === added.system && code === added.code);
  if (same === undefined) reasons.push(added);
  else same.cards += added.cards;
}

function withoutNulls(reason: { system: string | null; code: string | null; display: string | null }) {
  return {
    ...(reason.system === null ? {} : { system: reason.system }),
    ...(reason.code === null ? {} : { code: reason.code }),
    ...(reason.display === null ? {} : { display: reason.display }),
  };
}

function nameOf({ code = '', system = '' }: ReasonCount): string {
  return `${code} ${system}`;
}

/** By code unit, so that the order is the same everywhere. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
