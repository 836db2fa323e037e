import { describe, expect, it } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import { fillPrefetch, ReadProblem, resourcesIn } from '../../../../src/web/browser/smart/fill-prefetch.js';

const { signal } = new AbortController();
const TEMPLATES = {
  patient: 'Patient/{{context.patientId}}',
  labs: 'Observation?patient={{context.patientId}}&_count=2',
};

function bundle(ids: string[], next?: string): FhirResource {
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    entry: ids.map((id) => ({ resource: { resourceType: 'Observation', id, status: 'final', code: {} } })),
    ...(next === undefined ? {} : { link: [{ relation: 'next', url: next }] }),
  };
}

describe('filling prefetch', () => {
  it('puts the patient into every template and joins the pages of a search', async () => {
    const asked: string[] = [];
    const read = async (path: string): Promise<FhirResource> => {
      asked.push(path);
      if (path.startsWith('Patient/')) return { resourceType: 'Patient', id: 'p' };
      return path.includes('page2') ? bundle(['c']) : bundle(['a', 'b'], 'Observation?page2');
    };
    const { prefetch, failures } = await fillPrefetch(TEMPLATES, 'p', read, signal);
    expect(asked).toEqual(['Patient/p', 'Observation?patient=p&_count=2', 'Observation?page2']);
    expect(resourcesIn(Object.values(prefetch)).map(({ id }) => id)).toEqual(['p', 'a', 'b', 'c']);
    expect(prefetch['labs']).toMatchObject({ link: [] });
    expect(failures).toEqual([]);
  });

  it('stops after five pages and leaves the link, so that the service can say that more exist', async () => {
    const { prefetch } = await fillPrefetch(
      { labs: TEMPLATES.labs },
      'p',
      async () => bundle(['a'], 'Observation?more'),
      signal,
    );
    expect(prefetch['labs']).toMatchObject({ link: [{ relation: 'next', url: 'Observation?more' }] });
    expect(resourcesIn(Object.values(prefetch))).toHaveLength(5);
  });

  it.each([
    ['forbidden', 'forbidden'],
    ['timed-out', 'timeout'],
    ['failed', 'exception'],
  ] as const)('says %s as an OperationOutcome with %s, and goes on', async (kind, code) => {
    const read = async (path: string): Promise<FhirResource> => {
      if (path.startsWith('Observation')) throw new ReadProblem(kind);
      return { resourceType: 'Patient', id: 'p' };
    };
    const { prefetch, failures } = await fillPrefetch(TEMPLATES, 'p', read, signal);
    expect(prefetch['labs']).toEqual({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code }] });
    expect(failures).toEqual([{ key: 'labs', resourceType: 'Observation', kind }]);
    expect(prefetch['patient']).toMatchObject({ id: 'p' });
  });

  it('says null of a patient who is not there', async () => {
    const read = () => Promise.reject(new ReadProblem('not-found'));
    const { prefetch, failures } = await fillPrefetch({ patient: TEMPLATES.patient }, 'p', read, signal);
    expect({ prefetch, failures }).toEqual({ prefetch: { patient: null }, failures: [] });
  });

  it('reads the medications that orders refer to, each once', async () => {
    const asked: string[] = [];
    const order = (id: string): FhirResource => ({
      resourceType: 'MedicationRequest',
      id,
      status: 'active',
      intent: 'order',
      subject: {},
      medicationReference: { reference: 'Medication/m1' },
    });
    const read = async (path: string): Promise<FhirResource> => {
      asked.push(path);
      if (path === 'Medication/m1') return { resourceType: 'Medication', id: 'm1' };
      return { resourceType: 'Bundle', type: 'searchset', entry: [{ resource: order('a') }, { resource: order('b') }] };
    };
    const { prefetch } = await fillPrefetch(
      { orders: 'MedicationRequest?patient={{context.patientId}}' },
      'p',
      read,
      signal,
    );
    expect(asked).toEqual(['MedicationRequest?patient=p', 'Medication/m1']);
    expect(resourcesIn(Object.values(prefetch)).map(({ id }) => id)).toEqual(['a', 'b', 'm1']);
  });
});
