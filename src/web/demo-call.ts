import { isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import { fhirServerUrl, type FhirServer } from '../fhir-server.js';
import { DEMO_FHIR_PATH } from './demo-fhir.js';

interface Address {
  host: string;
  /** 0 (a free port) is not known yet, so nothing can be said of it. */
  port: number;
}

/** The service's own demo endpoint as servers that may be called back: loopback, or the address it listens on alone. */
export function demoFhirServers({ host, port }: Address): FhirServer[] {
  if (port === 0) return [];
  const hosts = isAnyOrLoopback(host) ? [ownHost(host), 'localhost'] : [host];
  return [...new Set(hosts)].flatMap((name) => {
    const parsed = fhirServerUrl.safeParse(`${urlOf(name, port)}${DEMO_FHIR_PATH}`);
    return parsed.success ? [parsed.data] : [];
  });
}

/** A command that tries the service with a sample patient, to be copied; undefined when the port is not known yet. */
export function demoCall({ host, port }: Address, serviceId: string, patientId: string): string | undefined {
  if (port === 0) return undefined;
  const url = urlOf(isAnyOrLoopback(host) ? ownHost(host) : host, port);
  const body = {
    hook: 'patient-view',
    hookInstance: 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea',
    fhirServer: `${url}${DEMO_FHIR_PATH}`,
    context: { userId: 'Practitioner/example', patientId },
  };
  return `curl -s ${url}/cds-services/${serviceId} -H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`;
}

/** Who listens on every address is reached on loopback. */
function ownHost(host: string): string {
  if (host === 'localhost' || !isAny(host)) return host;
  return isIPv6(host) ? '::1' : '127.0.0.1';
}

function isAnyOrLoopback(host: string): boolean {
  return host === 'localhost' || isAny(host) || (ipaddr.isValid(host) && ipaddr.process(host).range() === 'loopback');
}

function isAny(host: string): boolean {
  return ipaddr.isValid(host) && ipaddr.process(host).range() === 'unspecified';
}

function urlOf(host: string, port: number): string {
  return `http://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
