import { afterEach, describe, expect, it } from '@jest/globals';
import type { Card } from '../../src/cds-hooks.js';
import { ServiceError } from '../../src/errors.js';
import { patientViewCall } from '../support/hook-requests.js';
import { closeServices, expectOutcome, startService } from '../support/http-service.js';

const CARD: Card = {
  uuid: '8d5b0e3a-4a1c-4b68-9a0c-3d9b2f0f7d11',
  summary: 'Something was found',
  indicator: 'info',
  source: { label: 'Test', topic: { system: 'https://cds.example.org/topics', code: 'Something' } },
  extension: { 'org.example.findings': [{ against: [] }] },
};

afterEach(closeServices);

describe('CDS Hooks, the answer', () => {
  it('A7.53 is 200 with the cards as they were made', async () => {
    const service = await startService({ advise: async () => ({ cards: [CARD] }) });
    const response = await service.post(patientViewCall());
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(await response.json()).toEqual({ cards: [CARD] });
  });

  it('A7.53 is an empty array when there is nothing to say', async () => {
    const service = await startService();
    expect(await (await service.post(patientViewCall())).json()).toEqual({ cards: [] });
  });

  it('A4.35 is 412 when the data needed could not be had', async () => {
    const cause = new Error('connect ECONNREFUSED 10.0.0.1');
    const advise = () =>
      Promise.reject(new ServiceError('data-not-available', 'The patient could not be had.', { cause }));
    const service = await startService({ advise });
    const text = await expectOutcome(await service.post(patientViewCall()), 412, 'incomplete');
    expect(text).toBe('The patient could not be had.');
  });

  it('A7.54 is an OperationOutcome without detail when the service breaks', async () => {
    const service = await startService({ advise: () => Promise.reject(new Error('Maria Canary has no calibration')) });
    const text = await expectOutcome(await service.post(patientViewCall()), 500, 'exception');
    expect(text).toBe('Something went wrong in the service.');
  });

  it('A7.54 is 404 for a service that does not exist, whatever the method', async () => {
    const service = await startService();
    await expectOutcome(await service.post(patientViewCall(), 'other'), 404, 'not-found');
    await expectOutcome(await fetch(`${service.url}/cds-services/other`), 404, 'not-found');
  });

  it('A11.85 is 401 without a reason when the caller is not trusted', async () => {
    const service = await startService({
      advise: () => Promise.reject(new ServiceError('not-trusted', 'Not trusted.')),
    });
    const response = await service.post(patientViewCall());
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    await expectOutcome(response, 401, 'security');
  });
});
