import {
  createLocalJWKSet,
  type CryptoKey,
  type JSONWebKeySet,
  type JWSHeaderParameters,
  type LocalJWKSet,
} from 'jose';

/** The public keys of one client. */
export interface ClientKeys {
  /** The one key that the header names by `kid` and that fits its `alg`. */
  find(header: JWSHeaderParameters): Promise<CryptoKey | KeyFailure>;
  /** Gets them before they are needed, so that nobody waits for it; never fails. */
  load(): Promise<void>;
}

export type KeyFailure = 'unknown-key' | 'keys-not-available';

export interface FetchedKeysParts {
  /** Gets the key set from its one address; may fail in any way. */
  fetchSet: () => Promise<unknown>;
  clock: () => Date;
  onFailed: (cause: unknown) => void;
}

/** How long fetched keys are fresh. */
const FRESH_MS = 600_000;
/** How long they are used when newer ones cannot be had. */
const USABLE_MS = 3_600_000;
/** How long no fetch follows one that failed, or one that an unknown key asked for: strangers can name unknown keys. */
const COOLDOWN_MS = 30_000;

/** Keys that were read at start. */
export function fixedKeys(set: JSONWebKeySet): ClientKeys {
  const keys = createLocalJWKSet(set);
  return { find: (header) => findIn(keys, header), load: () => Promise.resolve() };
}

/** Keys behind an address: fetched when needed, kept for ten minutes, fetched again for a key not seen before. */
export function fetchedKeys(parts: FetchedKeysParts): ClientKeys {
  return new FetchedKeys(parts);
}

class FetchedKeys implements ClientKeys {
  readonly #parts: FetchedKeysParts;
  #keys: LocalJWKSet | undefined;
  #fetchedAt = -Infinity;
  #restsUntil = -Infinity;
  #pending: Promise<void> | undefined;

  constructor(parts: FetchedKeysParts) {
    this.#parts = parts;
  }

  async find(header: JWSHeaderParameters): Promise<CryptoKey | KeyFailure> {
    await this.load();
    const key = await this.#findKnown(header);
    if (key !== 'unknown-key' || this.#isResting()) return key;
    const refreshed = this.#refresh();
    this.#rest();
    await refreshed;
    return this.#findKnown(header);
  }

  async load(): Promise<void> {
    if (this.#age() >= FRESH_MS) await this.#refresh();
  }

  async #findKnown(header: JWSHeaderParameters): Promise<CryptoKey | KeyFailure> {
    if (this.#keys === undefined || this.#age() >= USABLE_MS) return 'keys-not-available';
    return findIn(this.#keys, header);
  }

  /** Calls that come meanwhile wait for the fetch that is under way. */
  #refresh(): Promise<void> {
    if (this.#pending === undefined && this.#isResting()) return Promise.resolve();
    this.#pending ??= this.#fetch().finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  async #fetch(): Promise<void> {
    try {
      // jose checks the shape, and throws when it is no key set.
      this.#keys = createLocalJWKSet((await this.#parts.fetchSet()) as JSONWebKeySet);
      this.#fetchedAt = this.#now();
    } catch (error) {
      this.#rest();
      this.#parts.onFailed(error);
    }
  }

  #rest(): void {
    this.#restsUntil = this.#now() + COOLDOWN_MS;
  }

  #isResting(): boolean {
    return this.#now() < this.#restsUntil;
  }

  #age(): number {
    return this.#now() - this.#fetchedAt;
  }

  #now(): number {
    return this.#parts.clock().getTime();
  }
}

/** A key that is missing, there twice, of another kind, or not to be read: each means that none can be named. */
async function findIn(keys: LocalJWKSet, header: JWSHeaderParameters): Promise<CryptoKey | KeyFailure> {
  try {
    return await keys(header);
  } catch {
    return 'unknown-key';
  }
}
