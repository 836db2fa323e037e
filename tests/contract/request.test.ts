import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AUTHORIZATION, DRAFT_ORDERS, patientViewCall, withContext } from '../support/hook-requests.js';
import { closeServices, expectOutcome, postJson, startService, type TestService } from '../support/http-service.js';

describe('CDS Hooks, reading the request', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(closeServices);
  beforeEach(() => {
    service.calls.length = 0;
  });

  const asked = () => service.calls[0]?.request;

  it('A4.27 takes a POST with a JSON body', async () => {
    const response = await service.post(patientViewCall());
    expect(response.status).toBe(200);
    expect(asked()).toEqual(patientViewCall());
  });

  it('A4.28 needs neither fhirServer, fhirAuthorization nor prefetch', async () => {
    await service.post(patientViewCall());
    expect(Object.keys(asked() ?? {})).toEqual(['hook', 'hookInstance', 'context']);
  });

  it.each(['hook', 'hookInstance', 'context'])('A4.29 answers 400 without %s', async (field) => {
    const { [field]: _removed, ...body } = patientViewCall();
    expect(await expectOutcome(await service.post(body), 400, 'invalid')).toContain(field);
  });

  it('A4.29 answers 400 for the hook of another service', async () => {
    const response = await service.post(patientViewCall(), 'test-order-sign');
    expect(await expectOutcome(response, 400, 'invalid')).toContain('hook');
  });

  it('A4.29 answers 400 for a token without a server', async () => {
    const response = await service.post(patientViewCall({ fhirAuthorization: AUTHORIZATION }));
    const text = await expectOutcome(response, 400, 'invalid');
    expect(text).toContain('fhirServer');
    expect(text).not.toContain('canary');
  });

  it('A4.29 and A14.89 ignore unknown fields and extensions', async () => {
    const extension = { 'com.example.cdshooks.request.trigger': '60' };
    const response = await service.post(patientViewCall({ extension, version: '1.1' }));
    expect(response.status).toBe(200);
    expect(asked()).toEqual(patientViewCall());
  });

  it('A4.30 accepts a hookInstance of any version and letter case', async () => {
    const response = await service.post(patientViewCall({ hookInstance: 'D1577C69-DFBE-11EA-ADC1-0242AC120002' }));
    expect(response.status).toBe(200);
  });

  it('A4.33 hands on whether a prefetch key is absent, null, empty or an OperationOutcome', async () => {
    const prefetch = {
      none: null,
      empty: { resourceType: 'Bundle', total: 0 },
      failed: { resourceType: 'OperationOutcome' },
    };
    await service.post(patientViewCall({ prefetch }));
    expect(asked()?.prefetch).toEqual(prefetch);
    expect(asked()?.prefetch).not.toHaveProperty('absent');
  });

  it('A5.38 to A5.40 take server and token, with scopes of any spelling', async () => {
    const fhirAuthorization = { ...AUTHORIZATION, scope: 'patient/*.read LAB.RESULTS(R4)' };
    const response = await service.post(patientViewCall({ fhirServer: 'https://fhir.example.org', fhirAuthorization }));
    expect(response.status).toBe(200);
    expect(asked()?.fhirAuthorization).toEqual(fhirAuthorization);
  });

  it('A5.43 takes a server without a token', async () => {
    const response = await service.post(patientViewCall({ fhirServer: 'http://fhir.example.org/r4' }));
    expect(response.status).toBe(200);
    expect(asked()?.fhirServer).toBe('http://fhir.example.org/r4');
  });

  it.each(['Practitioner/1', 'PractitionerRole/1', 'Patient/1', 'RelatedPerson/1'])(
    'A6.45 takes the user %s',
    async (userId) => {
      expect((await service.post(withContext({ userId }))).status).toBe(200);
    },
  );

  it('A6.46 and A17.94 take selections as references and as bare ids', async () => {
    const body = withContext({ draftOrders: DRAFT_ORDERS, selections: ['MedicationRequest/a', 'b'] }, 'order-select');
    expect((await service.post(body, 'test-order-select')).status).toBe(200);
    expect(asked()?.context.selections).toEqual(['MedicationRequest/a', 'b']);
    expect(asked()?.context.draftOrders).toEqual(DRAFT_ORDERS);
  });

  it.each(['order-select', 'order-sign'])('B1.6 takes %s without drafts and selections', async (hook) => {
    const response = await service.post(withContext({}, hook), `test-${hook}`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ cards: [] });
  });

  it('B3.1 and C1.7 answer at the address with a trailing slash too', async () => {
    const response = await postJson(
      `${service.url}/cds-services/test-patient-view/`,
      JSON.stringify(patientViewCall()),
    );
    expect(response.status).toBe(200);
  });
});
