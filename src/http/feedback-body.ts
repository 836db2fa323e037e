import { z } from 'zod';
import { ServiceError } from '../errors.js';
import type { FeedbackEvent } from '../feedback/feedback-store.js';

export const MOST_ENTRIES = 100;
const MOST_SUGGESTIONS = 20;
const LONGEST_COMMENT = 2_000;
const LONGEST_TEXT = 200;

/** Our ids are UUIDs; clients' are not always. Nothing that could be a sentence. */
export const CARD_ID = /^[A-Za-z0-9._:-]{1,100}$/;

const id = z
  .string()
  .regex(CARD_ID)
  .transform((text) => text.toLowerCase());

/** One line without control characters. */
const text = z.string().transform((value) =>
  value
    .replace(/\p{C}+/gu, ' ')
    .trim()
    .slice(0, LONGEST_TEXT),
);

const comment = z.string().transform((value) =>
  // The database refuses a zero byte; line breaks may stay.
  value
    .replace(/[^\P{C}\n\t]/gu, '')
    .trim()
    .slice(0, LONGEST_COMMENT),
);

/** What cannot be read of an optional part counts as absent: the outcome is worth more than its details. */
function lenient<Schema extends z.ZodType>(schema: Schema) {
  return schema.optional().catch(undefined);
}

const coding = z.object({ system: lenient(text), code: lenient(text), display: lenient(text) });

const overrideReason = z.object({
  reason: lenient(coding),
  userComment: lenient(comment),
  extension: lenient(z.record(z.string(), z.unknown())),
});

/** The specification says an object; an array is a slip that costs nothing to read. */
const oneOrFirst = lenient(
  z.union([overrideReason, z.tuple([overrideReason], z.unknown()).transform(([first]) => first)]),
);

function suggestionIds(suggestions: readonly unknown[]): string[] {
  const readable = suggestions.map((suggestion) => z.object({ id }).safeParse(suggestion));
  return readable.flatMap(({ data }) => (data === undefined ? [] : [data.id])).slice(0, MOST_SUGGESTIONS);
}

const entry = z.object({
  card: id,
  outcome: z.enum(['accepted', 'overridden']),
  acceptedSuggestions: lenient(z.array(z.unknown()).transform(suggestionIds)),
  overrideReason: oneOrFirst,
  // So spelt in Epic's documentation.
  overrideReasons: oneOrFirst,
  outcomeTimestamp: lenient(z.iso.datetime({ offset: true }).transform((instant) => new Date(instant))),
});

type Entry = z.infer<typeof entry>;
type OverrideReason = z.infer<typeof overrideReason>;

/**
 * Reads the body of a feedback call (CDS Hooks 2.0.1, Feedback): the entries that can be read as events, and how many cannot.
 *
 * @throws ServiceError `malformed-request` when there is no list, or nothing in it can be read; `too-large` for more than 100 entries
 */
export function readFeedback(body: unknown): { events: FeedbackEvent[]; unreadable: number } {
  const parsed = z.object({ feedback: z.array(z.unknown()) }).safeParse(body);
  if (!parsed.success)
    throw new ServiceError('malformed-request', 'The body must be an object with the array feedback.');
  const { feedback } = parsed.data;
  if (feedback.length > MOST_ENTRIES)
    throw new ServiceError('too-large', `At most ${MOST_ENTRIES} entries of feedback can be sent at once.`);
  const entries = feedback.map((each) => entry.safeParse(each));
  const events = entries.flatMap((each) => (each.success ? eventsOf(each.data) : []));
  if (feedback.length > 0 && events.length === 0)
    throw new ServiceError('malformed-request', 'No entry of feedback has a card and an outcome that can be read.');
  return { events, unreadable: entries.filter(({ success }) => !success).length };
}

/** A suggestion accepted is an event of its own, since suggestions may be accepted one by one. */
function eventsOf({ card, outcome, acceptedSuggestions, outcomeTimestamp, ...reasons }: Entry): FeedbackEvent[] {
  const event: FeedbackEvent = { card, outcome, ...(outcomeTimestamp === undefined ? {} : { at: outcomeTimestamp }) };
  if (outcome === 'overridden')
    return [{ ...event, ...reasonAndComment(reasons.overrideReason ?? reasons.overrideReasons) }];
  if (acceptedSuggestions === undefined || acceptedSuggestions.length === 0) return [event];
  return acceptedSuggestions.map((suggestion) => ({ ...event, suggestion }));
}

function reasonAndComment(override: OverrideReason | undefined): Pick<FeedbackEvent, 'reason' | 'comment'> {
  if (override === undefined) return {};
  const reason = withValues(override.reason ?? {}) ?? siteReason(override.extension ?? {});
  return {
    ...(reason === undefined ? {} : { reason }),
    ...(override.userComment ? { comment: override.userComment } : {}),
  };
}

/** Reasons that a site has built come as an extension in place of a coding: keys that end in category, display and title. */
function siteReason(extension: Record<string, unknown>): FeedbackEvent['reason'] {
  const find = (ending: RegExp) => Object.entries(extension).find(([key]) => ending.test(key));
  const valueOf = (ending: RegExp) => {
    const parsed = text.safeParse(find(ending)?.[1]);
    return parsed.success ? parsed.data : undefined;
  };
  const [key = ''] = find(/category$/i) ?? find(/(display|title)$/i) ?? [];
  const display = valueOf(/display$/i) ?? valueOf(/title$/i);
  const code = valueOf(/category$/i) ?? display;
  return code === undefined
    ? undefined
    : withValues({ system: key.replace(/\.[^.]*$/, '').slice(0, LONGEST_TEXT), code, display });
}

function withValues(coding: { system?: string | undefined; code?: string | undefined; display?: string | undefined }) {
  const present = Object.entries(coding).filter(([, value]) => value);
  return present.length === 0 ? undefined : Object.fromEntries(present);
}
