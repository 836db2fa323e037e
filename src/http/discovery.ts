import type { RequestHandler } from 'express';
import type { CdsService } from '../cds-hooks.js';

/** `GET /cds-services`: the services, without attributes that have no value (CDS Hooks 2.0.1, Use of JSON). */
export function answerDiscovery(services: readonly CdsService[]): RequestHandler {
  const body = { services: services.map(withoutEmpty) };
  return (_request, response) => {
    response.json(body);
  };
}

function withoutEmpty(service: CdsService): object {
  const hasValue = ([, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : value !== '' && value !== undefined;
  return Object.fromEntries(Object.entries(service).filter(hasValue));
}
