import { type AllowedBase, isWithin } from './allowed-address.js';

/** What is asked of a server: a path with its query, or a search whose query stands in the body. */
export interface ServerRequest {
  path: string;
  posted?: { method: 'POST'; body: string };
  headers?: Record<string, string>;
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

/** Servers and the proxies before them refuse longer ones, from 2,048 characters on. */
const LONGEST_URL = 2_000;

/** Path and query on the server's origin; undefined when the address leads out of the base. */
export function pathWithin(base: AllowedBase, address: string): string | undefined {
  const folder = `${base.origin}${base.path}/`;
  // URL drops tabs and line breaks without a word.
  if (/\p{Cc}/u.test(address) || !URL.canParse(address, folder)) return undefined;
  const url = new URL(address, folder);
  return isWithin(url, base) ? url.pathname + url.search : undefined;
}

/** The token goes nowhere but to searches of this type: on the base itself, which pages by query, or on the type. */
export function searchPathWithin(base: AllowedBase, address: string, resourceType = ''): string | undefined {
  const path = pathWithin(base, address);
  const [place = ''] = path?.split('?') ?? [];
  const type = `${base.path}/${resourceType}`;
  return [base.path, type, `${type}/_search`].includes(place.replace(/\/$/, '')) ? path : undefined;
}

/** A query of ours that is too long for a URL goes by POST (FHIR R4, 3.1.1.4: `[base]/[type]/_search`). */
export function searchRequest({ origin }: AllowedBase, path: string): ServerRequest {
  if (origin.length + path.length <= LONGEST_URL) return { path };
  const [place = '', body = ''] = path.split('?');
  return { path: `${place}/_search`, posted: { method: 'POST', body }, headers: FORM };
}
