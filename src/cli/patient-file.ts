import { existsSync, readFileSync } from 'node:fs';
import { type CdsRequest, HOOK_NAMES, type HookName, parseCdsRequest } from '../cds-hooks.js';
import { ServiceError } from '../errors.js';
import { isRecord } from '../is-record.js';
import { draftsAmong, onAServer, type RecordEntry, recordRequest } from '../patient-data/record-request.js';

const MOST_IDS_NAMED = 5;

export interface PatientFileOptions {
  /** Needed when the file holds several patients. */
  patientId?: string | undefined;
  /** Default: that of the hook request, else patient-view. */
  hook?: string | undefined;
  /** What the service would prefetch. */
  queries: readonly { key: string; resourceType: string }[];
}

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads a record from a file as if it had been prefetched: a FHIR Bundle of any type, a list of resources, or the body of
 * a hook. With an order hook, the draft medication orders of a Bundle or list are those of the context, all selected.
 *
 * @throws ServiceError `malformed-request` saying in one line what is wrong with the file or the options
 */
export function readPatientFile(path: string, options: PatientFileOptions): CdsRequest {
  const content = readJson(path);
  if (isRecord(content) && 'hook' in content) return hookRequest(content, path, options);
  return requestFor(onAServer(entriesIn(content, path)), path, options);
}

function hookRequest(body: Json, path: string, { hook, patientId }: PatientFileOptions): CdsRequest {
  const name = hookNamed(hook ?? body['hook']);
  const request = parseCdsRequest({ ...body, hook: name }, name);
  if (patientId !== undefined && patientId !== request.context.patientId) refuse(`${path} is about another patient.`);
  return request;
}

function requestFor(
  entries: readonly RecordEntry[],
  path: string,
  { patientId, hook, queries }: PatientFileOptions,
): CdsRequest {
  const name = hookNamed(hook ?? 'patient-view');
  const patient = patientAmong(entries, path, patientId);
  const drafts = name === 'patient-view' ? [] : draftsAmong(entries);
  return recordRequest({ patient, entries, hook: name, drafts, userId: 'Practitioner/explain' }, queries);
}

function patientAmong(entries: readonly RecordEntry[], path: string, wanted: string | undefined): RecordEntry {
  const patients = entries.filter(({ resource }) => resource.resourceType === 'Patient');
  const named = patients.filter(({ resource }) => wanted === undefined || resource['id'] === wanted);
  const [patient] = named;
  if (patient === undefined) {
    refuse(wanted === undefined ? `${path} holds no Patient.` : `${path} holds no Patient ${wanted}.`);
  }
  if (patient.resource['id'] === undefined) refuse(`The Patient of ${path} has no id.`);
  if (new Set(named.map(({ resource }) => resource['id'])).size === 1) return patient;
  const ids = named.map(({ resource }) => String(resource['id'])).slice(0, MOST_IDS_NAMED);
  refuse(`${path} holds ${String(named.length)} Patients: name one with --patient (${ids.join(', ')}).`);
}

function entriesIn(content: unknown, path: string): RecordEntry[] {
  if (Array.isArray(content)) {
    return content.map((resource: unknown, index) => entry({ resource }, `${path}: item ${String(index + 1)}`));
  }
  if (!isRecord(content) || content['resourceType'] !== 'Bundle') {
    refuse(`${path} is no FHIR Bundle, no list of resources and no hook request.`);
  }
  const entries = content['entry'] ?? [];
  if (!Array.isArray(entries)) refuse(`${path}: the entries of the Bundle are no list.`);
  return entries.flatMap((each: unknown, index) =>
    // An entry without a resource says what was deleted.
    isRecord(each) && each['resource'] === undefined ? [] : [entry(each, `${path}: entry ${String(index + 1)}`)],
  );
}

function entry(each: unknown, place: string): RecordEntry {
  if (!isRecord(each) || !isRecord(each['resource'])) refuse(`${place} is no FHIR resource.`);
  const { resource, fullUrl } = each;
  const { resourceType } = resource;
  if (typeof resourceType !== 'string') refuse(`${place} is no FHIR resource.`);
  return { ...(typeof fullUrl === 'string' ? { fullUrl } : {}), resource: { ...resource, resourceType } };
}

function readJson(path: string): unknown {
  if (!existsSync(path)) refuse(`There is no file ${path}.`);
  const text = readText(path);
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new ServiceError('malformed-request', `${path} is not JSON.`, { cause });
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (cause) {
    throw new ServiceError('malformed-request', `${path} cannot be read.`, { cause });
  }
}

function hookNamed(name: unknown): HookName {
  if (isHookName(name)) return name;
  refuse(`There is no hook ${String(name)}: ${HOOK_NAMES.join(', ')}.`);
}

function isHookName(name: unknown): name is HookName {
  return HOOK_NAMES.some((hook) => hook === name);
}

function refuse(message: string): never {
  throw new ServiceError('malformed-request', message);
}
