import { Router } from 'express';
import { readHandouts } from './cards/handout.js';
import { explainForPages } from './compose-advice.js';
import type { Config } from './config.js';
import { ServiceError } from './errors.js';
import type { ExplainRequestParts } from './explain.js';
import type { Route } from './http/app.js';
import type { Explain } from './http/explain-call.js';
import { openApiDocument, type OpenApiParts } from './http/openapi.js';
import { demoFhirServers } from './web/demo-call.js';
import { DEMO_FHIR_PATH, demoFhir } from './web/demo-fhir.js';
import { readDemoPatients } from './web/demo-patients.js';
import { type DemoRecord, recordOfSample } from './web/demo-record.js';
import { DEMO_SMART_PATH, demoSmart } from './web/demo-smart.js';
import { documents } from './web/documents.js';
import { handoutPages, HANDOUTS_PATH } from './web/handouts.js';
import { pageSettings, type PageSettingsParts } from './web/page-settings.js';
import { ownPages } from './web/pages.js';
import { renderAbout } from './web/render-about.js';
import { renderOpenApi } from './web/render-openapi.js';
import { readSamplePatients } from './web/sample-patient.js';

/** The source of every card leads there. */
const ABOUT_PATH = '/about';

/** Our samples, and the patients of the folder the settings name. */
export function demoRecords({ demoPatientsFolder }: Config, samplesFolder: string): DemoRecord[] {
  const now = new Date();
  const samples = readSamplePatients(samplesFolder).map((sample) => recordOfSample(sample, now));
  if (demoPatientsFolder === undefined) return samples;
  const taken = samples.flatMap(({ resources }) =>
    resources.map(({ resourceType, id = '' }) => `${resourceType}/${id}`),
  );
  return [...samples, ...readDemoPatients(demoPatientsFolder, taken)];
}

/** The FHIR endpoint of the demo, and its sign-in. */
export function demoRoute({ publicBaseUrl }: Config, records: readonly DemoRecord[]): Route {
  const baseUrl = `${publicBaseUrl}${DEMO_FHIR_PATH}`;
  const router = Router();
  router.use(DEMO_FHIR_PATH, demoFhir({ records, now: new Date(), baseUrl }));
  router.use(DEMO_SMART_PATH, demoSmart());
  return { path: '/', handler: router };
}

/** The addresses of the demo endpoint: its records are seen from a moment of their own, and it can launch our app. */
export function demoFhirServerUrls(config: Config): string[] {
  if (!config.demo) return [];
  return [`${config.publicBaseUrl}${DEMO_FHIR_PATH}`, ...demoFhirServers(config).map(({ url }) => url)];
}

/**
 * Our own pages and what they ask; none without the demo and without an EHR that can launch the app.
 *
 * @param folder of the built pages
 */
export function pageRoutes(
  parts: PageSettingsParts,
  explainParts: ExplainRequestParts,
  folder: string,
): { pages?: Route; explain?: Explain } {
  const { config } = parts;
  if (!config.demo && config.smartClients.length === 0) return {};
  const handler = ownPages({ folder, config, settings: pageSettings(parts) });
  return { pages: { path: '/', handler }, explain: explainForPages(explainParts) };
}

/** The FHIR servers whose EHR knows our app and can open it. */
export function launchingServers(config: Config): string[] {
  return [...config.smartClients.map(({ iss }) => iss), ...demoFhirServerUrls(config)];
}

/** Patient wording, and what the service says of itself. */
export function documentRoutes(cards: string, parts: OpenApiParts): { handouts: Route; documents: Route } {
  const about = readHandouts(`${cards}/pages`).get('about');
  if (about === undefined) throw new ServiceError('invalid-knowledge', 'There is no page cards/pages/about.md.');
  const openApi = openApiDocument(parts);
  const handler = documents([
    { path: ABOUT_PATH, type: 'html', text: renderAbout(about, parts.about) },
    { path: '/openapi.json', type: 'json', text: JSON.stringify(openApi) },
    { path: '/openapi', type: 'html', text: renderOpenApi(openApi) },
  ]);
  const handouts = handoutPages([...readHandouts(`${cards}/handouts`).values()]);
  return { handouts: { path: HANDOUTS_PATH, handler: handouts }, documents: { path: '/', handler } };
}
