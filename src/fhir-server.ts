import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { withoutTrailingSlashes } from './trailing-slashes.js';

/** A FHIR server that may be called back. */
export interface FhirServer {
  /** Base URL without a trailing slash. */
  url: string;
  /** The address ranges (CIDR) its name may resolve to beside public ones; empty: public addresses only. */
  addresses: readonly string[];
  /** Plain http is allowed. */
  insecure: boolean;
}

const cidr = z.string().refine((text) => ipaddr.isValidCIDR(text), 'must be an address range such as 10.0.0.0/8');

const entryFields = z.strictObject({
  url: z.string('must be the base URL of a FHIR server'),
  addresses: z.array(cidr, 'must be a list of address ranges').optional(),
  insecure: z.boolean('must be true or false').optional(),
});

/** An entry of `CDS_CLIENTS`: a base URL, what its name may resolve to, and whether plain http is allowed. */
export const fhirServerEntry = entryFields.transform((entry, issues): FhirServer => {
  const server = toFhirServer(entry.url, entry.addresses ?? [], entry.insecure ?? false);
  if (typeof server !== 'string') return server;
  issues.addIssue({ code: 'custom', path: ['url'], message: server });
  return z.NEVER;
});

/** An entry of `FHIR_SERVERS`: a base URL alone. */
export const fhirServerUrl = z.string().transform((url, issues): FhirServer => {
  const server = toFhirServer(url, [], false);
  if (typeof server !== 'string') return server;
  issues.addIssue({ code: 'custom', message: server });
  return z.NEVER;
});

/** The server, or what is wrong with its entry. */
function toFhirServer(text: string, addresses: string[], insecure: boolean): FhirServer | string {
  if (!URL.canParse(text)) return 'must be a URL';
  const url = new URL(text);
  if (!['http:', 'https:'].includes(url.protocol)) return 'must be a http or https URL';
  // The text is searched, because URL hides an empty query, fragment or user.
  if (/[?#@]/.test(text)) return 'must have no user, query or fragment';
  const named = addresses.length > 0 ? addresses : ownAddresses(url.hostname);
  if (named === undefined) return 'is an address that is not called unless its CDS_CLIENTS entry names the range';
  const isLocal = ownAddresses(url.hostname)?.length !== 0;
  if (url.protocol === 'http:' && !insecure && !isLocal) return 'must be https, or have insecure: true in CDS_CLIENTS';
  return { url: withoutTrailingSlashes(url.href), addresses: named, insecure: url.protocol === 'http:' };
}

/** The address a literal private host stands for; empty for a public host; undefined for one that is never called. */
function ownAddresses(hostname: string): string[] | undefined {
  if (hostname === 'localhost') return ['127.0.0.1/32', '::1/128'];
  const literal = hostname.replace(/^\[|\]$/g, '');
  if (!ipaddr.isValid(literal)) return [];
  const address = ipaddr.process(literal);
  if (address.range() === 'unicast') return [];
  if (!['loopback', 'private', 'uniqueLocal'].includes(address.range())) return undefined;
  return [`${address.toString()}/${address.kind() === 'ipv4' ? 32 : 128}`];
}
