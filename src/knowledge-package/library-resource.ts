import type { DataRequirement, Library, ParameterDefinition, RelatedArtifact } from 'fhir/r4.js';
import { retrievesOf } from './library-retrieves.js';
import { type PackageSource, SERVICES_LIBRARY } from './package-source.js';
import { canonical, publication } from './publication.js';

/** By "Using CQL with FHIR": the search that brings what a requirement asks for. */
const QUERY_PATTERN = 'http://hl7.org/fhir/StructureDefinition/cqf-fhirQueryPattern';
const LOGIC_LIBRARY = {
  system: 'http://terminology.hl7.org/CodeSystem/library-type',
  code: 'logic-library',
  display: 'Logic Library',
};

interface ElmHead {
  library: {
    includes?: { def?: { path: string }[] };
    valueSets?: { def?: { id: string }[] };
    parameters?: { def?: { name: string }[] };
  };
}

/** One Library for each CQL library, with its text, its ELM, what it needs and what it stands on. */
export function libraryResources(source: PackageSource): Library[] {
  return [...source.cql].map(([name, text]) => libraryResource(name, text, source));
}

function libraryResource(name: string, cql: string, source: PackageSource): Library {
  const elm = source.elm.get(name) ?? '';
  // The build's own ELM.
  const { library } = JSON.parse(elm) as ElmHead;
  const requirements = name === SERVICES_LIBRARY ? queriesOf(source) : requirementsOf(name, source);
  return {
    ...publication('Library', name, source, { name, title: titleOf(name) }),
    type: { coding: [LOGIC_LIBRARY] },
    subjectCodeableConcept: {
      coding: [{ system: 'http://hl7.org/fhir/resource-types', code: 'Patient', display: 'Patient' }],
    },
    description: descriptionIn(cql),
    ...listed('relatedArtifact', dependenciesOf(library, source)),
    ...listed('parameter', (library.parameters?.def ?? []).map(parameterOf)),
    ...listed('dataRequirement', requirements),
    content: [
      { contentType: 'text/cql', data: base64(cql) },
      { contentType: 'application/elm+json', data: base64(elm) },
    ],
  };
}

/** FHIR knows no empty list. */
function listed<Name extends string, Item>(name: Name, items: Item[]): Partial<Record<Name, Item[]>> {
  // One member of that name, which the compiler does not follow through a computed key.
  return items.length === 0 ? {} : ({ [name]: items } as Partial<Record<Name, Item[]>>);
}

function titleOf(name: string): string {
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, ' ');
}

/** The comment a library begins with. */
function descriptionIn(cql: string): string {
  return (
    /^(?:\/\/.*\n)+/
      .exec(cql)?.[0]
      .replace(/^\/\/ ?/gm, '')
      .trim() ?? ''
  );
}

function dependenciesOf({ includes, valueSets }: ElmHead['library'], source: PackageSource): RelatedArtifact[] {
  const libraries = (includes?.def ?? []).map(({ path }) => canonical('Library', path, source));
  const sets = (valueSets?.def ?? []).map(({ id }) => `${id}|${source.version}`);
  return [...libraries, ...sets].map((resource) => ({ type: 'depends-on', resource }));
}

function parameterOf({ name }: { name: string }): ParameterDefinition {
  return { name, use: 'in', min: 0, max: '*', type: 'string' };
}

function requirementsOf(name: string, { elm, version }: PackageSource): DataRequirement[] {
  return retrievesOf(name, elm).map(({ resourceType, path, valueSets, codes }) => {
    const filters = [
      ...valueSets.map((url) => ({ path, valueSet: `${url}|${version}` })),
      ...(codes.length === 0 ? [] : [{ path, code: codes }]),
    ];
    const [filter] = filters;
    return { type: resourceType, ...(filter === undefined ? {} : { codeFilter: [filter] }) };
  });
}

/** As few searches as our own service makes, in place of one for each value set. */
function queriesOf({ queries }: PackageSource): DataRequirement[] {
  return queries.map(({ resourceType, template }) => ({
    extension: [{ url: QUERY_PATTERN, valueString: template }],
    type: resourceType,
  }));
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
