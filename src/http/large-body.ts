import type { HookName } from '../cds-hooks.js';
import type { AskedFor, HookCall } from './call-record.js';
import type { ShownCard } from './shown-card.js';

/** What holds for a call whose body is parsed elsewhere. */
export interface LargeCall extends HookCall {
  /** Told how to learn who is asked about, which is known as soon as that is read, whatever becomes of the call. */
  noteAsked?: (asked: () => AskedFor | undefined) => void;
}

export interface LargeAnswer {
  /** JSON. */
  text: string;
  asked: AskedFor;
  cards: readonly ShownCard[];
}

/** Answers bodies that would hold everybody up: as they came, in a thread of their own. They are of no use afterwards. */
export interface LargeBodies {
  /** Bytes from which on a body of a hook is large, and one to be explained. */
  from: { advise: number; explain: number };
  advise: (body: Buffer, hook: HookName, call: LargeCall) => Promise<LargeAnswer>;
  explain: (body: Buffer, call: LargeCall) => Promise<Pick<LargeAnswer, 'text'>>;
}
