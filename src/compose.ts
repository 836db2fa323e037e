import { readFileSync } from 'node:fs';
import type { Express } from 'express';
import { Registry } from 'prom-client';
import { z } from 'zod';
import { advise } from './advise.js';
import { CDS_HOOKS_VERSION, type CdsService, HOOK_NAMES, type HookName } from './cds-hooks.js';
import { type AdviceSettings, loadAdvice } from './compose-advice.js';
import { type Operations, watchesFor } from './compose-operations.js';
import {
  demoFhirServerUrls,
  demoRecords,
  demoRoute,
  documentRoutes,
  launchingServers,
  pageRoutes,
} from './compose-pages.js';
import { openAdviceWorkers } from './compose-workers.js';
import type { CdsClient } from './cds-clients.js';
import type { Config } from './config.js';
import type { FeedbackStore } from './feedback/feedback-store.js';
import type { FhirServer } from './fhir-server.js';
import { type Folders, FOLDERS, inPackage } from './folders.js';
import { createApp } from './http/app.js';
import type { ClientAuth } from './http/client-auth.js';
import { type ClientKeys, fetchedKeys, fixedKeys } from './http/client-keys.js';
import { replaysInMemory, sharedReplays } from './http/replay-store.js';
import type { EvaluationTimeSettings } from './http/service-call.js';
import type { Log } from './log.js';
import { readAuditKey } from './operations/audit-key.js';
import { checkedFetch } from './patient-data/checked-fetch.js';
import { ANONYMOUS, openFhirGateway } from './patient-data/fhir-gateway.js';
import { prefetchTemplates } from './patient-data/prefetch-templates.js';
import type { Policy } from './policy.js';
import type { Knowledge } from './reasoning/knowledge.js';
import { StartProblems } from './start-problems.js';
import { demoFhirServers } from './web/demo-call.js';

/** A set of public keys is small, and a clinician waits for it. */
const KEY_SET_LIMITS = { ms: 5_000, bytes: 100_000 };

/** The name of the service for a hook, which clients know it by. */
export function serviceId(hook: HookName): string {
  return `renal-cramps-${hook}`;
}

export interface Composed {
  app: Express;
  services: readonly CdsService[];
  /** Ids of the sample patients, the most telling first; empty without the demo. */
  samplePatientIds: readonly string[];
  /** Ends the threads of large bodies, once nobody waits for an answer. */
  close: () => Promise<void>;
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
  const advice = adviceSettings(config);
  const { records, loaded } = loadParts(config, advice, folders);
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
  const time = timeSettings(config);
  const large = openAdviceWorkers({ limits: config, advice, time, folders, openFhirServer, ...watches.threads });
  const app = createApp({
    config: { ...config, ...time, serverTiming: config.demo },
    services,
    advise: (request, call) => advise(request, call, parts),
    large,
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
  const samplePatientIds = records.flatMap(({ patient }) => patient.id ?? []);
  return { app, services, samplePatientIds, close: () => large.close() };
}

/** Nobody looks; always ready. */
function unwatched(): Operations {
  const audit = { write: () => {}, close: () => {} };
  return { registry: new Registry(), isReady: () => true, audit, auditKey: readAuditKey(undefined) };
}

/** Everything that comes from files; what is wrong is found in one go. */
function loadParts(config: Config, advice: AdviceSettings, folders: Folders) {
  const problems = new StartProblems();
  const samples = problems.attempt(() => (config.demo ? demoRecords(config, folders.samples) : []));
  const loaded = loadAdvice(advice, folders, problems);
  return { ...problems.complete({ records: samples }), loaded };
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

function adviceSettings(config: Config): AdviceSettings {
  const { engine, siteCodesFile, timeZone, publicBaseUrl } = config;
  const settings = { engine, timeZone, publicBaseUrl, launchingServers: launchingServers(config) };
  return siteCodesFile === undefined ? settings : { ...settings, siteCodesFile };
}

function timeSettings(config: Config): EvaluationTimeSettings {
  return { allowEvaluationTime: config.allowEvaluationTime, historicalServers: demoFhirServerUrls(config) };
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
