import type { Bundle, FhirResource, OperationOutcome } from 'fhir/r4.js';

/** Reads a relative FHIR URL; throws `ReadProblem`. */
export type ReadFhir = (path: string, signal: AbortSignal) => Promise<FhirResource>;

export type ProblemKind = 'not-found' | 'forbidden' | 'signed-out' | 'timed-out' | 'failed';

/** Why a FHIR server did not answer. */
export class ReadProblem extends Error {
  readonly kind: ProblemKind;

  constructor(kind: ProblemKind) {
    super(`The FHIR server did not answer: ${kind}.`);
    this.name = 'ReadProblem';
    this.kind = kind;
  }
}

export interface SearchFailure {
  key: string;
  resourceType: string;
  kind: ProblemKind;
}

export interface Filled {
  /** As the service takes it: an OperationOutcome where a search failed. */
  prefetch: Record<string, FhirResource | null>;
  failures: SearchFailure[];
}

const MOST_PAGES = 5;
const MOST_MEDICATIONS = 20;
const PATIENT_TOKEN = '{{context.patientId}}';
/** No template asks for what orders refer to; the service takes any key. */
const MEDICATIONS_KEY = 'orderedMedications';

/** Fills the templates of discovery, once: what is judged is what is drawn. */
export async function fillPrefetch(
  templates: Readonly<Record<string, string>>,
  patientId: string,
  read: ReadFhir,
  signal: AbortSignal,
): Promise<Filled> {
  const failures: SearchFailure[] = [];
  const one = async ([key, template]: [string, string]): Promise<[string, FhirResource | null]> => {
    const path = template.replaceAll(PATIENT_TOKEN, encodeURIComponent(patientId));
    const resourceType = /^[A-Za-z]+/.exec(path)?.[0] ?? '';
    try {
      return [key, await readAll(path, read, signal)];
    } catch (error) {
      if (!(error instanceof ReadProblem)) throw error;
      if (error.kind === 'not-found' && !path.includes('?')) return [key, null];
      failures.push({ key, resourceType, kind: error.kind });
      return [key, outcomeOf(error.kind)];
    }
  };
  const prefetch = Object.fromEntries(await Promise.all(Object.entries(templates).map(one)));
  const medications = await orderedMedications(Object.values(prefetch), read, signal);
  return { prefetch: medications === undefined ? prefetch : { ...prefetch, [MEDICATIONS_KEY]: medications }, failures };
}

/** The resources of a filled prefetch. */
export function resourcesIn(answers: Iterable<FhirResource | null>): FhirResource[] {
  return [...answers].flatMap((answer) => {
    if (answer === null || answer.resourceType === 'OperationOutcome') return [];
    return answer.resourceType === 'Bundle' ? entriesOf(answer as Bundle<FhirResource>) : [answer];
  });
}

function entriesOf(bundle: Bundle<FhirResource>): FhirResource[] {
  return (bundle.entry ?? []).flatMap(({ resource }) =>
    resource === undefined || resource.resourceType === 'OperationOutcome' ? [] : [resource],
  );
}

/** All pages of a search, as one; what is left over keeps its link, so that the service can say so. */
async function readAll(path: string, read: ReadFhir, signal: AbortSignal): Promise<FhirResource> {
  const first = await read(path, signal);
  if (first.resourceType !== 'Bundle') return first;
  const entries = [...(first.entry ?? [])];
  let next = nextOf(first);
  for (let page = 1; next !== undefined && page < MOST_PAGES; page += 1) {
    const more = await read(next, signal);
    if (more.resourceType !== 'Bundle') break;
    entries.push(...(more.entry ?? []));
    next = nextOf(more);
  }
  const link = next === undefined ? [] : [{ relation: 'next', url: next }];
  return { ...first, entry: entries, link };
}

function nextOf(bundle: Bundle): string | undefined {
  return bundle.link?.find(({ relation }) => relation === 'next')?.url;
}

/** Some servers name the drug in a resource of its own. */
async function orderedMedications(
  answers: readonly (FhirResource | null)[],
  read: ReadFhir,
  signal: AbortSignal,
): Promise<Bundle | undefined> {
  const references = resourcesIn(answers).flatMap((resource) =>
    'medicationReference' in resource ? (resource.medicationReference?.reference ?? []) : [],
  );
  const wanted = [...new Set(references)].filter((each) => /^Medication\/[A-Za-z0-9\-.]{1,64}$/.test(each));
  if (wanted.length === 0) return undefined;
  const found = await Promise.all(
    wanted.slice(0, MOST_MEDICATIONS).map((each) => read(each, signal).catch(() => undefined)),
  );
  const entry = found.flatMap((resource) => (resource === undefined ? [] : [{ resource }]));
  return { resourceType: 'Bundle', type: 'collection', entry };
}

function outcomeOf(kind: ProblemKind): OperationOutcome {
  const codes = { forbidden: 'forbidden', 'timed-out': 'timeout' } as const;
  const code = kind === 'forbidden' || kind === 'timed-out' ? codes[kind] : 'exception';
  return { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code }] };
}
