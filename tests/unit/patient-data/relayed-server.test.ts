import { describe, expect, it } from '@jest/globals';
import type { OpenedServer, ReadResult, SearchResult, ServerNamed } from '../../../src/patient-data/fhir-gateway.js';
import { relayAnswers, relayedServer } from '../../../src/patient-data/relayed-server.js';
import { AUTHORIZATION } from '../../support/hook-requests.js';

const TOKEN = { ...AUTHORIZATION, token_type: 'Bearer' as const };
const FHIR_SERVER = 'https://ehr.example.org/fhir';
const FOUND: SearchResult = { entries: [], unreadable: 0, complete: true };
const READ: ReadResult = { failure: 'not-permitted' };

/** Both ends of the relay, and what the gateway behind it was asked. */
async function relayed(named: ServerNamed, isAllowed = true) {
  const asked: unknown[][] = [];
  const gateway: OpenedServer = {
    search: (...words) => {
      asked.push(['search', ...words]);
      return Promise.resolve(FOUND);
    },
    read: (...words) => {
      asked.push(['read', ...words]);
      return Promise.resolve(READ);
    },
  };
  const answers = relayAnswers((opened) => {
    asked.push(['open', opened]);
    return isAllowed ? gateway : undefined;
  });
  return { asked, server: await relayedServer(named, answers) };
}

describe('a FHIR server, called from a thread', () => {
  it('is opened with the token that the request brings', async () => {
    const named = { fhirServer: FHIR_SERVER, fhirAuthorization: TOKEN };
    expect((await relayed(named)).asked).toEqual([['open', named]]);
    expect((await relayed({ fhirServer: FHIR_SERVER })).asked).toEqual([['open', { fhirServer: FHIR_SERVER }]]);
  });

  it('is asked as the thread asks, and its answers come back', async () => {
    const { asked, server } = await relayed({ fhirServer: FHIR_SERVER });
    const enough = { resourceType: 'Observation', lookBackDays: 14, now: new Date(0) };
    expect(await server?.search('Observation?patient=p', enough, 'Observation')).toBe(FOUND);
    expect(await server?.read('Medication', 'm')).toBe(READ);
    expect(asked.slice(1)).toEqual([
      ['search', 'Observation?patient=p', enough, 'Observation'],
      ['read', 'Medication', 'm'],
    ]);
  });

  it('is none when the request names none, or one that may not be called', async () => {
    expect(await relayed({ fhirAuthorization: TOKEN })).toEqual({ asked: [], server: undefined });
    expect((await relayed({ fhirServer: FHIR_SERVER }, false)).server).toBeUndefined();
  });
});
