import type { lookup } from 'node:dns';
import { Agent, request } from 'undici';
import { ServiceError } from '../errors.js';
import type { FhirServer } from '../fhir-server.js';
import { addressCheck, checkedConnector } from './allowed-address.js';
import { isNestedTooDeep } from './nesting.js';

export interface FetchLimits {
  /** From the first byte sent to the last one read. */
  ms: number;
  bytes: number;
  /** Resolver of host names: the system's when absent. */
  lookup?: typeof lookup;
}

/**
 * Gets one JSON document from a configured address, which is checked as those of FHIR servers are; no redirect is
 * followed. The promise is rejected when anything is wrong with the address, the answer or its size.
 */
export function checkedFetch(server: FhirServer, { ms, bytes, lookup }: FetchLimits): () => Promise<unknown> {
  const connect = checkedConnector(addressCheck(server), ms, lookup);
  const dispatcher = new Agent({ connect, maxResponseSize: bytes });
  return async () => {
    const signal = AbortSignal.timeout(ms);
    const headers = { accept: 'application/jwk-set+json, application/json', 'accept-encoding': 'identity' };
    const { statusCode, body } = await request(server.url, { dispatcher, headers, signal });
    // Read even when it is refused, so that the connection is free again.
    const document: unknown = JSON.parse(await body.text());
    if (statusCode !== 200 || isNestedTooDeep(document))
      throw new ServiceError('fhir-request-failed', 'The document could not be had.');
    return document;
  };
}
