import type { CdsResponse } from '../../src/cds-hooks.js';

export const PATIENT_VIEW = '/cds-services/renal-cramps-patient-view';
const HOOK_CLIENTS = 4;
/** Hooks answered between one blow and the next. */
export const BETWEEN_BLOWS = 40;

export interface Answer {
  status: number;
  text: string;
}

/** The proxy may hold several connections to an instance that has gone: an attempt at once can meet the next of them. */
const TRIED_AGAIN_AFTER_MS = 500;

/** Clients that call a hook and say what became of its card, and what came of it. */
export class Load {
  readonly acknowledged: string[] = [];
  readonly sent = new Set<string>();
  /** What was not right although the client tried twice. */
  readonly failed: string[] = [];
  answered = 0;
  retried = 0;
  #isOver = false;
  readonly #call: (path: string, body: string) => Promise<Answer>;
  readonly #body: string;
  readonly #tries: number;

  constructor(call: (path: string, body: string) => Promise<Answer>, body: string, tries: number) {
    this.#call = call;
    this.#body = body;
    this.#tries = tries;
  }

  async during(blows: () => Promise<void>): Promise<void> {
    const clients = Array.from({ length: HOOK_CLIENTS }, () => this.#client());
    try {
      await blows();
    } finally {
      this.#isOver = true;
      await Promise.all(clients);
    }
  }

  async goesOn(): Promise<void> {
    const enough = this.answered + BETWEEN_BLOWS;
    while (this.answered < enough && this.failed.length === 0) await new Promise((done) => setTimeout(done, 10));
  }

  async #client(): Promise<void> {
    while (!this.#isOver) {
      const answer = await this.#withRetry(PATIENT_VIEW, this.#body);
      if (answer === undefined) return;
      this.answered += 1;
      // The front door's own answer, checked elsewhere.
      const { cards } = JSON.parse(answer.text) as CdsResponse;
      const card = cards[0]?.uuid ?? '';
      this.sent.add(card);
      const feedback = [{ card, outcome: 'overridden', outcomeTimestamp: '2026-05-17T12:00:00Z' }];
      const kept = await this.#withRetry(`${PATIENT_VIEW}/feedback`, JSON.stringify({ feedback }));
      if (kept !== undefined) this.acknowledged.push(card);
    }
  }

  async #withRetry(path: string, body: string): Promise<Answer | undefined> {
    let answer = await this.#call(path, body);
    for (let tried = 1; tried < this.#tries && answer.status !== 200; tried += 1) {
      this.retried += 1;
      await new Promise((done) => setTimeout(done, TRIED_AGAIN_AFTER_MS));
      answer = await this.#call(path, body);
    }
    if (answer.status === 200) return answer;
    this.failed.push(`${path} ${answer.status}`);
    return undefined;
  }
}

export async function post(url: string, body: string, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body,
  });
  return { status: response.status, text: await response.text() };
}
