import { createHash } from 'node:crypto';
import { ServiceError } from '../errors.js';

/** Remembers which JWTs were used. Several instances of the service need one that they share. */
export interface ReplayStore {
  /** Whether the token `jti` of this issuer is used for the first time; it is remembered until `until`. */
  use(issuer: string, jti: string, until: Date): Promise<boolean>;
}

export interface MemoryReplayOptions {
  clock: () => Date;
  /** How many tokens of one issuer are remembered at once: 200,000 when absent. */
  mostPerIssuer?: number;
}

/** What instances share; undefined while it cannot be asked. */
export interface SharedTokens {
  use(issuer: string, jti: string, until: Date): Promise<boolean | undefined>;
}

/** Asks its own store, then the shared one; hooks go on without that, and each instance then knows only its own. */
export function sharedReplays(own: ReplayStore, shared: SharedTokens): ReplayStore {
  return {
    async use(issuer, jti, until) {
      if (!(await own.use(issuer, jti, until))) return false;
      return (await shared.use(issuer, jti, until)) ?? true;
    },
  };
}

const SWEEP_EVERY_MS = 60_000;

/** A store for one instance: bounded, and forgotten at a restart, when tokens still alive could be used once more. */
export function replaysInMemory({ clock, mostPerIssuer = 200_000 }: MemoryReplayOptions): ReplayStore {
  const issuers = new Map<string, Map<string, number>>();
  let sweptAt = clock().getTime();
  return {
    // eslint-disable-next-line @typescript-eslint/require-await -- The interface is one for stores elsewhere too.
    async use(issuer, jti, until) {
      const now = clock().getTime();
      if (now - sweptAt >= SWEEP_EVERY_MS) {
        for (const used of issuers.values()) forgetExpired(used, now);
        sweptAt = now;
      }
      const used = issuers.get(issuer) ?? new Map<string, number>();
      issuers.set(issuer, used);
      return isFirstUse(used, { key: shortened(jti), until: until.getTime(), now, most: mostPerIssuer });
    },
  };
}

interface Use {
  key: string;
  until: number;
  now: number;
  most: number;
}

/** Full is closed: a token that cannot be remembered is not taken, and only its own issuer is concerned. */
function isFirstUse(used: Map<string, number>, { key, until, now, most }: Use): boolean {
  if ((used.get(key) ?? 0) > now) return false;
  if (used.size >= most) forgetExpired(used, now);
  if (used.size >= most) throw new ServiceError('not-ready', 'Too many tokens are in use; try again later.');
  used.set(key, until);
  return true;
}

function forgetExpired(used: Map<string, number>, now: number): void {
  for (const [key, until] of used) if (until <= now) used.delete(key);
}

/** A client may make its ids as long as it likes. */
function shortened(jti: string): string {
  return createHash('sha256').update(jti).digest('base64url');
}
