import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FOLDERS } from '../../src/folders.js';
import { type ComposedService, findingsOf, startComposedService } from '../support/composed-service.js';
import { expectOutcome } from '../support/http-service.js';
import { kidneyPatient } from '../support/kidney-patient.js';
import { LoopbackServers } from '../support/loopback-servers.js';
import { recordServer } from '../support/record-server.js';
import { callOf, cardsFor, post } from './calls.js';

const RECORD = kidneyPatient('p', { calcium: 7.8, phosphate: 6.2 });
const SUMMARY = 'Cramp: likely low calcium 7.8 mg/dL with high phosphate 6.2 mg/dL (CKD G4)';
const EMPTY = { resourceType: 'Bundle', type: 'searchset', total: 0 };
const FAILED = { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'exception' }] };

describe('CDS Hooks, prefetch and what it lacks', () => {
  let servers: LoopbackServers;
  let service: ComposedService;
  let fhirServer: string;
  beforeAll(async () => {
    servers = await LoopbackServers.open();
    fhirServer = (await servers.fhir(recordServer(RECORD))).url;
    service = await startComposedService(FOLDERS, { FHIR_SERVERS: fhirServer });
  });
  afterAll(async () => {
    await service.close();
    await servers.close();
  });
  beforeEach(() => {
    servers.calls.length = 0;
  });

  const call = (changes: object) => ({ ...callOf(service, RECORD), ...changes });
  const prefetchWith = (changes: Record<string, unknown>) => ({ ...callOf(service, RECORD).prefetch, ...changes });
  const answer = (changes: object) => cardsFor(service, call(changes));

  it('A4.31 and B3.16 gives the same card by prefetch and by the FHIR server', async () => {
    const [prefetched] = await answer({});
    const [fetched] = await answer({ prefetch: undefined, fhirServer });
    expect(prefetched?.summary).toBe(SUMMARY);
    expect(fetched?.summary).toBe(SUMMARY);
    expect(fetched?.detail).toBe(prefetched?.detail);
    expect(findingsOf(fetched!)).toEqual(findingsOf(prefetched!));
  });

  it('A4.32 fetches the one key that is missing, and nothing that came', async () => {
    const [card] = await answer({ prefetch: prefetchWith({ labs: undefined }), fhirServer });
    expect(card?.summary).toBe(SUMMARY);
    expect(servers.calls.map((path) => path.split('?')[0])).toEqual(['/fhir/Observation', '/fhir/ServiceRequest']);
  });

  it('A4.33, A17.95 and B3.16 takes null and a Bundle without entries for "asked, none", and asks no more', async () => {
    for (const none of [null, EMPTY]) {
      const cards = await answer({ prefetch: prefetchWith({ conditions: none }), fhirServer });
      expect(cards).toEqual([]);
    }
    expect(servers.calls).toEqual([]);
  });

  it('A4.33 and B3.16 takes a key that is absent, without a server to ask, for "not available", and says so', async () => {
    const cards = await answer({ prefetch: prefetchWith({ medications: undefined }) });
    expect(cards[0]?.detail).toContain('- Could not be checked: medication orders (not provided)');
  });

  it.each([
    ['alone', FAILED],
    ['as an entry', { ...EMPTY, entry: [{ resource: FAILED }] }],
  ])(
    'A4.33 and B3.16 takes an OperationOutcome %s for a failure, says so, and does not ask again',
    async (_where, failed) => {
      const cards = await answer({ prefetch: prefetchWith({ medications: failed }), fhirServer });
      expect(cards[0]?.detail).toContain('- Could not be checked: medication orders (the request failed)');
      expect(servers.calls.filter((path) => path.includes('MedicationRequest'))).toEqual([]);
    },
  );

  it('A4.34 and B3.16 reads the next page of a prefetched Bundle from the server', async () => {
    const labs = { ...Object(callOf(service, RECORD).prefetch['labs']) };
    const paged = {
      ...labs,
      entry: [],
      link: [{ relation: 'next', url: `${fhirServer}/Observation?patient=p&_sort=-date` }],
    };
    const [card] = await answer({ prefetch: prefetchWith({ labs: paged }), fhirServer });
    expect(card?.summary).toBe(SUMMARY);
  });

  it('A4.34 and B3.16 says that data are incomplete where the next page cannot be had', async () => {
    const labs = { ...Object(callOf(service, RECORD).prefetch['labs']) };
    const paged = { ...labs, link: [{ relation: 'next', url: 'https://ehr.example.org/fhir?page=2' }] };
    const [card] = await answer({ prefetch: prefetchWith({ labs: paged }) });
    expect(card?.detail).toContain('- Only partly checked: results and measurements (more results exist');
  });

  it('A4.35 and B3.16 is 412 with an OperationOutcome where neither way gives the data', async () => {
    for (const changes of [{ prefetch: undefined }, { prefetch: prefetchWith({ patient: FAILED }), fhirServer }]) {
      const response = await post(service, call(changes));
      const text = await expectOutcome(response, 412, 'incomplete');
      expect(text).toBe('The data of this patient could not be had.');
    }
  });
});
