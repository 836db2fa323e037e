import type { Config } from '../config.js';
import type { PrefetchQuery } from '../patient-data/prefetch-templates.js';
import type { Policy } from '../policy.js';
import { nameOf } from '../reasoning/inputs.js';
import type { Knowledge } from '../reasoning/knowledge.js';
import { DEMO_FHIR_PATH } from './demo-fhir.js';
import type { DemoRecord } from './demo-record.js';
import { DEMO_CLIENT_ID } from './demo-smart.js';

export interface PageSettingsParts {
  config: Config;
  policy: Policy;
  knowledge: Knowledge;
  queries: readonly PrefetchQuery[];
  records: readonly DemoRecord[];
}

/** What our pages must know before they can ask: nothing of it is about a patient but the demo's own. */
export function pageSettings({ config, policy, knowledge, queries, records }: PageSettingsParts): object {
  const types = [...new Set(queries.map(({ resourceType }) => resourceType))];
  return {
    name: policy.wording.source,
    knowledge: policy.version,
    demo: config.demo ? { fhir: DEMO_FHIR_PATH, clientId: DEMO_CLIENT_ID, patients: records.map(toEntry) } : null,
    servers: config.demo ? config.fhirServers.map(({ url }) => url) : [],
    smartClients: config.smartClients.map(({ iss, clientId }) => ({ iss, clientId })),
    scope: ['launch', 'openid', 'fhirUser', ...types.map((type) => `patient/${type}.read`)].join(' '),
    /** The codes of everything that is measured, by the name of its value set. */
    valueSets: [...knowledge.valueSets.values()]
      .filter(({ group }) => group !== undefined)
      .map((valueSet) => ({ name: nameOf(valueSet), codes: valueSet.codes.map(({ code }) => code) })),
  };
}

/** One line of the patient list. */
function toEntry({ patient, title, about, seenFrom, lacksCramp, source, resources }: DemoRecord): object {
  const days = resources.flatMap((resource) =>
    resource.resourceType === 'Observation' ? (resource.effectiveDateTime?.slice(0, 10) ?? []) : [],
  );
  const [from, to] = [days.toSorted()[0], days.toSorted().at(-1)];
  const { id, name, gender, birthDate } = patient;
  const called = name?.[0];
  return {
    id,
    name: called?.text ?? [...(called?.given ?? []), called?.family].join(' ').trim(),
    gender,
    birthDate,
    title,
    about,
    seenFrom,
    lacksCramp,
    source,
    from,
    to,
  };
}
