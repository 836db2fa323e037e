import { advise, type AdviseParts } from '../../src/advise.js';
import { readCardTemplates } from '../../src/cards/card-template.js';
import { CDS_HOOKS_VERSION, parseCdsRequest } from '../../src/cds-hooks.js';
import { FOLDERS } from '../../src/folders.js';
import { prefetchQueries, prefetchTemplates } from '../../src/patient-data/prefetch-templates.js';
import { readPolicy } from '../../src/policy.js';
import type { Knowledge } from '../../src/reasoning/knowledge.js';
import { momentsIn } from '../../src/reasoning/moment.js';
import { brokenRules, differences } from '../vignettes/card-checks.js';
import { type NamedCase, NOW, readCases } from '../vignettes/case-file.js';
import { hookRequest, resourcesOf } from '../vignettes/hook-client.js';
import type { PlayableCase } from './mutant-judge.js';

/** Every vignette of the folder, played on this knowledge as the service would, but without HTTP. */
export function vignetteCases(folder: string, knowledge: Knowledge): PlayableCase[] {
  const parts = partsOf(knowledge);
  return readCases(folder).map((each) => playable(each, parts));
}

function partsOf(knowledge: Knowledge): AdviseParts {
  return {
    knowledge,
    policy: readPolicy(`${FOLDERS.cards}/policy.yaml`),
    templates: readCardTemplates(FOLDERS.cards, knowledge.cardWords),
    queries: prefetchQueries(knowledge.requirements),
    openFhirServer: () => undefined,
    publicBaseUrl: 'http://127.0.0.1:3000',
    siteOrders: new Map(),
    momentAt: momentsIn('UTC'),
    onInterpreted: () => undefined,
    onLibraryFailed: () => undefined,
  };
}

function playable({ name, library, played }: NamedCase, parts: AdviseParts): PlayableCase {
  const resources = resourcesOf(played);
  const described = { id: played.hook, hook: played.hook, title: '', description: '', version: CDS_HOOKS_VERSION };
  const service = { ...described, prefetch: prefetchTemplates(parts.knowledge.requirements) };
  // What a client would send, so that nothing but JSON gets through.
  const body: unknown = JSON.parse(JSON.stringify(hookRequest(played, resources, service)));
  const request = parseCdsRequest(body, played.hook);
  const { signal } = new AbortController();
  const play = async () => {
    const { cards } = await advise(request, { signal, now: NOW }, parts);
    return [...differences(played.expect, cards), ...brokenRules(cards, [...resources.record, ...resources.drafts])];
  };
  return { name, library, play };
}
