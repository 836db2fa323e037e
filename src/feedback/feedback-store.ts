import { access } from 'node:fs/promises';
import { ServiceError } from '../errors.js';
import { type Database, openDatabase, pathOf } from './database.js';
import { type SummaryQuery, type SummaryRow, summarise } from './feedback-summary.js';
import { IssuedCards } from './issued-cards.js';
import { migrate } from './migrations.js';
import { purge } from './purge.js';
import { cardRow, eventRows } from './rows.js';
import { RequestCounts } from './request-counts.js';
import { reasonOf, startProblem } from './store-problem.js';
import type { IssuedCardRow } from './tables.js';
import { UsedTokens } from './used-tokens.js';

export type { SummaryQuery, SummaryRow } from './feedback-summary.js';

/** A card as it was answered to a client; nothing of the patient. */
export interface IssuedCard {
  uuid: string;
  service: string;
  hook: string;
  /** Code of `source.topic`. */
  topic: string;
  indicator: string;
  knowledgeVersion: string;
  issuedAt: Date;
}

/** What a clinician did with a card, or with one of its suggestions. The first four fields make two reports the same. */
export interface FeedbackEvent {
  card: string;
  /** Absent when the outcome is of the card as a whole. */
  suggestion?: string;
  outcome: 'accepted' | 'overridden';
  /** When it happened, if the client said so. */
  at?: Date;
  reason?: { system?: string; code?: string; display?: string };
  comment?: string;
}

/** Keeps what became of cards. */
export interface FeedbackStore {
  /** Notes cards that have been answered; costs the caller nothing and never throws. */
  remember(cards: readonly IssuedCard[]): void;
  /**
   * Resolves once the events are on disk; repeats of known ones are left as they are.
   *
   * @throws ServiceError `store-not-available` when none of them was kept
   */
  record(service: string, events: readonly FeedbackEvent[]): Promise<{ stored: number; repeated: number }>;
  /** @throws ServiceError `store-not-available` */
  summarise(query: SummaryQuery): Promise<SummaryRow[]>;
  /** Only where several instances may share the database: which tokens clients have used at any of them. */
  usedTokens?: UsedTokens;
  /** There too: how many requests callers have made at all of them. */
  requestCounts?: RequestCounts;
  /** Writes what is waiting and lets go of the database. */
  close(): Promise<void>;
}

export interface FeedbackStoreOptions {
  /** Days that cards, events and comments are kept. */
  retentionDays: number;
  clock: () => Date;
  /** Told when something could not be written or read; `reason` is the database's own code. */
  onFailure: (failure: StoreFailure) => void;
}

export interface StoreFailure {
  task: 'cards' | 'feedback' | 'summary' | 'purge' | 'tokens' | 'limits';
  reason: string;
  /** Cards that wait to be written, and cards given up for good. */
  waiting?: number;
  dropped?: number;
}

const MILLISECONDS_PER_DAY = 86_400_000;
/** Writes that may queue behind a lock before the next is refused at once. */
const MOST_WRITING = 64;

/**
 * Opens and migrates the store at `file:PATH` or `postgres://...`, and purges what is too old, now and every day.
 *
 * @throws ServiceError `invalid-config` when it cannot be had, in words that hold nothing of the URL
 */
export async function openFeedbackStore(databaseUrl: string, options: FeedbackStoreOptions): Promise<FeedbackStore> {
  const database = openDatabase(databaseUrl);
  try {
    await migrate(database);
  } catch (error) {
    await database.destroy();
    throw startProblem(error);
  }
  const store = new KyselyFeedbackStore(database, options, pathOf(databaseUrl) === undefined);
  await store.purge();
  return store;
}

/** The counts of a store that is there already; nothing is created or migrated. Throws as `openFeedbackStore` does. */
export async function summariseStore(databaseUrl: string, query: SummaryQuery): Promise<SummaryRow[]> {
  const path = pathOf(databaseUrl);
  const database = openDatabase(databaseUrl);
  try {
    if (path !== undefined) await access(path);
    return await summarise(database, query);
  } catch (error) {
    throw startProblem(error);
  } finally {
    await database.destroy();
  }
}

class KyselyFeedbackStore implements FeedbackStore {
  readonly #database: Database;
  readonly #options: FeedbackStoreOptions;
  readonly #cards: IssuedCards;
  readonly #daily: NodeJS.Timeout;
  #writing = 0;
  readonly usedTokens?: UsedTokens;
  readonly requestCounts?: RequestCounts;

  constructor(database: Database, options: FeedbackStoreOptions, isShared: boolean) {
    this.#database = database;
    this.#options = options;
    this.#cards = new IssuedCards({
      write: (cards) => this.#writeCards(cards),
      onFailure: ({ error, ...counts }) => {
        options.onFailure({ task: 'cards', reason: reasonOf(error), ...counts });
      },
    });
    if (isShared) {
      this.usedTokens = new UsedTokens(database, this.#shared('tokens'));
      this.requestCounts = new RequestCounts(database, this.#shared('limits'));
    }
    this.#daily = setInterval(() => void this.purge(), MILLISECONDS_PER_DAY).unref();
  }

  #shared(task: StoreFailure['task']) {
    const { clock, onFailure } = this.#options;
    const tell = (error: unknown) => {
      onFailure({ task, reason: reasonOf(error) });
    };
    return { clock, onFailure: tell };
  }

  remember(cards: readonly IssuedCard[]): void {
    this.#cards.add(cards.map(cardRow));
  }

  async record(service: string, events: readonly FeedbackEvent[]): Promise<{ stored: number; repeated: number }> {
    if (this.#writing >= MOST_WRITING) throw notAvailable();
    this.#writing += 1;
    try {
      // Feedback may come within the moment that its card still waits; then the two would not find each other.
      await this.#cards.flush();
      return await this.#write(service, events);
    } catch (error) {
      throw this.#failed('feedback', error);
    } finally {
      this.#writing -= 1;
    }
  }

  async summarise(query: SummaryQuery): Promise<SummaryRow[]> {
    try {
      return await summarise(this.#database, query);
    } catch (error) {
      throw this.#failed('summary', error);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#daily);
    this.requestCounts?.close();
    await this.#cards.close();
    await this.#database.destroy();
  }

  async #writeCards(cards: readonly IssuedCardRow[]): Promise<void> {
    await this.#database.transaction().execute((transaction) =>
      transaction
        .insertInto('issued_card')
        .values(cards)
        .onConflict((conflict) => conflict.doNothing())
        .execute(),
    );
  }

  async #write(service: string, events: readonly FeedbackEvent[]): Promise<{ stored: number; repeated: number }> {
    const rows = eventRows(events, service, this.#options.clock());
    if (rows.length === 0) return { stored: 0, repeated: 0 };
    const comments = rows.flatMap(({ comment }) => (comment === undefined ? [] : [comment]));
    const stored = await this.#database.transaction().execute(async (transaction) => {
      const inserted = await transaction
        .insertInto('feedback_event')
        .values(rows.map(({ event }) => event))
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      if (comments.length > 0)
        await transaction
          .insertInto('feedback_comment')
          .values(comments)
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      return Number(inserted.numInsertedOrUpdatedRows);
    });
    return { stored, repeated: events.length - stored };
  }

  /** Forgets what is older than the retention; a failure is told and tried again the next day. */
  async purge(): Promise<void> {
    const { clock, retentionDays, onFailure } = this.#options;
    try {
      await purge(this.#database, new Date(clock().getTime() - retentionDays * MILLISECONDS_PER_DAY));
    } catch (error) {
      onFailure({ task: 'purge', reason: reasonOf(error) });
    }
  }

  #failed(task: StoreFailure['task'], error: unknown): ServiceError {
    this.#options.onFailure({ task, reason: reasonOf(error) });
    return notAvailable(error);
  }
}

function notAvailable(cause?: unknown): ServiceError {
  return new ServiceError('store-not-available', 'The feedback store cannot be reached now; try again later.', {
    cause,
  });
}
