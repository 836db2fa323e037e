import { setTimeout as wait } from 'node:timers/promises';
import type { Bundle, FhirResource, OperationOutcome } from 'fhir/r4.js';

const READY_WITHIN_MS = 180_000;
/** What the service asks for: the first search of each type takes a server long. */
const FIRST_CALLS = [
  'Patient/nobody',
  'Medication/nothing',
  ...['Condition', 'Observation', 'Procedure', 'Encounter', 'ServiceRequest'].map((type) => `${type}?patient=nobody`),
  ...['Request', 'Statement', 'Administration'].map((kind) => `Medication${kind}?patient=nobody`),
];

/** Base URL of the HAPI FHIR server that was started for these tests (tests/hapi), once it answers and is warm. */
export async function hapiUrl(): Promise<string> {
  const { HAPI_URL, HAPI_PROCESS, HAPI_FAILURE } = process.env;
  if (HAPI_URL === undefined) throw new Error(HAPI_FAILURE ?? 'No HAPI FHIR server was started for these tests.');
  const begun = performance.now();
  while (!(await isReady(HAPI_URL))) {
    if (HAPI_PROCESS !== undefined && !isAlive(Number(HAPI_PROCESS)))
      throw new Error('HAPI FHIR has ended: see data/hapi.');
    if (performance.now() - begun > READY_WITHIN_MS) throw new Error('HAPI FHIR did not come up: see data/hapi.');
    await wait(250);
  }
  for (const path of FIRST_CALLS) await (await fetch(`${HAPI_URL}/${path}`)).arrayBuffer();
  return HAPI_URL;
}

/** Stores the resources under their own ids, all or none. */
export async function store(server: string, resources: readonly FhirResource[]): Promise<void> {
  const entry = resources.map((resource) => ({
    resource,
    request: { method: 'PUT' as const, url: `${resource.resourceType}/${resource.id ?? ''}` },
  }));
  const bundle: Bundle = { resourceType: 'Bundle', type: 'transaction', entry };
  const headers = { 'Content-Type': 'application/fhir+json' };
  const response = await fetch(server, { method: 'POST', headers, body: JSON.stringify(bundle) });
  const answer = (await response.json()) as OperationOutcome;
  if (!response.ok) throw new Error(`HAPI FHIR answered ${response.status}: ${answer.issue[0]?.diagnostics ?? ''}`);
}

async function isReady(url: string): Promise<boolean> {
  try {
    // The whole statement has 1.5 MB.
    const response = await fetch(`${url}/metadata?_elements=fhirVersion,software`);
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

export function isAlive(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch {
    return false;
  }
}
