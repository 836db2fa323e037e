import { fileURLToPath } from 'node:url';
import closeWithGrace from 'close-with-grace';
import { advise } from './advise.js';
import { readCardTemplates } from './cards/card-template.js';
import { CDS_HOOKS_VERSION, type CdsService, type HookName } from './cds-hooks.js';
import { readConfig } from './config.js';
import { ServiceError } from './errors.js';
import { createApp } from './http/app.js';
import { listen } from './http/server.js';
import { createLog } from './log.js';
import { openFhirGateway } from './patient-data/fhir-gateway.js';
import { prefetchQueries, prefetchTemplates } from './patient-data/prefetch-templates.js';
import { type Policy, readPolicy } from './policy.js';
import { loadKnowledge } from './reasoning/knowledge.js';

/** EX_CONFIG of sysexits.h: a restart does not help. */
const EXIT_BAD_CONFIG = 78;
const HOOKS: readonly HookName[] = ['patient-view'];

function folder(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = createLog(config.logLevel);
  const startedAt = performance.now();

  const knowledge = loadKnowledge({
    elm: folder('dist/elm'),
    valueSets: folder('cql/valuesets'),
    fhirModel: folder('dist/fhir-model.json'),
  });
  const policy = readPolicy(folder('cards/policy.yaml'));
  const templates = readCardTemplates(folder('cards'), knowledge.cardWords);
  const queries = prefetchQueries(knowledge.requirements);
  const services = servicesOf(policy, prefetchTemplates(knowledge.requirements));
  const openFhirServer = openFhirGateway({ allowed: config.fhirServers, budgetMs: config.fhirBudgetMs });

  const app = createApp({
    config,
    services,
    advise: (request, call) =>
      advise(request, call, {
        knowledge,
        policy,
        templates,
        queries,
        openFhirServer,
        publicBaseUrl: config.publicBaseUrl,
        timeZone: config.timeZone,
        onLibraryFailed: ({ library, cause }) => {
          log.libraryFailed({ library, errors: [cause instanceof Error ? cause.name : typeof cause] });
        },
      }),
    isReady: () => true,
    log,
    about: { name: policy.wording.source, version: process.env['npm_package_version'] ?? '0.1.0', knowledgeVersion: policy.version },
  });
  const server = await listen(app, config);
  log.started({ url: server.url, services: services.length, ms: Math.round(performance.now() - startedAt) });
  closeWithGrace(async ({ signal, err }) => {
    log.stopped({ reason: signal ?? err?.name ?? 'closed' });
    await server.close();
  });
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

main().catch((error: unknown) => {
  // Nothing of any patient is known yet, so an unforeseen error may be shown whole.
  const message = error instanceof Error && !(error instanceof ServiceError) ? error.stack : String(error);
  process.stderr.write(`${message ?? ''}\n`);
  process.exitCode = error instanceof ServiceError ? EXIT_BAD_CONFIG : 1;
});
