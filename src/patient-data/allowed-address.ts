import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { buildConnector, type Dispatcher } from 'undici';
import { ServiceError } from '../errors.js';
import type { FhirServer } from '../fhir-server.js';
import { JsonShape } from '../json-shape.js';
import { withoutTrailingSlashes } from '../trailing-slashes.js';

/** Where a call may go: everything at or under `path` on `origin`. */
export interface AllowedBase {
  server: FhirServer;
  origin: string;
  /** Without a slash at the end; empty for the root. */
  path: string;
}

/**
 * What servers and the proxies before them read differently: path parameters (`..;`), empty segments, and encoded forms
 * that some decode only after their own check (semicolon, dollar, dot, slash, backslash, percent, controls).
 */
const TREACHEROUS_PATH = /;|\/\/|%(?:[01][0-9a-f]|24|25|2e|2f|3b|5c|7f)/i;

type AddressCheck = (address: string) => boolean;

/** The base URL a client sent, when the list allows it; of several entries the one with the longest path counts. */
export function allowedBase(fhirServer: string, allowed: readonly FhirServer[]): AllowedBase | undefined {
  // The text is searched, because URL hides an empty query, fragment or user, drops tabs and turns backslashes.
  if (/[?#@\\\p{Cc}]/u.test(fhirServer) || !URL.canParse(fhirServer)) return undefined;
  const url = new URL(fhirServer);
  const [server] = allowed
    .filter((entry) => isPermittedScheme(url, entry) && isWithin(url, baseOf(entry)))
    .sort((one, other) => other.url.length - one.url.length);
  return server && { server, origin: url.origin, path: withoutTrailingSlashes(url.pathname) };
}

/** Whether the URL is at or under the base, however it is spelled, and calls no operation (`$`). */
export function isWithin(url: URL, base: { origin: string; path: string }): boolean {
  return !url.pathname.includes('$') && isPlainlyWithin(url, base);
}

/** The same, for whoever calls operations. */
export function isPlainlyWithin(url: URL, base: { origin: string; path: string }): boolean {
  if (url.username !== '' || url.password !== '' || TREACHEROUS_PATH.test(url.pathname)) return false;
  return url.origin === base.origin && `${url.pathname}/`.startsWith(`${base.path}/`);
}

/**
 * Whether a connection to an address (as text) is allowed: public addresses, and what the entry names.
 * Throws `invalid-config` when a range of the entry cannot be read.
 */
export function addressCheck(server: FhirServer): AddressCheck {
  const ranges = server.addresses.map(rangeOf);
  return (text) => {
    if (!ipaddr.isValid(text)) return false;
    const address = ipaddr.process(text);
    return isPublic(address) || ranges.some(([network, bits]) => isInRange(address, network, bits));
  };
}

/**
 * Connects only to addresses that pass the check: a literal before, a looked-up one before, and the socket's own
 * afterwards, so that the address checked is the address connected to.
 */
export function checkedConnector(
  check: AddressCheck,
  timeoutMs: number,
  lookup: typeof systemLookup = systemLookup,
): buildConnector.connector {
  const connect = buildConnector({ timeout: timeoutMs, lookup: checkedLookup(check, lookup) });
  return (options, callback) => {
    if (isIP(options.hostname) !== 0 && !check(options.hostname)) {
      callback(refused(), null);
      return;
    }
    connect(options, (error, socket) => {
      if (error !== null) {
        callback(error, null);
        return;
      }
      if (socket.remoteAddress !== undefined && check(socket.remoteAddress)) {
        callback(null, socket);
        return;
      }
      socket.destroy();
      callback(refused(), null);
    });
  };
}

/**
 * Keeps calls on one origin and takes the bytes of their answers from `left`: when none are left, `full` is aborted and
 * the answer broken off, as is one that is packed, because its size could not be told. At a shape that would take seconds
 * to parse `call` is aborted, with a ServiceError.
 */
export function confined(
  origin: string,
  left: { bytes: number },
  full: AbortController,
  call: AbortController,
): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) => {
    if (String(options.origin) !== origin) throw refused();
    const shape = new JsonShape();
    return dispatch(options, {
      onRequestStart: (...parts) => handler.onRequestStart?.(...parts),
      onResponseStart: (controller, status, headers, message) => {
        if ((headers['content-encoding'] ?? 'identity') !== 'identity') throw refused();
        handler.onResponseStart?.(controller, status, headers, message);
      },
      onResponseData: (controller, chunk) => {
        left.bytes -= chunk.length;
        if (left.bytes < 0) {
          full.abort();
          throw refused();
        }
        if (shape.read(chunk) === undefined) handler.onResponseData?.(controller, chunk);
        else call.abort(refused());
      },
      onResponseEnd: (...parts) => handler.onResponseEnd?.(...parts),
      onResponseError: (...parts) => handler.onResponseError?.(...parts),
    });
  };
}

function checkedLookup(check: AddressCheck, lookup: typeof systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      const addresses = error === null ? found.filter(({ address }) => check(address)) : [];
      const [first] = addresses;
      if (first === undefined) callback(error ?? refused(), []);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function isPermittedScheme(url: URL, entry: FhirServer): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && entry.insecure);
}

function baseOf(server: FhirServer): { origin: string; path: string } {
  const url = new URL(server.url);
  return { origin: url.origin, path: withoutTrailingSlashes(url.pathname) };
}

function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address.range() !== 'unicast') return false;
  // Outside 2000::/3 no IPv6 address is assigned; some forms there stand for an IPv4 address.
  return address.kind() === 'ipv4' || address.match(ipaddr.parseCIDR('2000::/3'));
}

function isInRange(address: ipaddr.IPv4 | ipaddr.IPv6, network: ipaddr.IPv4 | ipaddr.IPv6, bits: number): boolean {
  return address.kind() === network.kind() && address.match(network, bits);
}

function rangeOf(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  try {
    if (text.includes('/')) return ipaddr.parseCIDR(text);
    const address = ipaddr.parse(text);
    return [address, address.kind() === 'ipv4' ? 32 : 128];
  } catch (cause) {
    throw new ServiceError('invalid-config', 'An address range of a FHIR server cannot be read.', { cause });
  }
}

// One text for every check: a detailed one would tell a caller what stands in our network.
function refused(): ServiceError {
  return new ServiceError('fhir-request-failed', 'The FHIR server could not be reached.');
}
