import type { RequestListener } from 'node:http';
import type { FhirResource } from 'fhir/r4.js';
import { search } from '../../src/web/sample-search.js';

/** A FHIR server that holds these resources: read and search, for `LoopbackServers.fhir`. */
export function recordServer(resources: readonly FhirResource[]): RequestListener {
  return (request, response) => {
    const [path = '', query] = (request.url ?? '').replace(/^\/fhir\//, '').split('?');
    const [type = '', id] = path.split('/');
    const found = query === undefined ? readIn(resources, type, id) : searchset(resources, type, query);
    response.statusCode = found.resourceType === 'OperationOutcome' ? 404 : 200;
    response.setHeader('Content-Type', 'application/fhir+json');
    response.end(JSON.stringify(found));
  };
}

function readIn(resources: readonly FhirResource[], type: string, id: string | undefined): FhirResource {
  const found = resources.find((resource) => resource.resourceType === type && resource.id === id);
  return found ?? { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'not-found' }] };
}

function searchset(resources: readonly FhirResource[], type: string, query: string): FhirResource {
  const found = search(resources, type, new URLSearchParams(query));
  const entry = found.resources.map((resource) => ({ resource, search: { mode: 'match' as const } }));
  return { resourceType: 'Bundle', type: 'searchset', total: found.total, entry };
}
