import { describe, expect, it } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import { activeTestOrders } from '../../../src/patient-data/active-test-orders.js';
import { pageOf, serverWith, subject } from '../../support/gathered.js';

describe('tests already ordered', () => {
  const order = (more: object): FhirResource => ({
    resourceType: 'ServiceRequest',
    status: 'active',
    intent: 'order',
    subject,
    authoredOn: '2026-05-12',
    code: { coding: [{ code: '1-1' }] },
    ...more,
  });
  const since = new Date('2026-05-10T09:00:00Z');

  it('are the codes of active orders of this patient since that day', async () => {
    const { asked, server } = serverWith({
      ServiceRequest: pageOf(
        order({}),
        order({ authoredOn: '2026-05-10T08:00:00Z', code: { coding: [{ code: '2-2' }, null, { code: '1-1' }] } }),
        order({ authoredOn: '2026-05-09', code: { coding: [{ code: 'old' }] } }),
        order({ status: 'completed', code: { coding: [{ code: 'done' }] } }),
        order({ subject: { reference: 'Patient/p2' }, code: { coding: [{ code: 'foreign' }] } }),
        order({ code: { text: 'uncoded' } }),
      ),
    });
    expect(await activeTestOrders(server, 'p1', since)).toEqual(['1-1', '2-2']);
    expect(asked).toEqual(['ServiceRequest?patient=p1&status=active&authored=ge2026-05-10&_count=100']);
  });

  it('are none when the server fails', async () => {
    expect(await activeTestOrders(serverWith({}).server, 'p1', since)).toEqual([]);
  });

  it('are none whose date or code is no text', async () => {
    const order = { resourceType: 'ServiceRequest', status: 'active', subject, authoredOn: '2026-05-12' };
    const strange = { toString: 1, valueOf: 1 };
    // as: what a server answers may be anything.
    const answers = [
      { ...order, authoredOn: strange },
      { ...order, code: { coding: [{ code: strange }, { code: '1-1' }] } },
    ] as unknown as FhirResource[];
    const { server } = serverWith({ ServiceRequest: pageOf(...answers) });
    expect(await activeTestOrders(server, 'p1', new Date('2026-05-10T09:00:00Z'))).toEqual(['1-1']);
  });
});
