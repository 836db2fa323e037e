import type { CdsRequest } from '../../src/cds-hooks.js';
import type { FhirServer } from '../../src/fhir-server.js';
import {
  ANONYMOUS,
  openFhirGateway,
  type FhirGatewayOptions,
  type OpenedServer,
} from '../../src/patient-data/fhir-gateway.js';

export const TOKEN = 'canary-token-7f3a';
export const EHR: FhirServer = { url: 'https://ehr.example/fhir', addresses: [], insecure: false };
export const QUERY = 'Observation?patient=p1&code=1-1,2-2';
export const failed = { failure: 'failed' };

export const lab = (id: string) => ({ resourceType: 'Observation', id });
export const page = (ids: string[], next?: string) => ({
  resourceType: 'Bundle',
  entry: ids.map((id) => ({ resource: lab(id) })),
  ...(next === undefined ? {} : { link: [{ relation: 'next', url: next }] }),
});
export const searchResult = (ids: string[], complete: boolean) => ({
  entries: ids.map((id) => ({ resource: lab(id) })),
  unreadable: 0,
  complete,
});

export function requestTo(fhirServer: string, token?: string): CdsRequest {
  const fhirAuthorization = {
    access_token: token ?? '',
    token_type: 'Bearer',
    expires_in: 60,
    scope: '',
    subject: 's',
  } as const;
  return {
    hook: 'patient-view',
    hookInstance: 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea',
    context: { userId: 'Practitioner/1', patientId: 'p1' },
    fhirServer,
    ...(token === undefined ? {} : { fhirAuthorization }),
  };
}

/** Servers that callers without a JWT may name. */
export function allowedTo(...servers: FhirServer[]): FhirGatewayOptions['allowed'] {
  return new Map([[ANONYMOUS, servers]]);
}

/** The gateway of one hook call to this server, which is allowed and gets the token. */
export function openServer(
  server: FhirServer,
  more: Partial<FhirGatewayOptions> = {},
  signal = new AbortController().signal,
): OpenedServer {
  const gateway = openFhirGateway({ allowed: allowedTo(server), budgetMs: 2_500, retryMs: 5, ...more });
  const opened = gateway(requestTo(server.url, TOKEN), signal);
  if (opened === undefined) throw new Error('the server of this test is not allowed');
  return opened;
}
