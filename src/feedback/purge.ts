import type { Database } from './database.js';

/** Deletes what came before `before`; a card stays for as long as there is feedback on it, which may come late. */
export async function purge(database: Database, before: Date): Promise<void> {
  const instant = before.toISOString();
  await database.transaction().execute(async (transaction) => {
    await transaction.deleteFrom('feedback_comment').where('received_at', '<', instant).execute();
    await transaction.deleteFrom('feedback_event').where('received_at', '<', instant).execute();
    await transaction
      .deleteFrom('issued_card')
      .where('issued_at', '<', instant)
      .where('uuid', 'not in', (card) => card.selectFrom('feedback_event').select('feedback_event.card'))
      .execute();
  });
}
