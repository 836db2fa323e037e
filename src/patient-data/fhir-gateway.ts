import { setMaxListeners } from 'node:events';
import type { lookup } from 'node:dns';
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'fhir-kit-client';
import type { FhirResource } from 'fhir/r4.js';
import { Agent } from 'undici';
import type { CdsRequest } from '../cds-hooks.js';
import { ServiceError } from '../errors.js';
import type { GapReason } from '../patient-record.js';
import { addressCheck, allowedBase, checkedConnector, confined } from './allowed-address.js';
import type { FhirServer } from '../fhir-server.js';
import type { AllowedBase } from './allowed-address.js';
import { callFailure, type FailedCall } from './call-failure.js';
import { type CallLimits, LIMITS } from './call-limits.js';
import { callOutcome, type CallWatch, originsOf } from './call-watch.js';
import { CircuitBreaker, type JudgedCall } from './circuit-breaker.js';
import { isFhirId } from '../fhir-id.js';
import type { BundledResource } from './medication-reference.js';
import { type EnoughRead, reachesBeyondLookBack } from './prefetch-templates.js';
import { isResource, readSearchPage, type SearchPage } from './search-page.js';
import { pathWithin, searchPathWithin, searchRequest, type ServerRequest } from './server-path.js';

type FailureReason = Exclude<GapReason, 'not-provided'>;

/** `complete`: nothing that the query asks for is left on the server; `unreadable`: entries without a resource. */
export type SearchResult =
  { entries: BundledResource[]; unreadable: number; complete: boolean } | { failure: FailureReason };

export type ReadResult = { resource: FhirResource } | { failure: FailureReason };

/** What of a request says whom to call, and as whom. */
export type ServerNamed = Pick<CdsRequest, 'fhirServer' | 'fhirAuthorization'>;

/** The client's FHIR server for the time of one hook; its methods never throw and never tell more than a reason. */
export interface OpenedServer {
  /**
   * `query`: `Type?parameters`, or the next link of a prefetched page; one that leads elsewhere is not followed.
   * @param resourceType what the query asks for, where it does not begin with it: a next link may lead to that type only
   */
  search(query: string, enough?: EnoughRead, resourceType?: string): Promise<SearchResult>;
  read(resourceType: string, id: string): Promise<ReadResult>;
}

/** Id of the callers that need no JWT. */
export const ANONYMOUS = 'anonymous';

export interface FhirGatewayOptions {
  /** The servers that each client may name, by the client's id. */
  allowed: ReadonlyMap<string, readonly FhirServer[]>;
  /** For all calls of one hook together. */
  budgetMs: number;
  /** For one call: three fifths of the budget when absent. */
  callMs?: number;
  /** Pause before the one retry when the server names none, and the most that is added to any pause: 100 when absent. */
  retryMs?: number;
  limits?: Partial<CallLimits>;
  /** Resolver of host names: the system's when absent. */
  lookup?: typeof lookup;
  /** Milliseconds that only go forward, for how long a server that is down is left alone: the system's when absent. */
  clock?: () => number;
  watch?: CallWatch;
}

type Answer = { body: unknown } | { failure: FailureReason } | { failure: 'too-much' };
type Attempt = JudgedCall & (Answer | FailedCall);

/**
 * The only way to FHIR servers: answers undefined for a request whose `fhirServer` is not allowed to that client.
 * Redirects, other origins and addresses outside the entry's ranges are never followed; the token goes to that server
 * alone. Throws `invalid-config` at once when an entry's address range cannot be read.
 */
export function openFhirGateway(
  options: FhirGatewayOptions,
): (request: ServerNamed, signal: AbortSignal, client?: string) => OpenedServer | undefined {
  const clock = options.clock ?? performance.now.bind(performance);
  // Whoever asks, a server that is down is down.
  const breakerAt = (place: number) => new CircuitBreaker(clock, (rests) => options.watch?.onRest(place, rests));
  const breakers = new Map(
    originsOf(options.allowed).map((origin, place) => [origin, { place, breaker: breakerAt(place) }]),
  );
  const agents = new Map([...options.allowed.values()].flat().map((server) => [server, agentFor(server, options)]));
  return ({ fhirServer, fhirAuthorization }, signal, client = ANONYMOUS) => {
    const base = fhirServer === undefined ? undefined : allowedBase(fhirServer, options.allowed.get(client) ?? []);
    const [agent, known] = [base && agents.get(base.server), base && breakers.get(base.origin)];
    const token = fhirAuthorization?.access_token;
    return base && agent && known && new Conversation(base, { agent, ...known }, token, options, signal);
  };
}

function agentFor(server: FhirServer, options: FhirGatewayOptions): Agent {
  const connect = checkedConnector(addressCheck(server), callMs(options), options.lookup);
  // A second net behind the count of bytes, which must be the first to notice.
  return new Agent({ connect, maxResponseSize: 2 * limitsOf(options).bytes });
}

function callMs(options: FhirGatewayOptions): number {
  return options.callMs ?? Math.ceil(0.6 * options.budgetMs);
}

function limitsOf({ limits }: FhirGatewayOptions): CallLimits {
  return { ...LIMITS, ...limits };
}

/** All calls of one hook: they share its time, its bytes and its resources. */
class Conversation implements OpenedServer {
  readonly #base: AllowedBase;
  readonly #client: Client;
  readonly #options: FhirGatewayOptions;
  readonly #signal: AbortSignal;
  readonly #agent: Agent;
  readonly #full = new AbortController();
  readonly #breaker: CircuitBreaker;
  readonly #place: number;
  readonly #left: CallLimits;
  readonly #endsAt: number;
  #isTokenRefused = false;

  constructor(
    base: AllowedBase,
    { agent, breaker, place }: { agent: Agent; breaker: CircuitBreaker; place: number },
    token: string | undefined,
    options: FhirGatewayOptions,
    signal: AbortSignal,
  ) {
    this.#base = base;
    // Calls pass the whole path, so that a next link on the base itself keeps its exact form.
    this.#client = new Client({ baseUrl: base.origin, ...(token === undefined ? {} : { bearerToken: token }) });
    this.#options = options;
    this.#signal = AbortSignal.any([signal, this.#full.signal]);
    setMaxListeners(0, this.#signal); // all calls of a hook listen to it
    this.#left = limitsOf(options);
    this.#agent = agent;
    this.#breaker = breaker;
    this.#place = place;
    this.#endsAt = performance.now() + options.budgetMs;
  }

  async search(
    query: string,
    enough?: EnoughRead,
    resourceType = /^([A-Za-z]+)\?/.exec(query)?.[1],
  ): Promise<SearchResult> {
    const result = { entries: new Array<BundledResource>(), unreadable: 0, complete: false };
    const seen = new Set<string>();
    for (
      let path = searchPathWithin(this.#base, query, resourceType);
      path !== undefined && !seen.has(path) && seen.size < this.#left.pages;
    ) {
      const isOurs = seen.size === 0 && !URL.canParse(query);
      seen.add(path);
      const page = await this.#page(isOurs ? searchRequest(this.#base, path) : { path });
      if (page === 'too-much') break;
      if (typeof page === 'string') return seen.size === 1 ? { failure: page } : result;
      result.unreadable += page.unreadable;
      result.entries.push(...page.entries.slice(0, this.#left.resources));
      this.#left.resources -= page.entries.length;
      if (page.partial || this.#left.resources < 0) break;
      const isEnough = enough !== undefined && reachesBeyondLookBack(enough, result.entries, enough.now);
      if (page.next === undefined || isEnough) return { ...result, complete: true };
      path = searchPathWithin(this.#base, page.next, resourceType);
    }
    return result;
  }

  async read(resourceType: string, id: string): Promise<ReadResult> {
    const path = isFhirId(id) ? pathWithin(this.#base, `${resourceType}/${id}`) : undefined;
    const answer: Answer = path === undefined ? { failure: 'failed' } : await this.#call({ path });
    if ('failure' in answer) return { failure: answer.failure === 'too-much' ? 'failed' : answer.failure };
    if (!isResource(answer.body) || answer.body.resourceType !== resourceType) return { failure: 'failed' };
    // The client hangs the request, with its token, onto what it returns: a copy is free of it.
    return { resource: { ...answer.body } };
  }

  async #page(request: ServerRequest): Promise<SearchPage | FailureReason | 'too-much'> {
    const answer = await this.#call(request);
    if ('failure' in answer) return answer.failure;
    const page = readSearchPage(answer.body);
    return page === 'unreadable' ? 'failed' : page;
  }

  async #call(request: ServerRequest): Promise<Answer> {
    const patience = () => wait(this.#timeLeft(), undefined, { signal: this.#signal, ref: false }).catch(() => false);
    const attempt = await this.#breaker.run(() => this.#retried(request), patience);
    this.#options.watch?.onCall(this.#place, callOutcome(attempt));
    return attempt ?? { failure: 'failed' };
  }

  /** Searches by POST are tried again as well: they change nothing on the server. */
  async #retried(request: ServerRequest): Promise<Attempt> {
    const first = await this.#attempt(request);
    const pause = 'retryMs' in first ? first.retryMs : undefined;
    if (pause === undefined || pause >= this.#timeLeft()) return first;
    const waited = await wait(pause, true, { signal: this.#signal }).catch(() => false);
    if (!waited) return { failure: 'timed-out', health: 'given-up' };
    const second = await this.#attempt(request);
    return second.health === 'given-up' ? { ...second, health: first.health } : second;
  }

  async #attempt(request: ServerRequest): Promise<Attempt> {
    // A token that was refused once is shown no more.
    if (this.#isTokenRefused) return { failure: 'not-permitted', health: 'given-up' };
    if (this.#left.calls <= 0) return { failure: 'too-much', health: 'given-up' };
    const time = Math.min(callMs(this.#options), this.#timeLeft());
    const limit = new AbortController();
    const stop = limit.abort.bind(limit);
    if (time <= 0 || this.#signal.aborted) stop();
    const timer = setTimeout(stop, time);
    this.#signal.addEventListener('abort', stop, { once: true });
    try {
      return { body: await this.#bodyOf(request, limit), health: 'answered' };
    } catch (error) {
      if (this.#left.bytes < 0) return { failure: 'too-much', health: 'answered' };
      if (limit.signal.reason instanceof ServiceError) return { failure: 'failed', health: 'answered' };
      if (!limit.signal.aborted) return this.#failed(error);
      // Only a server that had the whole time of a call is known to be too slow.
      const isWhole = !this.#signal.aborted && time >= callMs(this.#options);
      return { failure: 'timed-out', health: isWhole ? 'failed' : 'given-up' };
    } finally {
      clearTimeout(timer);
      this.#signal.removeEventListener('abort', stop);
    }
  }

  #failed(error: unknown): FailedCall {
    const failure = callFailure(error, this.#options.retryMs ?? 100);
    this.#isTokenRefused ||= failure.isTokenRefused ?? false;
    return failure;
  }

  /** Ends with the signal even where fetch does not: an answer broken off with its headers leaves it waiting for ever. */
  async #bodyOf({ path, posted, headers }: ServerRequest, limit: AbortController): Promise<unknown> {
    const { signal } = limit;
    signal.throwIfAborted();
    this.#left.calls -= 1;
    const stopped = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', reject, { once: true });
    });
    // An unpacked answer is the only one whose size is known while it is read.
    const options = { headers: { 'accept-encoding': 'identity', ...headers }, redirect: 'error' as const, signal };
    // The client's type knows no dispatcher, but it hands every option on to fetch.
    const dispatcher = this.#agent.compose(confined(this.#base.origin, this.#left, this.#full, limit));
    const dispatched = { ...options, dispatcher } as typeof options;
    return Promise.race([this.#client.request(path, { ...posted, options: dispatched }), stopped]);
  }

  #timeLeft(): number {
    return Math.max(0, this.#endsAt - performance.now());
  }
}
