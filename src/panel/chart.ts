import { ServiceError } from '../errors.js';
import { isRecord } from '../is-record.js';

type Json = Readonly<Record<string, unknown>>;

/** A resource as it stands in the input: nothing is known of it but its type. */
export interface ChartEntry {
  fullUrl?: string;
  resource: Json & { resourceType: string };
}

/** The record of one patient, whole. */
export interface Chart {
  patient: ChartEntry & { resource: { id: string } };
  entries: readonly ChartEntry[];
  /** When a Bundle says it was written. */
  writtenAt?: string;
}

/** What a part of the input holds: a chart, or why there is none; and where it stood, for those that are bad. */
export type Found =
  { source: () => string; chart: Chart } | { source: () => string; patientId?: string; problem: ServiceError };

/** How a Bundle becomes what a server would hold, and whose a resource says it is. */
export interface ChartReading {
  onAServer: (entries: readonly ChartEntry[]) => ChartEntry[];
  patientIdOf: (resource: ChartEntry['resource']) => string | undefined;
}

/** The charts of a Bundle: one for each Patient in it. */
export function chartsInBundle(content: unknown, source: () => string, reading: ChartReading): Found[] {
  try {
    const entries = reading.onAServer(entriesIn(content));
    const timestamp = isRecord(content) ? content['timestamp'] : undefined;
    const written = typeof timestamp === 'string' ? { writtenAt: timestamp } : {};
    const patients = new Map(entries.filter(isPatient).map((entry) => [entry.resource.id, entry]));
    if (patients.size === 0) throw malformed('The Bundle holds no Patient with an id.');
    return [...patients].map(([id, patient]) => ({
      source,
      chart: { patient, entries: patients.size === 1 ? entries : entriesOf(id, entries, reading), ...written },
    }));
  } catch (error) {
    return [{ source, problem: asProblem(error) }];
  }
}

/** The charts of resources that were brought together by patient; '' gathers what could not be read. */
export function chartsByPatient(byPatient: ReadonlyMap<string, readonly unknown[]>, source: () => string): Found[] {
  return [...byPatient].flatMap(([patientId, resources]): Found[] => {
    if (patientId === '') return resources.map(() => ({ source, problem: malformed('The line is no FHIR resource.') }));
    const entries = resources.flatMap((resource) => (isResource(resource) ? [{ resource }] : []));
    const patient = entries.filter(isPatient).find(({ resource }) => resource.id === patientId);
    if (patient !== undefined) return [{ source, chart: { patient, entries } }];
    return [{ source, patientId, problem: malformed('There is no Patient resource of this id.') }];
  });
}

export function isResource(value: unknown): value is ChartEntry['resource'] {
  return isRecord(value) && typeof value['resourceType'] === 'string';
}

/** What names another patient is not in this one's chart; what names nobody (a Medication) is in all. */
function entriesOf(id: string, entries: readonly ChartEntry[], { patientIdOf }: ChartReading): ChartEntry[] {
  return entries.filter(({ resource }) => {
    const owner = resource.resourceType === 'Patient' ? resource['id'] : patientIdOf(resource);
    return owner === undefined || owner === id;
  });
}

function isPatient(entry: ChartEntry): entry is Chart['patient'] {
  return entry.resource.resourceType === 'Patient' && typeof entry.resource['id'] === 'string';
}

function entriesIn(content: unknown): ChartEntry[] {
  if (!isRecord(content) || content['resourceType'] !== 'Bundle') throw malformed('It is no FHIR Bundle.');
  const entries: unknown = content['entry'] ?? [];
  if (!Array.isArray(entries)) throw malformed('The entries of the Bundle are no list.');
  // An entry without a resource says what was deleted.
  return entries.filter((each) => !isRecord(each) || each['resource'] !== undefined).map(entryOf);
}

function entryOf(each: unknown): ChartEntry {
  if (!isRecord(each) || !isResource(each['resource'])) throw malformed('An entry of the Bundle is no FHIR resource.');
  const { fullUrl, resource } = each;
  return typeof fullUrl === 'string' ? { fullUrl, resource } : { resource };
}

function malformed(message: string): ServiceError {
  return new ServiceError('malformed-request', message);
}

/** What a record makes the reading throw costs that record alone. */
export function asProblem(error: unknown): ServiceError {
  return error instanceof ServiceError
    ? error
    : new ServiceError('malformed-request', 'The record could not be read.', { cause: error });
}
