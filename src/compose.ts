import { fileURLToPath } from 'node:url';
import type { Express } from 'express';
import { advise } from './advise.js';
import { readCardTemplates } from './cards/card-template.js';
import { readHandouts } from './cards/handout.js';
import { CDS_HOOKS_VERSION, type CdsService, type HookName } from './cds-hooks.js';
import { demoFhirServerUrls, demoRecords, demoRoute, pageRoutes, smartAppUrl } from './compose-pages.js';
import type { Config } from './config.js';
import { createApp, type Route } from './http/app.js';
import type { Log } from './log.js';
import { openFhirGateway } from './patient-data/fhir-gateway.js';
import { prefetchQueries, prefetchTemplates } from './patient-data/prefetch-templates.js';
import { type Policy, readPolicy, refuseUnknownLibraries } from './policy.js';
import { loadKnowledge } from './reasoning/knowledge.js';
import { readSiteCodes, refuseLongQueries } from './site-codes.js';
import { demoFhirServers } from './web/demo-call.js';
import { handoutPages, HANDOUTS_PATH } from './web/handouts.js';

const HOOKS: readonly HookName[] = ['patient-view', 'order-select', 'order-sign'];

/** Where the knowledge stands; a test may point elsewhere. */
export interface Folders {
  elm: string;
  fhirModel: string;
  valueSets: string;
  cards: string;
  samples: string;
  /** Of the browser side, built. */
  pages: string;
}

export const FOLDERS: Folders = {
  elm: inPackage('dist/elm'),
  fhirModel: inPackage('dist/fhir-model.json'),
  valueSets: inPackage('cql/valuesets'),
  cards: inPackage('cards'),
  samples: inPackage('src/web/samples'),
  pages: inPackage('dist/web/pages'),
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
 * Loads and checks the knowledge and puts the parts of the service together.
 *
 * @throws ServiceError `invalid-knowledge` or `invalid-config`
 */
export function composeService(config: Config, log: Log, folders: Folders = FOLDERS): Composed {
  const siteCodes = readSiteCodes(config.siteCodesFile);
  const knowledge = loadKnowledge(folders, siteCodes);
  const policy = readPolicy(`${folders.cards}/policy.yaml`);
  refuseUnknownLibraries(policy, knowledge.libraries);
  const templates = readCardTemplates(folders.cards, knowledge.cardWords);
  const queries = prefetchQueries(knowledge.requirements);
  refuseLongQueries(siteCodes, queries);
  const services = servicesOf(policy, prefetchTemplates(knowledge.requirements));
  const records = config.demo ? demoRecords(config, folders.samples) : [];
  const allowed = [...config.fhirServers, ...(config.demo ? demoFhirServers(config) : [])];
  const openFhirServer = openFhirGateway({ allowed, budgetMs: config.fhirBudgetMs });
  const parts = {
    knowledge,
    policy,
    templates,
    queries,
    openFhirServer,
    publicBaseUrl: config.publicBaseUrl,
    siteOrders: siteCodes.orders,
    smartAppUrl: smartAppUrl(config),
    timeZone: config.timeZone,
    onLibraryFailed: ({ library, cause }: { library: string; cause: unknown }) => {
      log.libraryFailed({ library, errors: [cause instanceof Error ? cause.name : typeof cause] });
    },
  };
  const app = createApp({
    config: { ...config, historicalServers: demoFhirServerUrls(config), serverTiming: config.demo },
    services,
    advise: (request, call) => advise(request, call, parts),
    isReady: () => true,
    log,
    about: { name: policy.wording.source, version: policy.version, knowledgeVersion: policy.version },
    handouts: handoutsRoute(folders),
    ...(config.demo ? { demo: demoRoute(config, records) } : {}),
    ...pageRoutes({ config, policy, knowledge, queries, records }, parts, folders.pages),
  });
  return { app, services, samplePatientIds: records.flatMap(({ patient }) => patient.id ?? []) };
}

function handoutsRoute({ cards }: Folders): Route {
  return { path: HANDOUTS_PATH, handler: handoutPages([...readHandouts(`${cards}/handouts`).values()]) };
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
