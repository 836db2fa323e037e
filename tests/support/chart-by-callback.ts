import { randomUUID } from 'node:crypto';
import { type Card, type CdsResponse, EVALUATION_TIME_EXTENSION } from '../../src/cds-hooks.js';
import { FOLDERS } from '../../src/folders.js';
import { startComposedService, type ComposedService } from './composed-service.js';
import { postJson } from './http-service.js';

/** A shared machine may stall: what is tested here is never how long a call takes. */
const TIME_ENOUGH = { FHIR_BUDGET_MS: '40000', HOOK_DEADLINE_MS: '60000' };

/** The whole service, which may call back this FHIR server. */
export function serviceBeside(fhirServer: string, settings: Record<string, string> = {}): Promise<ComposedService> {
  return startComposedService(FOLDERS, { DEMO: 'off', FHIR_SERVERS: fhirServer, ...TIME_ENOUGH, ...settings });
}

interface Chart {
  patientId: string;
  now: Date;
  fhirServer?: string;
  prefetch?: Record<string, unknown>;
}

/** The cards for a chart that is opened, without what is fresh in every answer. */
export async function cardsFor(
  { url, services }: ComposedService,
  { patientId, now, ...data }: Chart,
): Promise<Card[]> {
  const service = services.find(({ hook }) => hook === 'patient-view');
  const body = {
    hook: 'patient-view',
    hookInstance: randomUUID(),
    context: { userId: 'Practitioner/nephrologist', patientId },
    extension: { [EVALUATION_TIME_EXTENSION]: now.toISOString() },
    ...data,
  };
  const response = await postJson(`${url}/cds-services/${service?.id ?? ''}`, JSON.stringify(body));
  if (response.status !== 200) throw new Error(`The service answered ${response.status}: ${await response.text()}`);
  return lasting((await response.json()) as CdsResponse);
}

export function lasting({ cards }: CdsResponse): Card[] {
  // A copy of the same shape, but for the identifiers that are made for each answer.
  return JSON.parse(JSON.stringify(cards, (key, value: unknown) => (key === 'uuid' ? undefined : value))) as Card[];
}
