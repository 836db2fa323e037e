import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FOLDERS } from '../../src/folders.js';
import { type ComposedService, startComposedService } from '../support/composed-service.js';
import { AUTHORIZATION } from '../support/hook-requests.js';
import { expectOutcome } from '../support/http-service.js';
import { furosemide, kidneyPatient } from '../support/kidney-patient.js';
import { LoopbackServers } from '../support/loopback-servers.js';
import { recordServer } from '../support/record-server.js';
import { startError } from '../support/start-error.js';
import { callOf, cardsFor, draftOrders, post } from './calls.js';

const RECORD = kidneyPatient('p', { calcium: 7.8, phosphate: 6.2 });
const NO_DATA = 'The data of this patient could not be had.';

describe('CDS Hooks, the FHIR server of the client', () => {
  let servers: LoopbackServers;
  let service: ComposedService;
  let fhirServer: string;
  const tokens: (string | undefined)[] = [];
  const answer = recordServer(RECORD);
  beforeAll(async () => {
    servers = await LoopbackServers.open();
    const ehr = await servers.fhir((request, response) => {
      tokens.push(request.headers.authorization);
      answer(request, response);
    });
    fhirServer = ehr.url;
    service = await startComposedService(FOLDERS, { FHIR_SERVERS: fhirServer });
  });
  afterAll(async () => {
    await service.close();
    await servers.close();
  });
  beforeEach(() => {
    servers.calls.length = 0;
    tokens.length = 0;
  });

  const call = (changes: object) => ({ ...callOf(service, RECORD), prefetch: undefined, fhirServer, ...changes });
  const withToken = (changes: object = {}) => call({ fhirAuthorization: { ...AUTHORIZATION, ...changes } });

  it('A5.38 is asked with the token on every call', async () => {
    expect(await cardsFor(service, withToken())).toHaveLength(1);
    expect(tokens).toHaveLength(11);
    expect(new Set(tokens)).toEqual(new Set(['Bearer secret-token-canary']));
  });

  it.each(['access_token', 'token_type', 'expires_in', 'scope', 'subject'])(
    'A5.39 is not asked, and the answer is 400, without %s',
    async (field) => {
      const text = await expectOutcome(await post(service, withToken({ [field]: undefined })), 400, 'invalid');
      expect(text).toContain(`fhirAuthorization.${field}`);
      expect(servers.calls).toEqual([]);
    },
  );

  it('A5.39 is not asked with a token for another patient', async () => {
    const response = await post(service, withToken({ patient: 'q' }));
    expect(await expectOutcome(response, 412, 'incomplete')).toBe(NO_DATA);
    expect(servers.calls).toEqual([]);
  });

  it.each([
    'patient/Observation.read patient/*.read launch',
    'patient/Observation.rs?category=laboratory user/*.cruds',
    'OBSERVATION.READ (LABS) (R4) PATIENT.SEARCH',
  ])('A5.40 is asked whatever the spelling of the scopes: "%s"', async (scope) => {
    expect(await cardsFor(service, withToken({ scope }))).toHaveLength(1);
  });

  it('A5.41 is asked no more once the answer is out, and the token is kept nowhere', async () => {
    const response = await post(service, withToken());
    const text = await response.text();
    const asked = servers.calls.length;
    await cardsFor(service, callOf(service, RECORD));
    expect(servers.calls).toHaveLength(asked);
    expect(text).not.toContain('canary');
    expect(JSON.stringify(service.logged())).not.toContain('canary');
  });

  it('A5.43 is asked without a token where the client gives none', async () => {
    expect(await cardsFor(service, call({}))).toHaveLength(1);
    expect(new Set(tokens)).toEqual(new Set([undefined]));
  });

  it('A5.43 is asked only when it is on the list', async () => {
    const response = await post(service, { ...withToken(), fhirServer: servers.elsewhere.url });
    expect(await expectOutcome(response, 412, 'incomplete')).toBe(NO_DATA);
    expect(servers.elsewhere.calls).toBe(0);
    expect(servers.calls).toEqual([]);
  });

  it('A6.44 is not asked for a draft, which may not exist there', async () => {
    const draft = { ...furosemide('p'), id: 'draft-1', status: 'draft' };
    const context = { draftOrders: draftOrders(draft) };
    const body = { ...callOf(service, RECORD, 'order-sign', context), prefetch: undefined, fhirServer };
    const cards = await cardsFor(service, body);
    expect(cards.map(({ source }) => source.topic?.code)).toContain('DraftLoopDiureticRisk');
    expect(servers.calls.filter((path) => path.includes('draft-1'))).toEqual([]);
  });

  it('A1.3 and A11.79 must be reached by https, but for one that stands on this machine', async () => {
    const error = await startError(FOLDERS, { FHIR_SERVERS: 'http://fhir.example.org/r4' });
    expect(error).toMatchObject({
      code: 'invalid-config',
      message: expect.stringContaining('FHIR_SERVERS: must be https'),
    });
  });
});
