import type { Bundle, Coding, FhirResource } from 'fhir/r4.js';

type Fields = Record<string, unknown>;
type Criterion = (resource: Fields, wanted: readonly string[]) => boolean;

/** What the search parameters of our templates mean; any other one is an error of the test. */
const CRITERIA: Readonly<Record<string, Criterion>> = {
  patient: (resource, [id = '']) =>
    /** FHIR references are objects with a text. */ subjectOf(resource) === `Patient/${id}`,
  code: ({ code }, wanted) => codingsOf(code).some((coding) => wanted.includes(coding.code ?? '')),
  status: ({ status }, wanted) => wanted.includes(String(status)),
  authored: () => true,
  _sort: () => true,
  _count: () => true,
};

/** Answers prefetch templates as a FHIR server would that holds these resources and knows no `_include`. */
export function prefetched(
  templates: Readonly<Record<string, string>>,
  resources: readonly FhirResource[],
  patientId: string,
): Record<string, FhirResource | null> {
  const answers = Object.entries(templates).map(([key, template]) => {
    return [key, answerTo(template.replaceAll('{{context.patientId}}', patientId), resources)];
  });
  return Object.fromEntries(answers);
}

/** The answer to `Type/id` or `Type?parameters`. */
export function answerTo(address: string, resources: readonly FhirResource[]): FhirResource | null {
  const [path = '', query] = address.split('?');
  return query === undefined ? read(path, resources) : search(path, new URLSearchParams(query), resources);
}

function read(path: string, resources: readonly FhirResource[]): FhirResource | null {
  return resources.find(({ resourceType, id }) => `${resourceType}/${id ?? ''}` === path) ?? null;
}

function search(type: string, parameters: URLSearchParams, resources: readonly FhirResource[]): Bundle {
  const found = resources.filter((resource) => resource.resourceType === type && matches(resource, parameters));
  const sorted = parameters.has('_sort') ? found.toSorted((a, b) => timeOf(b) - timeOf(a)) : found;
  const page = sorted.slice(0, Number(parameters.get('_count') ?? Infinity));
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    total: found.length,
    entry: page.map((resource) => ({ resource })),
  };
}

function matches(resource: FhirResource, parameters: URLSearchParams): boolean {
  return [...parameters].every(([name, value]) => {
    const criterion = CRITERIA[name];
    if (criterion === undefined) throw new Error(`The templates use a parameter no test knows: ${name}`);
    if (name === '_sort' && !value.startsWith('-'))
      throw new Error(`The templates sort by ${value}, not newest first.`);
    return criterion({ ...resource }, value.split(','));
  });
}

function subjectOf({ subject, patient }: Fields): string {
  // References of R4 resources; what else stands there matches nothing.
  return ((subject ?? patient) as { reference?: string } | undefined)?.reference ?? '';
}

function codingsOf(concept: unknown): Coding[] {
  // A CodeableConcept of an R4 resource.
  return (concept as { coding?: Coding[] } | undefined)?.coding ?? [];
}

/** The date a server sorts by: that of the event, else of its start. */
function timeOf(resource: FhirResource): number {
  const fields: Fields = { ...resource };
  // Periods of R4 resources.
  const period = (fields['effectivePeriod'] ?? fields['performedPeriod']) as { start?: string } | undefined;
  const names = ['effectiveDateTime', 'effectiveInstant', 'performedDateTime', 'authoredOn', 'issued'];
  const dates = [...names.map((name) => fields[name]), period?.start];
  return Date.parse(dates.find((date) => typeof date === 'string') ?? '') || 0;
}
