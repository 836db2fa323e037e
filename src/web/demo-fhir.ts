import { Router, type Request, type RequestHandler, type Response } from 'express';
import type { Bundle, CapabilityStatement, FhirResource } from 'fhir/r4.js';
import { ServiceError } from '../errors.js';
import type { DemoRecord } from './demo-record.js';
import { SMART_CONFIGURATION_PATH, smartConfiguration } from './demo-smart.js';
import { refuseUnknown, search, SEARCH_PARAMETERS } from './sample-search.js';

/** Where the endpoint is mounted. */
export const DEMO_FHIR_PATH = '/demo/fhir';

export interface DemoFhirParts {
  records: readonly DemoRecord[];
  now: Date;
  /** Of this endpoint, without a slash at the end: full URLs begin with it. */
  baseUrl: string;
}

/** The types a client may ask for, also when no sample has any. */
const TYPES: readonly string[] = [
  'Patient',
  'Condition',
  'Observation',
  'MedicationRequest',
  'MedicationStatement',
  'MedicationAdministration',
  'Medication',
  'Procedure',
  'Encounter',
  'ServiceRequest',
];

/** A small read-only FHIR R4 server with the sample patients: read, type search and metadata; errors are thrown as `ServiceError`. */
export function demoFhir({ records, now, baseUrl }: DemoFhirParts): Router {
  const resources = records.flatMap((record) => record.resources);
  const statement = capabilities(now);
  const router = Router();
  router.get('/metadata', (_request, response) => {
    sendResource(response, statement);
  });
  router.get(SMART_CONFIGURATION_PATH, (request, response) => {
    response.json(smartConfiguration(ownBase(request, baseUrl)));
  });
  router.get('/:type', answerSearch(resources, baseUrl));
  router.get('/:type/:id', answerRead(resources));
  router.all('/{*path}', (request, response) => {
    if (['GET', 'HEAD'].includes(request.method)) throw nothingHere();
    response.set('Allow', 'GET, HEAD');
    throw new ServiceError('method-not-allowed', 'The demo data can only be read.');
  });
  return router;
}

/** A page is kept from other origins than its own, so a sample server called on loopback answers with that address. */
function ownBase(request: Request, baseUrl: string): string {
  const called = `http://${request.get('Host') ?? ''}`;
  const isLoopback = /^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/.test(called);
  return isLoopback ? called : baseUrl.slice(0, -DEMO_FHIR_PATH.length);
}

function answerSearch(resources: readonly FhirResource[], baseUrl: string): RequestHandler {
  return (request, response) => {
    const type = typeAsked(request.params['type']);
    const [, text = ''] = request.originalUrl.split('?');
    const query = new URLSearchParams(text);
    refuseUnknown(query);
    const page = search(resources, type, query);
    const self = `${baseUrl}/${type}${text === '' ? '' : `?${text}`}`;
    const link = [{ relation: 'self', url: self }];
    if (page.nextOffset !== undefined) {
      query.set('_offset', String(page.nextOffset));
      link.push({ relation: 'next', url: `${baseUrl}/${type}?${query.toString()}` });
    }
    const entry = page.resources.map((resource) => ({
      fullUrl: `${baseUrl}/${type}/${resource.id ?? ''}`,
      resource,
      search: { mode: 'match' as const },
    }));
    const bundle: Bundle = { resourceType: 'Bundle', type: 'searchset', total: page.total, link, entry };
    sendResource(response, bundle);
  };
}

function answerRead(resources: readonly FhirResource[]): RequestHandler {
  return (request, response) => {
    const { type, id } = request.params;
    const found = resources.find((resource) => resource.resourceType === type && resource.id === id);
    if (found === undefined) throw nothingHere();
    sendResource(response, found);
  };
}

function typeAsked(type: unknown): string {
  const known = TYPES.find((name) => name === type);
  if (known === undefined) throw nothingHere();
  return known;
}

function nothingHere(): ServiceError {
  return new ServiceError('unknown-service', 'There is no such resource in the demo.');
}

function sendResource(response: Response, resource: FhirResource): void {
  response.type('application/fhir+json').send(JSON.stringify(resource));
}

function capabilities(now: Date): CapabilityStatement {
  const searchParam = SEARCH_PARAMETERS.map((name) => ({
    name,
    type: name === 'name' ? ('string' as const) : ('token' as const),
  }));
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: now.toISOString(),
    kind: 'instance',
    implementation: { description: 'Sample patients of our own making, read only' },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json'],
    rest: [
      {
        mode: 'server',
        resource: TYPES.map((type) => ({
          // TYPES holds names of FHIR resources only.
          type: type as FhirResource['resourceType'],
          interaction: [{ code: 'read' }, { code: 'search-type' }],
          searchParam,
        })),
      },
    ],
  };
}
