import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Express } from 'express';
import { Registry } from 'prom-client';
import { z } from 'zod';
import { advise } from './advise.js';
import { readCardTemplates } from './cards/card-template.js';
import { CDS_HOOKS_VERSION, type CdsService, HOOK_NAMES, type HookName } from './cds-hooks.js';
import { type Operations, watchesFor } from './compose-operations.js';
import {
  demoFhirServerUrls,
  demoRecords,
  demoRoute,
  documentRoutes,
  pageRoutes,
  smartAppUrl,
} from './compose-pages.js';
import type { CdsClient } from './cds-clients.js';
import type { Config, Engine } from './config.js';
import type { FeedbackStore } from './feedback/feedback-store.js';
import type { FhirServer } from './fhir-server.js';
import { createApp } from './http/app.js';
import type { ClientAuth } from './http/client-auth.js';
import { type ClientKeys, fetchedKeys, fixedKeys } from './http/client-keys.js';
import { replaysInMemory, sharedReplays } from './http/replay-store.js';
import type { Log } from './log.js';
import { readAuditKey } from './operations/audit-key.js';
import { checkedFetch } from './patient-data/checked-fetch.js';
import { ANONYMOUS, openFhirGateway } from './patient-data/fhir-gateway.js';
import { prefetchQueries, prefetchTemplates } from './patient-data/prefetch-templates.js';
import { type Policy, readPolicy, refuseUnknownLibraries } from './policy.js';
import { type Knowledge, loadKnowledge } from './reasoning/knowledge.js';
import { momentsIn } from './reasoning/moment.js';
import { readSiteCodes, refuseLongQueries } from './site-codes.js';
import { StartProblems } from './start-problems.js';
import { demoFhirServers } from './web/demo-call.js';

/** A set of public keys is small, and a clinician waits for it. */
const KEY_SET_LIMITS = { ms: 5_000, bytes: 100_000 };

/** The name of the service for a hook, which clients know it by. */
export function serviceId(hook: HookName): string {
  return `renal-cramps-${hook}`;
}

/** Where the knowledge stands; a test may point elsewhere. */
export interface Folders {
  elm: string;
  /** The same libraries as JavaScript; without it they are interpreted. */
  compiledElm?: string;
  fhirModel: string;
  valueSets: string;
  cards: string;
  samples: string;
  /** Of the browser side, built. */
  pages: string;
}

export const FOLDERS: Folders = {
  elm: inPackage('dist/elm'),
  compiledElm: inPackage('dist/elm-js'),
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
 * Loads and checks the knowledge and puts the parts of the service together; whoever opened the store closes it.
 *
 * @throws ServiceError `invalid-knowledge` or `invalid-config`
 */
export function composeService(
  config: Config,
  log: Log,
  feedback: FeedbackStore,
  folders = FOLDERS,
  operations = unwatched(),
): Composed {
  const { records, ...loaded } = loadParts(config, folders);
  const { knowledge, policy, queries } = loaded;
  log.knowledgeLoaded({ compiled: knowledge.compiled.size, interpreted: interpretedIn(knowledge) });
  const services = servicesOf(policy, prefetchTemplates(knowledge.requirements));
  const allowed = fhirServersByClient(config);
  const version = serviceVersion();
  const watches = watchesFor(operations, { services, version, policy, knowledge, queries, allowed }, log);
  const openFhirServer = openFhirGateway({ allowed, budgetMs: config.fhirBudgetMs, watch: watches.fhir });
  const parts = { ...loaded, openFhirServer, ...watches.reports };
  const auth = clientAuthOf(config, feedback, log);
  const about = { name: policy.wording.source, version, knowledgeVersion: policy.version };
  const app = createApp({
    config: { ...config, historicalServers: demoFhirServerUrls(config), serverTiming: config.demo },
    services,
    advise: (request, call) => advise(request, call, parts),
    isReady: operations.isReady,
    log,
    ...watches.calls,
    about,
    feedback,
    ...documentRoutes(folders.cards, { ...config, about, services, isAuthRequired: auth !== undefined }),
    ...(auth ? { auth } : {}),
    ...(config.demo ? { demo: demoRoute(config, records) } : {}),
    ...pageRoutes({ config, policy, knowledge, queries, records }, parts, folders.pages),
  });
  return { app, services, samplePatientIds: records.flatMap(({ patient }) => patient.id ?? []) };
}

/** Nobody looks; always ready. */
function unwatched(): Operations {
  const audit = { write: () => {}, close: () => {} };
  return { registry: new Registry(), isReady: () => true, audit, auditKey: readAuditKey(undefined) };
}

/** Everything that comes from files; what is wrong is found in one go. */
function loadParts(config: Config, folders: Folders) {
  const problems = new StartProblems();
  const siteCodes = problems.attempt(() => readSiteCodes(config.siteCodesFile));
  const knowledge = problems.attempt(() => loadKnowledge(foldersFor(config.engine, folders), siteCodes));
  const policy = problems.attempt(() => readPolicy(`${folders.cards}/policy.yaml`));
  const queries = knowledge && prefetchQueries(knowledge.requirements);
  const templates = knowledge && problems.attempt(() => readCardTemplates(folders.cards, knowledge.cardWords));
  const records = problems.attempt(() => (config.demo ? demoRecords(config, folders.samples) : []));
  problems.attempt(() => {
    if (knowledge && policy) refuseUnknownLibraries(policy, knowledge.libraries);
  });
  problems.attempt(() => {
    if (siteCodes && queries) refuseLongQueries(siteCodes, queries);
  });
  const parts = problems.complete({ siteCodes, knowledge, policy, templates, queries, records });
  return {
    ...parts,
    publicBaseUrl: config.publicBaseUrl,
    siteOrders: parts.siteCodes.orders,
    smartAppUrl: smartAppUrl(config),
    momentAt: momentsIn(config.timeZone),
  };
}

function serviceVersion(): string {
  // Our own file, beside the one that npm reads it from.
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(inPackage('package.json'), 'utf8'))).version;
}

function clientAuthOf(config: Config, { usedTokens }: FeedbackStore, log: Log): ClientAuth | undefined {
  const { clientAuth, clients, publicBaseUrl } = config;
  if (clientAuth === 'off') return undefined;
  const clock = () => new Date();
  const trusted = clients.map((client) => {
    const keys = keysOf(client, clock, log);
    void keys.load();
    const { url } = client.keys;
    return { ...client, keys, ...(url === undefined ? {} : { keyAddress: url }) };
  });
  const byIssuer = new Map(trusted.map((client) => [client.issuer, client]));
  const own = replaysInMemory({ clock });
  const replays = usedTokens ? sharedReplays(own, usedTokens) : own;
  return { publicBaseUrl, clients: byIssuer, replays, clock };
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

function foldersFor(engine: Engine, { compiledElm, ...folders }: Folders): Folders {
  return engine === 'compiled' && compiledElm !== undefined ? { ...folders, compiledElm } : folders;
}

function interpretedIn({ everyLibrary, compiled }: Knowledge): string[] {
  return [...everyLibrary.keys()].filter((name) => !compiled.has(name));
}

function servicesOf(policy: Policy, prefetch: Record<string, string>): CdsService[] {
  return HOOK_NAMES.map((hook) => ({
    id: serviceId(hook),
    hook,
    title: policy.services.title,
    description: policy.services.description,
    prefetch,
    usageRequirements: policy.services['usage-requirements'],
    version: CDS_HOOKS_VERSION,
  }));
}
