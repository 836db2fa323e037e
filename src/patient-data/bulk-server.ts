import type { lookup } from 'node:dns';
import { Agent, type Dispatcher, request } from 'undici';
import { ServiceError } from '../errors.js';
import type { FhirServer } from '../fhir-server.js';
import { addressCheck, allowedBase, type AllowedBase, checkedConnector, isPlainlyWithin } from './allowed-address.js';

export interface BulkServerOptions {
  allowed: readonly FhirServer[];
  /** Bearer token; it goes to the server's own base and nowhere else. */
  token?: string | undefined;
  /** For a connection, and for each pause within an answer. */
  silenceMs?: number;
  lookup?: typeof lookup;
}

export type BulkAnswer = Dispatcher.ResponseData;

const SILENCE_MS = 60_000;
const TRANSIENT: readonly number[] = [429, 500, 502, 503, 504];

/** A FHIR server that exports in bulk: held to the same list and the same check of addresses as the calls of a hook. */
export class BulkServer {
  readonly #base: AllowedBase;
  readonly #agent: Agent;
  readonly #token: string | undefined;

  private constructor(base: AllowedBase, { token, silenceMs = SILENCE_MS, lookup }: BulkServerOptions) {
    this.#base = base;
    this.#token = token;
    const connect = checkedConnector(addressCheck(base.server), silenceMs, lookup);
    this.#agent = new Agent({ connect, headersTimeout: silenceMs, bodyTimeout: silenceMs });
  }

  /** @throws ServiceError `fhir-request-failed` when the server is not on the list */
  static open(serverBase: string, options: BulkServerOptions): BulkServer {
    const base = allowedBase(serverBase, options.allowed);
    if (base === undefined) {
      throw new ServiceError('fhir-request-failed', 'The FHIR server is not on the list of FHIR_SERVERS.');
    }
    return new BulkServer(base, options);
  }

  get url(): string {
    return `${this.#base.origin}${this.#base.path}`;
  }

  /**
   * Asks once; no redirect is followed. An address that leads out of the server's base is refused: what a server says
   * about itself must not send its token, or us, elsewhere.
   *
   * @throws ServiceError `fhir-request-failed`, or what the connection failed with
   */
  async ask(
    method: 'GET' | 'DELETE',
    address: string,
    { headers, signal }: { headers: Record<string, string>; signal: AbortSignal },
  ): Promise<BulkAnswer> {
    const authorization = this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` };
    const answer = await request(this.#within(address), {
      method,
      dispatcher: this.#agent,
      signal,
      headers: { ...headers, ...authorization, 'accept-encoding': 'identity' },
    });
    if ((answer.headers['content-encoding'] ?? 'identity') === 'identity') return answer;
    await answer.body.dump();
    throw new ServiceError('fhir-request-failed', 'The FHIR server packed an answer that was asked for unpacked.');
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  #within(address: string): URL {
    // The text is searched, because URL drops tabs and ends of lines.
    const isReadable = !/\p{Cc}/u.test(address) && URL.canParse(address, `${this.url}/`);
    const url = isReadable ? new URL(address, `${this.url}/`) : undefined;
    if (url?.pathname.startsWith(`${this.#base.path}/`) && isPlainlyWithin(url, this.#base)) return url;
    throw new ServiceError('fhir-request-failed', 'The FHIR server named an address outside of its base.');
  }
}

/** Whether it may go better after a while. */
export function isTransient({ statusCode }: BulkAnswer): boolean {
  return TRANSIENT.includes(statusCode);
}

/** Milliseconds that the server asks to wait: a number of seconds, or a date; undefined when it names none. */
export function retryAfterMs({ headers }: BulkAnswer, now: number): number | undefined {
  const text = [headers['retry-after']].flat()[0];
  if (text === undefined) return undefined;
  if (/^\d{1,7}$/.test(text)) return Number(text) * 1_000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
