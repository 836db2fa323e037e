import type { DataRequirement } from 'fhir/r4.js';
import type { CardTemplate } from '../cards/card-template.js';
import type { Policy } from '../policy.js';

/** Where a canonical address of ours begins; the value sets bear it already. */
export const CANONICAL = 'https://renal-cramp-cds.org';
/** The library that the PlanDefinitions ask; it is made from `cards/` and stands in the package alone. */
export const SERVICES_LIBRARY = 'CrampServices';

/** What a package is made from: the knowledge as its files stand, its own text in one version. */
export interface PackageSource {
  /** Of the knowledge: every resource and every library bears it. */
  version: string;
  /** YYYY-MM-DD: when this version of the knowledge was made; no clock is read, so the same knowledge gives the same bytes. */
  date: string;
  /** CQL by library name. */
  cql: ReadonlyMap<string, string>;
  /** ELM of the same texts by library name, as JSON. */
  elm: ReadonlyMap<string, string>;
  /** FHIR ValueSets as their files stand; several may bear one url. */
  valueSets: readonly object[];
  templates: ReadonlyMap<string, CardTemplate>;
  policy: Policy;
  services: readonly ServiceSource[];
  /** FHIR searches that bring what the knowledge retrieves, with the token `{{context.patientId}}`. */
  queries: readonly { resourceType: DataRequirement['type']; template: string }[];
}

/** One CDS service that becomes a PlanDefinition. */
export interface ServiceSource {
  id: string;
  hook: string;
}

/** The day on which the list of clinical changes says that this version was made; undefined when it says nothing of it. */
export function dayOfVersion(changes: string, version: string): string | undefined {
  const lines = changes.split('\n').filter((line) => /^- \d{4}-\d{2}-\d{2}/.test(line));
  const isOfVersion = new RegExp(`(?<![\\d.])${version.replaceAll('.', '\\.')}(?![\\d]|\\.\\d)`);
  return lines.find((line) => isOfVersion.test(line))?.slice(2, 12);
}

/** The text with its own version, and those of the libraries it includes, set to that of the knowledge; nothing else changes. */
export function withVersion(cql: string, version: string): string {
  return cql.replace(/^((?:library|include) \w+ version) '[^']*'/gm, `$1 '${version}'`);
}
