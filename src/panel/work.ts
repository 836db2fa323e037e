/** A part of the input that one thread judges at once; small enough to be held in memory, large enough to be worth sending. */
export type Work =
  /** Whole lines, a FHIR Bundle each; and how many lines were too long to be kept. */
  | { kind: 'lines'; bytes: Uint8Array<ArrayBuffer>; tooLong: number }
  /** Files, a FHIR Bundle each. */
  | { kind: 'files'; paths: readonly string[] }
  /** Lines of a partition: whose it is, a tab, a resource; every patient of it is there whole. */
  | { kind: 'bucket'; path: string };

/** How large a part it is, for the time that is left: bytes, or files. */
export interface Weighed {
  work: Work;
  weight: number;
}

/** What a thread answers: one row a line, in order, and what it counted. */
export interface Judged {
  /** JSON, each with a line break at its end. */
  rows: string;
  patients: number;
  bad: number;
  counts: Record<string, number>;
}

export interface PanelInput {
  parts: AsyncIterable<Weighed>;
  /** Of all weights; undefined while nobody knows, as on standard input. */
  total: number | undefined;
}
