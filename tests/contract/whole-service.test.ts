import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { lexer, parser } from 'marked';
import { readConfig } from '../../src/config.js';
import { FOLDERS } from '../../src/folders.js';
import { type ComposedService, startComposedService } from '../support/composed-service.js';
import { expectOutcome } from '../support/http-service.js';
import { furosemide, kidneyPatient } from '../support/kidney-patient.js';
import { LoopbackServers } from '../support/loopback-servers.js';
import { payloads } from '../support/markdown-payloads.js';
import { callOf, cardsFor, post } from './calls.js';

const RECORD = kidneyPatient('p', { calcium: 8.1 });
const TOKEN = { Authorization: 'Bearer eyJhbGciOiJFUzM4NCJ9.eyJpc3MiOiJodHRwczovL2Voci5leGFtcGxlLm9yZyJ9.c2ln' };

describe('CDS Hooks, the service as it runs', () => {
  let service: ComposedService;
  let servers: LoopbackServers;
  let silentServer: string;
  beforeAll(async () => {
    servers = await LoopbackServers.open();
    silentServer = (await servers.fhir(() => {})).url;
    service = await startComposedService(FOLDERS, { FHIR_SERVERS: silentServer, FHIR_BUDGET_MS: '300' });
  });
  afterAll(async () => {
    await service.close();
    await servers.close();
  });

  it('A1.3 and B3.1 answers discovery with JSON of objects and arrays, with and without a JWT', async () => {
    for (const headers of [{}, TOKEN]) {
      const response = await fetch(`${service.url}/cds-services`, {
        headers: { Accept: 'application/json', ...headers },
      });
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
      expect(Object.keys(Object(await response.json()))).toEqual(['services']);
    }
  });

  it('A4.27 and B3.4 answers a POST to each id of discovery with 200 and JSON, with and without a JWT', async () => {
    for (const { hook } of service.services) {
      for (const headers of [{}, TOKEN]) {
        const response = await post(service, callOf(service, RECORD, hook), headers);
        expect(response.status).toBe(200);
        expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
        expect(Object.keys(Object(await response.json()))).toEqual(['cards']);
      }
    }
  });

  it('A1.3, A11.79 and B3.3 tells clients to come by TLS only, which ends before this process', async () => {
    const response = await fetch(`${service.url}/cds-services`);
    expect(response.headers.get('strict-transport-security')).toBe('max-age=31536000; includeSubDomains');
  });

  it('A4.36 and B3.16 answers without a FHIR server that does not, and names what was late', async () => {
    const body = callOf(service, RECORD);
    const prefetch = { ...body.prefetch, medications: undefined };
    const [card] = await cardsFor(service, { ...body, prefetch, fhirServer: silentServer });
    expect(card?.detail).toContain('- Could not be checked: medication orders (no answer in time)');
  });

  it('A4.36 and B3.16 is 412 where a FHIR server that does not answer is the only source', async () => {
    const response = await post(service, { ...callOf(service, RECORD), prefetch: undefined, fhirServer: silentServer });
    await expectOutcome(response, 412, 'incomplete');
  });

  it('A18.98 gives up within the five seconds that the strictest guide grants', () => {
    expect(readConfig({})).toMatchObject({ hookDeadlineMs: 4_000, fhirBudgetMs: 2_500 });
  });

  it('A7.57 and B3.16 shows text of the record as text, though a client lets HTML pass', async () => {
    for (const text of payloads) {
      const record = [...kidneyPatient('p', { calcium: 8.1 }), furosemide('p', `Furosemide ${text}`)];
      const cards = await cardsFor(service, callOf(service, record));
      expect(cards.map(({ source }) => source.topic?.code)).toEqual(['LoopDiureticCalciumLoss']);
      const html = parser(lexer(cards[0]?.detail ?? ''));
      expect({ text, tags: [...new Set(html.match(/<\/?[a-z]+[^>]*>/g) ?? [])].sort() }).toEqual({
        text,
        tags: ['</li>', '</p>', '</strong>', '</ul>', '<li>', '<p>', '<strong>', '<ul>'],
      });
      expect(cards[0]?.summary).not.toMatch(/<[a-z/!?]/i);
    }
  });

  it('A7.54 answers errors with an OperationOutcome, also where nothing is', async () => {
    await expectOutcome(await post(service, { ...callOf(service, RECORD), hookInstance: 'no' }), 400, 'invalid');
    await expectOutcome(await fetch(`${service.url}/cds-services/renal-cramps`), 404, 'not-found');
    await expectOutcome(await fetch(`${service.url}/cds-services`, { method: 'PUT' }), 405, 'not-supported');
  });
});
