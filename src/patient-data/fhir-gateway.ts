import { setMaxListeners } from 'node:events';
import type { lookup } from 'node:dns';
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'fhir-kit-client';
import type { FhirResource } from 'fhir/r4.js';
import { Agent, type Dispatcher } from 'undici';
import type { CdsRequest } from '../cds-hooks.js';
import type { GapReason } from '../patient-record.js';
import { addressCheck, allowedBase, checkedConnector, confined, isWithin } from './allowed-address.js';
import type { AllowedBase, AllowedServer } from './allowed-address.js';
import { isFhirId } from './fhir-id.js';
import type { BundledResource } from './medication-reference.js';
import { isNestedTooDeep } from './nesting.js';
import { isRecord, isResource, readSearchPage, type SearchPage } from './search-page.js';

type FailureReason = Exclude<GapReason, 'not-provided'>;

/** `complete`: nothing that the query asks for is left on the server; `unreadable`: entries without a resource. */
export type SearchResult =
  { entries: BundledResource[]; unreadable: number; complete: boolean } | { failure: FailureReason };

export type ReadResult = { resource: FhirResource } | { failure: FailureReason };

/** Whether what was read so far makes further pages needless. */
export type EnoughRead = (entries: readonly BundledResource[]) => boolean;

/** The client's FHIR server for the time of one hook; its methods never throw and never tell more than a reason. */
export interface FhirServer {
  /**
   * `query`: `Type?parameters`, or the next link of a prefetched page; one that leads elsewhere is not followed.
   * @param resourceType what the query asks for, where it does not begin with it: a next link may lead to that type only
   */
  search(query: string, isEnough?: EnoughRead, resourceType?: string): Promise<SearchResult>;
  read(resourceType: string, id: string): Promise<ReadResult>;
}

export interface FhirGatewayOptions {
  allowed: readonly AllowedServer[];
  /** For all calls of one hook together. */
  budgetMs: number;
  /** For one call: 1,500 when absent. */
  callMs?: number;
  /** Pause before the one retry when the server names none: 100 when absent. */
  retryMs?: number;
  /** Bytes and resources for one hook, pages for one search: 20 MB, 5,000 and 10 when absent. */
  limits?: Limits;
  /** Resolver of host names: the system's when absent. */
  lookup?: typeof lookup;
}

interface Limits {
  bytes: number;
  resources: number;
  pages: number;
}

type Answer = { body: unknown } | { failure: FailureReason } | { failure: 'too-much' };
type Attempt = Answer | { failure: 'failed'; retryAfterMs: number };

const LIMITS: Limits = { bytes: 20_000_000, resources: 5_000, pages: 10 };

/**
 * The only way to FHIR servers: answers undefined for a request whose `fhirServer` is not allowed.
 * Redirects, other origins and addresses outside the entry's ranges are never followed; the token goes to that server
 * alone. Throws `invalid-config` at once when an entry's address range cannot be read.
 */
export function openFhirGateway(
  options: FhirGatewayOptions,
): (request: CdsRequest, signal: AbortSignal) => FhirServer | undefined {
  const agents = new Map(options.allowed.map((server) => [server, agentFor(server, options)]));
  return ({ fhirServer, fhirAuthorization }, signal) => {
    const base = fhirServer === undefined ? undefined : allowedBase(fhirServer, options.allowed);
    const agent = base && agents.get(base.server);
    return base && agent && new Conversation(base, agent, fhirAuthorization?.access_token, options, signal);
  };
}

function agentFor(server: AllowedServer, options: FhirGatewayOptions): Agent {
  const connect = checkedConnector(addressCheck(server), options.callMs ?? 1_500, options.lookup);
  // A second net behind the count of bytes, which must be the first to notice.
  return new Agent({ connect, maxResponseSize: 2 * (options.limits ?? LIMITS).bytes });
}

/** All calls of one hook: they share its time, its bytes and its resources. */
class Conversation implements FhirServer {
  readonly #base: AllowedBase;
  readonly #client: Client;
  readonly #options: FhirGatewayOptions;
  readonly #signal: AbortSignal;
  readonly #dispatcher: Dispatcher;
  readonly #left: Limits;
  readonly #endsAt: number;

  constructor(
    base: AllowedBase,
    agent: Agent,
    token: string | undefined,
    options: FhirGatewayOptions,
    signal: AbortSignal,
  ) {
    this.#base = base;
    // Calls pass the whole path, so that a next link on the base itself keeps its exact form.
    this.#client = new Client({ baseUrl: base.origin, ...(token === undefined ? {} : { bearerToken: token }) });
    this.#options = options;
    const full = new AbortController();
    this.#signal = AbortSignal.any([signal, full.signal]);
    setMaxListeners(0, this.#signal); // all calls of a hook listen to it
    this.#left = { ...(options.limits ?? LIMITS) };
    this.#dispatcher = agent.compose(confined(base.origin, this.#left, full));
    this.#endsAt = performance.now() + options.budgetMs;
  }

  async search(
    query: string,
    isEnough: EnoughRead = () => false,
    resourceType = /^([A-Za-z]+)\?/.exec(query)?.[1],
  ): Promise<SearchResult> {
    const result = { entries: new Array<BundledResource>(), unreadable: 0, complete: false };
    const seen = new Set<string>();
    for (
      let path = this.#searchPath(query, resourceType);
      path !== undefined && !seen.has(path) && seen.size < this.#left.pages;
    ) {
      seen.add(path);
      const page = await this.#page(path);
      if (page === 'too-much') break;
      if (typeof page === 'string') return seen.size === 1 ? { failure: page } : result;
      result.unreadable += page.unreadable;
      result.entries.push(...page.entries.slice(0, this.#left.resources));
      this.#left.resources -= page.entries.length;
      if (page.partial || this.#left.resources < 0) break;
      if (page.next === undefined || isEnough(result.entries)) return { ...result, complete: true };
      path = this.#searchPath(page.next, resourceType);
    }
    return result;
  }

  async read(resourceType: string, id: string): Promise<ReadResult> {
    const path = isFhirId(id) ? this.#pathOf(`${resourceType}/${id}`) : undefined;
    const answer: Answer = path === undefined ? { failure: 'failed' } : await this.#call(path);
    if ('failure' in answer) return { failure: answer.failure === 'too-much' ? 'failed' : answer.failure };
    if (!isResource(answer.body) || answer.body.resourceType !== resourceType) return { failure: 'failed' };
    // The client hangs the request, with its token, onto what it returns: a copy is free of it.
    return { resource: { ...answer.body } };
  }

  async #page(path: string): Promise<SearchPage | FailureReason | 'too-much'> {
    const answer = await this.#call(path);
    if ('failure' in answer) return answer.failure;
    const page = readSearchPage(answer.body);
    return page === 'unreadable' ? 'failed' : page;
  }

  /** Path and query on the server's origin; undefined when the address leads out of the base. */
  #pathOf(address: string): string | undefined {
    const base = `${this.#base.origin}${this.#base.path}/`;
    // URL drops tabs and line breaks without a word.
    if (/\p{Cc}/u.test(address) || !URL.canParse(address, base)) return undefined;
    const url = new URL(address, base);
    return isWithin(url, this.#base) ? url.pathname + url.search : undefined;
  }

  /** The token goes nowhere but to searches of this type: on the base itself, which pages by query, or on the type. */
  #searchPath(address: string, resourceType: string | undefined): string | undefined {
    const path = this.#pathOf(address);
    const [place = ''] = path?.split('?') ?? [];
    const type = `${this.#base.path}/${resourceType ?? ''}`;
    return [this.#base.path, type, `${type}/_search`].includes(place.replace(/\/$/, '')) ? path : undefined;
  }

  async #call(path: string): Promise<Answer> {
    const first = await this.#attempt(path);
    if (!('retryAfterMs' in first)) return first;
    if (first.retryAfterMs >= this.#endsAt - performance.now()) return { failure: 'failed' };
    const waited = await wait(first.retryAfterMs, true, { signal: this.#signal }).catch(() => false);
    return waited ? this.#attempt(path) : { failure: 'timed-out' };
  }

  async #attempt(path: string): Promise<Attempt> {
    const time = Math.min(this.#options.callMs ?? 1_500, this.#endsAt - performance.now());
    const limit = new AbortController();
    const stop = limit.abort.bind(limit);
    if (time <= 0 || this.#signal.aborted) stop();
    const timer = setTimeout(stop, time);
    this.#signal.addEventListener('abort', stop, { once: true });
    try {
      const body = await this.#bodyOf(path, limit.signal);
      return isNestedTooDeep(body) ? { failure: 'failed' } : { body };
    } catch (error) {
      if (this.#left.bytes < 0) return { failure: 'too-much' };
      return limit.signal.aborted ? { failure: 'timed-out' } : failureOf(error, this.#options.retryMs ?? 100);
    } finally {
      clearTimeout(timer);
      this.#signal.removeEventListener('abort', stop);
    }
  }

  /** Ends with the signal even where fetch does not: an answer broken off with its headers leaves it waiting for ever. */
  async #bodyOf(path: string, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted();
    const stopped = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', reject, { once: true });
    });
    // An unpacked answer is the only one whose size is known while it is read.
    const options = { headers: { 'accept-encoding': 'identity' }, redirect: 'error' as const, signal };
    // The client's type knows no dispatcher, but it hands every option on to fetch.
    const dispatched = { ...options, dispatcher: this.#dispatcher } as typeof options;
    return Promise.race([this.#client.request(path, { options: dispatched }), stopped]);
  }
}

/** Only the status decides: the library's messages and bodies may hold what must not leave here. */
function failureOf(error: unknown, retryMs: number): Attempt {
  const response = isRecord(error) ? error['response'] : undefined;
  const status = isRecord(response) ? response['status'] : undefined;
  if (status === 401 || status === 403) return { failure: 'not-permitted' };
  if (status !== 429 && status !== 502 && status !== 503) return { failure: 'failed' };
  return { failure: 'failed', retryAfterMs: retryAfterOf(error) ?? retryMs };
}

/** The header in seconds; a date there is taken as too far away. */
function retryAfterOf(error: unknown): number | undefined {
  const config = isRecord(error) ? error['config'] : undefined;
  const headers = isRecord(config) ? config['headers'] : undefined;
  const text = headers instanceof Headers ? headers.get('retry-after') : null;
  if (text === null) return undefined;
  return /^\d{1,6}$/.test(text) ? Number(text) * 1_000 : Infinity;
}
