import { fileURLToPath } from 'node:url';
import type { Express } from 'express';
import { advise, type AdviseParts } from './advise.js';
import { readCardTemplates } from './cards/card-template.js';
import { readHandouts } from './cards/handout.js';
import { CDS_HOOKS_VERSION, type CdsService, type HookName } from './cds-hooks.js';
import type { CdsClient } from './cds-clients.js';
import type { Config } from './config.js';
import { ServiceError } from './errors.js';
import type { FeedbackStore } from './feedback/feedback-store.js';
import type { FhirServer } from './fhir-server.js';
import { createApp, type Route } from './http/app.js';
import type { ClientAuth } from './http/client-auth.js';
import { type ClientKeys, fetchedKeys, fixedKeys } from './http/client-keys.js';
import { openApiDocument, type OpenApiParts } from './http/openapi.js';
import { replaysInMemory } from './http/replay-store.js';
import type { Log } from './log.js';
import { checkedFetch } from './patient-data/checked-fetch.js';
import { ANONYMOUS, openFhirGateway } from './patient-data/fhir-gateway.js';
import { prefetchQueries, prefetchTemplates } from './patient-data/prefetch-templates.js';
import { type Policy, readPolicy, refuseUnknownLibraries } from './policy.js';
import { loadKnowledge } from './reasoning/knowledge.js';
import { readSiteCodes, refuseLongQueries } from './site-codes.js';
import { demoFhirServers } from './web/demo-call.js';
import { DEMO_FHIR_PATH, demoFhir } from './web/demo-fhir.js';
import { documents } from './web/documents.js';
import { handoutPages, HANDOUTS_PATH } from './web/handouts.js';
import { renderAbout } from './web/render-about.js';
import { renderOpenApi } from './web/render-openapi.js';
import type { SamplePatient } from './web/sample-format.js';
import { readSamplePatients } from './web/sample-patient.js';

/** A set of public keys is small, and a clinician waits for it. */
const KEY_SET_LIMITS = { ms: 5_000, bytes: 100_000 };

/** The source of every card leads there. */
const ABOUT_PATH = '/about';

const HOOKS: readonly HookName[] = ['patient-view', 'order-select', 'order-sign'];

/** Where the knowledge stands; a test may point elsewhere. */
export interface Folders {
  elm: string;
  fhirModel: string;
  valueSets: string;
  cards: string;
  samples: string;
}

export const FOLDERS: Folders = {
  elm: inPackage('dist/elm'),
  fhirModel: inPackage('dist/fhir-model.json'),
  valueSets: inPackage('cql/valuesets'),
  cards: inPackage('cards'),
  samples: inPackage('src/web/samples'),
};

function inPackage(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}

export interface Composed {
  app: Express;
  services: readonly CdsService[];
  /** Ids of the sample patients, the most telling first; empty without the demo. */
  samplePatientIds: readonly string[];
}

/**
 * Loads and checks the knowledge and puts the parts of the service together; whoever opened the store closes it.
 *
 * @throws ServiceError `invalid-knowledge` or `invalid-config`
 */
export function composeService(config: Config, log: Log, feedback: FeedbackStore, folders = FOLDERS): Composed {
  const siteCodes = readSiteCodes(config.siteCodesFile);
  const knowledge = loadKnowledge(folders, siteCodes);
  const policy = readPolicy(`${folders.cards}/policy.yaml`);
  refuseUnknownLibraries(policy, knowledge.libraries);
  const templates = readCardTemplates(folders.cards, knowledge.cardWords);
  const queries = prefetchQueries(knowledge.requirements);
  refuseLongQueries(siteCodes, queries);
  const services = servicesOf(policy, prefetchTemplates(knowledge.requirements));
  const samples = config.demo ? readSamplePatients(folders.samples) : [];
  const openFhirServer = openFhirGateway({ allowed: fhirServersByClient(config), budgetMs: config.fhirBudgetMs });
  const parts = {
    knowledge,
    policy,
    templates,
    queries,
    openFhirServer,
    publicBaseUrl: config.publicBaseUrl,
    siteOrders: siteCodes.orders,
    timeZone: config.timeZone,
    onLibraryFailed: logLibraryFailed(log),
  };
  const auth = clientAuthOf(config, log);
  const about = { name: policy.wording.source, version: policy.version, knowledgeVersion: policy.version };
  const app = createApp({
    config,
    services,
    advise: (request, call) => advise(request, call, parts),
    isReady: () => true,
    log,
    about,
    feedback,
    handouts: handoutsRoute(folders),
    documents: documentsRoute(folders, { ...config, about, services, isAuthRequired: auth !== undefined }),
    ...(auth ? { auth } : {}),
    ...(config.demo ? { demo: demoRoute(config, samples) } : {}),
  });
  return { app, services, samplePatientIds: samples.map(({ patient }) => patient.id) };
}

function logLibraryFailed(log: Log): AdviseParts['onLibraryFailed'] {
  return ({ library, cause }) => {
    log.libraryFailed({ library, errors: [cause instanceof Error ? cause.name : typeof cause] });
  };
}

function clientAuthOf({ clientAuth, clients, publicBaseUrl }: Config, log: Log): ClientAuth | undefined {
  if (clientAuth === 'off') return undefined;
  const clock = () => new Date();
  const trusted = clients.map((client) => {
    const keys = keysOf(client, clock, log);
    void keys.load();
    const { url } = client.keys;
    return { ...client, keys, ...(url === undefined ? {} : { keyAddress: url }) };
  });
  const byIssuer = new Map(trusted.map((client) => [client.issuer, client]));
  return { publicBaseUrl, clients: byIssuer, replays: replaysInMemory({ clock }), clock };
}

function keysOf({ issuer, keys }: CdsClient, clock: () => Date, log: Log): ClientKeys {
  if ('keys' in keys) return fixedKeys({ keys: [...keys.keys] });
  const onFailed = (cause: unknown) => {
    log.keysNotFetched({ client: issuer, errors: [cause instanceof Error ? cause.name : typeof cause] });
  };
  return fetchedKeys({ fetchSet: checkedFetch(keys, KEY_SET_LIMITS), clock, onFailed });
}

/** Each client has its own servers, and none of another's; the samples of the demo are everybody's. */
function fhirServersByClient(config: Config): ReadonlyMap<string, readonly FhirServer[]> {
  const demo = config.demo ? demoFhirServers(config) : [];
  const own = config.clients.map(({ issuer, fhirServers }) => [issuer, [...fhirServers, ...demo]] as const);
  return new Map([[ANONYMOUS, [...config.fhirServers, ...demo]], ...own]);
}

function handoutsRoute({ cards }: Folders): Route {
  return { path: HANDOUTS_PATH, handler: handoutPages([...readHandouts(`${cards}/handouts`).values()]) };
}

function documentsRoute({ cards }: Folders, parts: OpenApiParts): Route {
  const about = readHandouts(`${cards}/pages`).get('about');
  if (about === undefined) throw new ServiceError('invalid-knowledge', 'There is no page cards/pages/about.md.');
  const openApi = openApiDocument(parts);
  const handler = documents([
    { path: ABOUT_PATH, type: 'html', text: renderAbout(about, parts.about.knowledgeVersion) },
    { path: '/openapi.json', type: 'json', text: JSON.stringify(openApi) },
    { path: '/openapi', type: 'html', text: renderOpenApi(openApi) },
  ]);
  return { path: '/', handler };
}

function demoRoute({ publicBaseUrl }: Config, samples: readonly SamplePatient[]): Route {
  const baseUrl = `${publicBaseUrl}${DEMO_FHIR_PATH}`;
  return { path: DEMO_FHIR_PATH, handler: demoFhir({ samples, now: new Date(), baseUrl }) };
}

function servicesOf(policy: Policy, prefetch: Record<string, string>): CdsService[] {
  return HOOKS.map((hook) => ({
    id: `renal-cramps-${hook}`,
    hook,
    title: policy.services.title,
    description: policy.services.description,
    prefetch,
    usageRequirements: policy.services['usage-requirements'],
    version: CDS_HOOKS_VERSION,
  }));
}
