/** The tables of the feedback store. Times are ISO 8601 in UTC as text, so that both databases compare and cut them alike. */
export interface Tables {
  issued_card: IssuedCardRow;
  feedback_event: FeedbackEventRow;
  feedback_comment: FeedbackCommentRow;
  used_token: UsedTokenRow;
  request_count: RequestCountRow;
}

/** A card that was answered to a client; nothing of the patient. */
export interface IssuedCardRow {
  uuid: string;
  service: string;
  hook: string;
  /** Code of `source.topic`. */
  topic: string;
  indicator: string;
  knowledge_version: string;
  issued_at: string;
}

/** What makes two reports the same event. */
export interface FeedbackKey {
  card: string;
  /** Id of the accepted suggestion; '' when the outcome is of the card as a whole. */
  suggestion: string;
  outcome: string;
  /** '' when the client gave none. */
  outcome_timestamp: string;
}

export interface FeedbackEventRow extends FeedbackKey {
  service: string;
  reason_system: string | null;
  reason_code: string | null;
  reason_display: string | null;
  received_at: string;
}

/** Free text, which may hold anything: apart from the events, so that counting never touches it. */
export interface FeedbackCommentRow extends FeedbackKey {
  comment: string;
  received_at: string;
}

/** A token that a client has used; the hash says neither whose nor which. */
export interface UsedTokenRow {
  token: string;
  until: string;
}

/** Requests of a caller, at all instances together, in the time from `window_start` on; the hash does not say whose. */
export interface RequestCountRow {
  caller: string;
  window_start: string;
  requests: number;
}
