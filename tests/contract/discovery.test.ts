import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CdsService } from '../../src/cds-hooks.js';
import {
  closeServices,
  expectOutcome,
  ORDER_SIGN,
  PATIENT_VIEW,
  startService,
  type TestService,
} from '../support/http-service.js';

async function servicesOf(response: Response): Promise<CdsService[]> {
  // The tests check what is in it.
  return ((await response.json()) as { services: CdsService[] }).services;
}

describe('CDS Hooks, discovery', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(closeServices);

  const discover = async (path = '/cds-services') =>
    fetch(service.url + path, { headers: { Accept: 'application/json' } });

  it('A1.3 answers JSON', async () => {
    const response = await discover();
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
  });

  it('A1.7 has a page for people with hooks, data needed and what happens without them', async () => {
    const response = await discover('/');
    const page = await response.text();
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page).toContain('<code>patient-view</code>');
    expect(page).toContain('<code>Patient/{{context.patientId}}</code>');
    expect(page).toContain('412');
  });

  it('A2.8 always answers at one address, with or without a trailing slash and a token', async () => {
    const token = { Authorization: 'Bearer x.y.z' };
    const answers = [
      await discover(),
      await discover('/cds-services/'),
      await fetch(`${service.url}/cds-services`, { headers: token }),
    ];
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
    expect(await answers[1]?.json()).toEqual(await answers[0]?.json());
  });

  it('A2.9 answers 200 with an object that holds the array services', async () => {
    const response = await discover();
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ services: [expect.any(Object), expect.any(Object), expect.any(Object)] });
  });

  it('A2.9 answers an empty array when there are no services', async () => {
    const none = await startService({ services: [] });
    const response = await fetch(`${none.url}/cds-services`);
    expect(await response.json()).toEqual({ services: [] });
  });

  it('A2.10 to A2.12 names hook, description, id, title, prefetch, usageRequirements and version', async () => {
    const services = await servicesOf(await discover());
    expect(services[0]).toEqual({
      id: 'test-patient-view',
      hook: 'patient-view',
      title: 'Test service',
      description: 'Answers when a chart is opened.',
      prefetch: { patient: 'Patient/{{context.patientId}}' },
      usageRequirements: 'None.',
      version: '2.0.1',
    });
  });

  it('A1.4, A1.5 and A2.11 leave out attributes without a value', async () => {
    const bare = await startService({ services: [{ ...PATIENT_VIEW, prefetch: {}, usageRequirements: '' }] });
    const services = await servicesOf(await fetch(`${bare.url}/cds-services`));
    expect(services[0]).not.toHaveProperty('prefetch');
    expect(services[0]).not.toHaveProperty('usageRequirements');
  });

  it('A2.15 refuses other methods with 405 and the methods allowed', async () => {
    const response = await fetch(`${service.url}/cds-services`, { method: 'DELETE' });
    expect(response.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
    await expectOutcome(response, 405, 'not-supported');
  });

  it('A2.10 serves each id at the path behind /cds-services/', async () => {
    const services = await servicesOf(await discover());
    expect(services.map(({ id }) => id)).toContain(ORDER_SIGN.id);
    const response = await fetch(`${service.url}/cds-services/${ORDER_SIGN.id}`);
    expect(response.headers.get('allow')).toBe('POST, OPTIONS');
    await expectOutcome(response, 405, 'not-supported');
  });
});
