import type { FhirResource } from 'fhir/r4.js';
import type { SamplePatient } from '../../src/web/sample-format.js';
import { orderOf } from '../../src/web/sample-history.js';
import { finished } from '../../src/web/sample-resource.js';

/** The unsigned orders of the sample, for the context of an order hook. */
export function toDraftOrders({ drafts, patient }: SamplePatient, now: Date): FhirResource[] {
  const orders = drafts.map((draft, index) => ({
    ...orderOf(draft),
    id: draft.id ?? `${patient.id}-draft-${index + 1}`,
    status: draft.status === 'active' ? 'draft' : draft.status,
  }));
  return finished(orders, patient.id, now);
}
