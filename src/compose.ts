import { fileURLToPath } from 'node:url';
import type { Express } from 'express';
import { advise, type AdviseParts } from './advise.js';
import { readCardTemplates } from './cards/card-template.js';
import { readHandouts } from './cards/handout.js';
import { CDS_HOOKS_VERSION, type CdsService, type HookName } from './cds-hooks.js';
import type { Config, Engine } from './config.js';
import { createApp, type Route } from './http/app.js';
import type { Log } from './log.js';
import { openFhirGateway } from './patient-data/fhir-gateway.js';
import { prefetchQueries, prefetchTemplates } from './patient-data/prefetch-templates.js';
import { type Policy, readPolicy, refuseUnknownLibraries } from './policy.js';
import { type Knowledge, loadKnowledge } from './reasoning/knowledge.js';
import { momentsIn } from './reasoning/moment.js';
import { readSiteCodes, refuseLongQueries } from './site-codes.js';
import { demoFhirServers } from './web/demo-call.js';
import { DEMO_FHIR_PATH, demoFhir } from './web/demo-fhir.js';
import { handoutPages, HANDOUTS_PATH } from './web/handouts.js';
import type { SamplePatient } from './web/sample-format.js';
import { readSamplePatients } from './web/sample-patient.js';

const HOOKS: readonly HookName[] = ['patient-view', 'order-select', 'order-sign'];

/** Where the knowledge stands; a test may point elsewhere. */
export interface Folders {
  elm: string;
  /** The same libraries as JavaScript; without it they are interpreted. */
  compiledElm?: string;
  fhirModel: string;
  valueSets: string;
  cards: string;
  samples: string;
}

export const FOLDERS: Folders = {
  elm: inPackage('dist/elm'),
  compiledElm: inPackage('dist/elm-js'),
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
 * Loads and checks the knowledge and puts the parts of the service together.
 *
 * @throws ServiceError `invalid-knowledge` or `invalid-config`
 */
export function composeService(config: Config, log: Log, folders: Folders = FOLDERS): Composed {
  const siteCodes = readSiteCodes(config.siteCodesFile);
  const knowledge = loadKnowledge(foldersFor(config.engine, folders), siteCodes);
  log.knowledgeLoaded({ compiled: knowledge.compiled.size, interpreted: interpretedIn(knowledge) });
  const policy = readPolicy(`${folders.cards}/policy.yaml`);
  refuseUnknownLibraries(policy, knowledge.libraries);
  const templates = readCardTemplates(folders.cards, knowledge.cardWords);
  const queries = prefetchQueries(knowledge.requirements);
  refuseLongQueries(siteCodes, queries);
  const services = servicesOf(policy, prefetchTemplates(knowledge.requirements));
  const samples = config.demo ? readSamplePatients(folders.samples) : [];
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
    momentAt: momentsIn(config.timeZone),
    ...reports(log),
  };
  const app = createApp({
    config,
    services,
    advise: (request, call) => advise(request, call, parts),
    isReady: () => true,
    log,
    about: { name: policy.wording.source, version: policy.version, knowledgeVersion: policy.version },
    handouts: handoutsRoute(folders),
    ...(config.demo ? { demo: demoRoute(config, samples) } : {}),
  });
  return { app, services, samplePatientIds: samples.map(({ patient }) => patient.id) };
}

/** What goes unexpectedly in an evaluation is written down. */
function reports(log: Log): Pick<AdviseParts, 'onInterpreted' | 'onLibraryFailed'> {
  return {
    onInterpreted: (libraries) => {
      log.librariesInterpreted({ libraries: [...libraries] });
    },
    onLibraryFailed: ({ library, cause }) => {
      log.libraryFailed({ library, errors: [cause instanceof Error ? cause.name : typeof cause] });
    },
  };
}

function foldersFor(engine: Engine, { compiledElm, ...folders }: Folders): Folders {
  return engine === 'compiled' && compiledElm !== undefined ? { ...folders, compiledElm } : folders;
}

function interpretedIn({ everyLibrary, compiled }: Knowledge): string[] {
  return [...everyLibrary.keys()].filter((name) => !compiled.has(name));
}

function handoutsRoute({ cards }: Folders): Route {
  return { path: HANDOUTS_PATH, handler: handoutPages([...readHandouts(`${cards}/handouts`).values()]) };
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
