import type { AdviseParts } from './advise.js';
import { readCardTemplates } from './cards/card-template.js';
import { showExplanation } from './cards/show-explanation.js';
import type { Engine } from './config.js';
import { explainRequest, type ExplainRequestParts } from './explain.js';
import type { AdviceFolders } from './folders.js';
import type { Explain } from './http/explain-call.js';
import { prefetchQueries } from './patient-data/prefetch-templates.js';
import { readPolicy, refuseUnknownLibraries } from './policy.js';
import { inputsOf } from './reasoning/inputs.js';
import { loadKnowledge } from './reasoning/knowledge.js';
import { momentsIn } from './reasoning/moment.js';
import { readSiteCodes, refuseLongQueries } from './site-codes.js';
import { StartProblems } from './start-problems.js';
import { withoutTrailingSlashes } from './trailing-slashes.js';

/** The settings that decide what is advised; plain values, so that a thread can be given them. */
export interface AdviceSettings {
  engine: Engine;
  siteCodesFile?: string;
  timeZone: string;
  publicBaseUrl: string;
  /** FHIR servers whose EHR can launch our SMART app. */
  launchingServers: readonly string[];
}

/** The parts of `advise` that come from files. */
export type LoadedParts = Omit<AdviseParts, 'openFhirServer' | 'onGathered' | 'onInterpreted' | 'onLibraryFailed'>;

/**
 * Loads and checks the knowledge and the cards: once at start, and in each worker thread.
 *
 * @throws ServiceError `invalid-knowledge` or `invalid-config` that names everything that is wrong, with what `problems` holds
 */
export function loadAdvice(
  settings: AdviceSettings,
  folders: AdviceFolders,
  problems = new StartProblems(),
): LoadedParts {
  const siteCodes = problems.attempt(() => readSiteCodes(settings.siteCodesFile));
  const knowledge = problems.attempt(() => loadKnowledge(foldersFor(settings.engine, folders), siteCodes));
  const policy = problems.attempt(() => readPolicy(`${folders.cards}/policy.yaml`));
  const queries = knowledge && prefetchQueries(knowledge.requirements);
  const templates = knowledge && problems.attempt(() => readCardTemplates(folders.cards, knowledge.cardWords));
  problems.attempt(() => {
    if (knowledge && policy) refuseUnknownLibraries(policy, knowledge.libraries);
  });
  problems.attempt(() => {
    if (siteCodes && queries) refuseLongQueries(siteCodes, queries);
  });
  const { siteCodes: site, ...parts } = problems.complete({ siteCodes, knowledge, policy, templates, queries });
  return {
    ...parts,
    publicBaseUrl: settings.publicBaseUrl,
    siteOrders: site.orders,
    smartAppUrl: smartAppUrl(settings),
    momentAt: momentsIn(settings.timeZone),
  };
}

function foldersFor(engine: Engine, { compiledElm, ...folders }: AdviceFolders): AdviceFolders {
  return engine === 'compiled' && compiledElm !== undefined ? { ...folders, compiledElm } : folders;
}

/** Only an EHR that knows our app can open it. */
function smartAppUrl({ publicBaseUrl, launchingServers }: AdviceSettings): NonNullable<AdviseParts['smartAppUrl']> {
  const launching = new Set(launchingServers);
  return (fhirServer = '') =>
    launching.has(withoutTrailingSlashes(fhirServer)) ? `${publicBaseUrl}/app/launch` : undefined;
}

/** The reasoning behind a request as our pages show it, and what of the record it knows. */
export function explainForPages(parts: ExplainRequestParts): Explain {
  const { templates, policy, knowledge } = parts;
  const { wording, ranking } = policy;
  return async (request, call) => {
    const { explanation, record, now, today } = await explainRequest(request, call, parts);
    return {
      now: now.toISOString(),
      knowledge: { version: policy.version },
      ...showExplanation(explanation, { templates, wording, ranking, today }),
      inputs: inputsOf(record.resources, knowledge),
    };
  };
}
