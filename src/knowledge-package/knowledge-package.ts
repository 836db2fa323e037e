import type { Bundle, FhirResource } from 'fhir/r4.js';
import { activityDefinitions } from './activity-definition.js';
import { libraryResources } from './library-resource.js';
import { CANONICAL, type PackageSource } from './package-source.js';
import { planDefinitions } from './plan-definition.js';
import { valueSetResources } from './value-set-resource.js';
import type { TarFile } from './tar-gzip.js';

const FHIR_VERSION = '4.0.1';

/** Every resource of the package, by type and id. */
export function packageResources(source: PackageSource): FhirResource[] {
  return [
    ...activityDefinitions(source),
    ...libraryResources(source),
    ...planDefinitions(source),
    ...valueSetResources(source),
  ].sort((one, other) => (fileName(one) < fileName(other) ? -1 : 1));
}

/** The files of a FHIR package (FHIR NPM package specification). */
export function packageFiles(resources: readonly FhirResource[], source: PackageSource): TarFile[] {
  return [
    file('package.json', manifest(source)),
    file('.index.json', { 'index-version': 1, files: resources.map(indexEntry) }),
    ...resources.map((resource) => file(fileName(resource), resource)),
  ];
}

/** The same resources as one transaction, for a server that takes no package. */
export function packageTransaction(resources: readonly FhirResource[]): Bundle {
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: resources.map((resource) => {
      const address = `${resource.resourceType}/${resource.id ?? ''}`;
      return { fullUrl: `${CANONICAL}/${address}`, resource, request: { method: 'PUT', url: address } };
    }),
  };
}

function manifest({ version, date, policy }: PackageSource) {
  return {
    name: 'renal-cramp-cds.knowledge',
    version,
    canonical: CANONICAL,
    url: CANONICAL,
    title: policy.services.title,
    description: `${policy.services.description} A draft for experiments: no clinician has signed it.`,
    date: date.replaceAll('-', ''),
    author: 'The renal-cramp-cds authors',
    license: 'Apache-2.0',
    type: 'fhir.ig',
    fhirVersions: [FHIR_VERSION],
    dependencies: { 'hl7.fhir.r4.core': FHIR_VERSION },
  };
}

function indexEntry(resource: FhirResource) {
  const { resourceType, id } = resource;
  // Every resource of the package is a canonical one.
  const { url, version } = resource as { url?: string; version?: string };
  return { filename: fileName(resource), resourceType, id, url, version };
}

function fileName({ resourceType, id }: FhirResource): string {
  return `${resourceType}-${id ?? ''}.json`;
}

function file(name: string, content: object): TarFile {
  return { name: `package/${name}`, text: `${JSON.stringify(content, null, 2)}\n` };
}
