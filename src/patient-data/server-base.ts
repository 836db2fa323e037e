import { withoutTrailingSlashes } from '../trailing-slashes.js';

/** Whether an absolute URL stands under the base URL of a FHIR server; a text that is no URL does not. */
export function isUnderBase(address: string, serverBase: string): boolean {
  if (!URL.canParse(address) || !URL.canParse(serverBase)) return false;
  const [url, base] = [new URL(address), new URL(serverBase)];
  return url.origin === base.origin && url.pathname.startsWith(`${withoutTrailingSlashes(base.pathname)}/`);
}

/**
 * Whether an entry says by its fullUrl that it is another server's: ids, and the relative references inside, are then
 * names on that server. A urn says nothing, nor does any fullUrl while the client's server is not known.
 */
export function isOfOtherServer(fullUrl: string | undefined, serverBase: string | undefined): boolean {
  if (fullUrl === undefined || serverBase === undefined || !/^\s*https?:/i.test(fullUrl)) return false;
  return !isUnderBase(fullUrl, serverBase);
}
