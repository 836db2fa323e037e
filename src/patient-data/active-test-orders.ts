import type { OpenedServer } from './fhir-gateway.js';
import { ownResources } from './own-resources.js';
import { codesIn } from './query-codes.js';

/** Bare codes of the active test orders since that day, by callback; empty when they cannot be had. */
export async function activeTestOrders(server: OpenedServer, patientId: string, since: Date, serverBase?: string) {
  const day = since.toISOString().slice(0, 10);
  const found = await server.search(`ServiceRequest?patient=${patientId}&status=active&authored=ge${day}&_count=100`);
  if ('failure' in found) return [];
  const { own } = ownResources(found.entries, { patientId, fhirServer: serverBase });
  // Not every server knows the parameters: what it answers is checked again, and may be anything.
  const orders = own.flatMap((order) => (order.resourceType === 'ServiceRequest' ? [order] : []));
  const isActiveSince = ({ status, authoredOn }: { status?: unknown; authoredOn?: unknown }) =>
    status === 'active' && typeof authoredOn === 'string' && authoredOn >= day;
  return [...new Set(orders.filter(isActiveSince).flatMap(codesIn))];
}
