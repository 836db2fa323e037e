import { randomUUID } from 'node:crypto';
import type { FhirResource } from 'fhir/r4.js';
import { type Card, type CdsService, EVALUATION_TIME_EXTENSION } from '../../src/cds-hooks.js';
import { composeService } from '../../src/compose.js';
import { readConfig } from '../../src/config.js';
import { openFeedbackStore } from '../../src/feedback/feedback-store.js';
import { type Folders, FOLDERS } from '../../src/folders.js';
import { listen } from '../../src/http/server.js';
import { createLog } from '../../src/log.js';
import { forgetfulStore } from './forgetful-store.js';
import { postJson } from './http-service.js';
import { prefetched } from './prefetched.js';

/** The finding of a card's extension, as clients read it. */
export interface ShownFinding {
  id: string;
  points: number;
  likelihood: string;
  capped?: true;
  evidence: ShownEvidence[];
  against: string[];
  missing: string[];
}

export interface ShownEvidence {
  text: string;
  points: number;
  value?: number;
  unit?: string;
  date?: string;
  reference?: string;
  derived?: true;
}

export interface ComposedService {
  url: string;
  services: readonly CdsService[];
  /** Opens the patient's chart at `now`, with everything prefetched that the templates of discovery ask for. */
  openChart: (
    resources: readonly FhirResource[],
    now: Date,
  ) => Promise<{ status: number; cards: Card[]; text: string }>;
  logged: () => Record<string, unknown>[];
  close: () => Promise<void>;
}

const STORE_OPTIONS = { retentionDays: 90, clock: () => new Date() };

/**
 * The whole service as it starts in production, on a free loopback port, with its own knowledge unless told otherwise.
 * It keeps feedback only where a DATABASE_URL is given.
 */
export async function startComposedService(
  folders: Folders = FOLDERS,
  settings: Record<string, string> = {},
): Promise<ComposedService> {
  const config = readConfig({ PORT: '0', ALLOW_EVALUATION_TIME: 'on', RATE_LIMIT_PER_MINUTE: '1000000', ...settings });
  const lines: string[] = [];
  const log = createLog('info', { write: (line) => void lines.push(line) });
  const feedback =
    settings['DATABASE_URL'] === undefined
      ? forgetfulStore()
      : await openFeedbackStore(config.databaseUrl, { ...STORE_OPTIONS, onFailure: log.storeFailed });
  const composed = composeService(config, log, feedback, folders);
  const { app, services } = composed;
  const server = await listen(app, config);
  const { url } = server;
  const close = async () => {
    await server.close();
    await composed.close();
    await feedback.close();
  };
  const service = services.find(({ hook }) => hook === 'patient-view');
  if (service === undefined) throw new Error('There is no service for patient-view.');
  const openChart = async (resources: readonly FhirResource[], now: Date) => {
    const body = JSON.stringify(patientView(service, resources, now));
    const response = await postJson(`${url}/cds-services/${service.id}`, body);
    const text = await response.text();
    const answer: { cards?: Card[] } = JSON.parse(text);
    return { status: response.status, cards: answer.cards ?? [], text };
  };
  return { url, services, openChart, logged: () => lines.map((line) => JSON.parse(line)), close };
}

export function patientView(service: CdsService, resources: readonly FhirResource[], now: Date) {
  const patientId = resources.find(({ resourceType }) => resourceType === 'Patient')?.id ?? '';
  return {
    hook: service.hook,
    hookInstance: randomUUID(),
    context: { userId: 'Practitioner/nephrologist', patientId },
    extension: { [EVALUATION_TIME_EXTENSION]: now.toISOString() },
    prefetch: prefetched(service.prefetch ?? {}, resources, patientId),
  };
}

export function findingsOf(card: Card): ShownFinding[] {
  // The contract of the extension; the tests of the answer check it. What is empty is not sent.
  const sent = (card.extension?.['org.renal-cramp-cds.findings'] ?? []) as Partial<ShownFinding>[];
  return sent.map((finding) => ({ evidence: [], against: [], missing: [], ...finding }) as ShownFinding);
}
