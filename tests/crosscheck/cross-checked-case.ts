import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundle, FhirResource } from 'fhir/r4.js';
import { type CdsRequest, type HookName, parseCdsRequest } from '../../src/cds-hooks.js';
import { gather } from '../../src/patient-data/gather.js';
import { type PrefetchQuery, prefetchQueries, prefetchTemplates } from '../../src/patient-data/prefetch-templates.js';
import type { PatientRecord } from '../../src/patient-record.js';
import type { Knowledge } from '../../src/reasoning/knowledge.js';
import { prefetched } from '../support/prefetched.js';
import { readRealPatients, realPatientsFolder, withCramp } from '../support/real-patients.js';
import { NOW, readCases } from '../vignettes/case-file.js';
import { hookRequest, resourcesOf } from '../vignettes/hook-client.js';

/** One record at one moment. */
export interface CrossCheckedCase {
  name: string;
  now: Date;
  /** As gather hands it to evaluate: units, foreign resources, drugs by name and medication references settled. */
  gathered: () => Promise<PatientRecord>;
  /** The patient's resources as the EHR has them. */
  raw: readonly FhirResource[];
}

interface Source {
  queries: readonly PrefetchQuery[];
  templates: Record<string, string>;
  ingredientNames: ReadonlySet<string>;
}

/**
 * Every real patient with a cramp, every hook request of a folder, and every vignette: first one of each file, then the
 * second of each, so that a run that is cut short has seen something of everything.
 *
 * @param hooks a folder of JSON files with `{ request }`, as the acceptance runner dumps them; it need not be there
 */
export function crossCheckedCases(knowledge: Knowledge, vignettes: string, hooks: string | undefined) {
  const source: Source = {
    queries: prefetchQueries(knowledge.requirements),
    templates: prefetchTemplates(knowledge.requirements),
    ingredientNames: knowledge.ingredientNames,
  };
  return [...realPatients(source), ...hookRequests(hooks, source), ...vignetteCases(vignettes, source)];
}

function realPatients(source: Source): CrossCheckedCase[] {
  const folder = realPatientsFolder();
  if (folder === undefined) return [];
  return readRealPatients(folder).map((patient) => {
    const resources = withCramp(patient);
    const request = requestFor('patient-view', patient.id, prefetchOf(resources, patient.id, source));
    return caseOf(`real patient ${patient.file}`, request, patient.now, resources, source);
  });
}

/** The queries answered, and the Medications that orders refer to. */
function prefetchOf(resources: readonly FhirResource[], patientId: string, { templates }: Source): object {
  const medications = resources.filter(({ resourceType }) => resourceType === 'Medication');
  const entry = medications.map((resource) => ({ resource }));
  return {
    ...prefetched(templates, resources, patientId),
    medicationsReferredTo: { resourceType: 'Bundle', type: 'searchset', entry },
  };
}

function requestFor(hook: HookName, patientId: string, prefetch: object): CdsRequest {
  const context = { userId: 'Practitioner/example', patientId };
  return parsed({ hook, hookInstance: 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea', context, prefetch }, hook);
}

/** What a client would send, so that nothing but JSON gets through. */
function parsed(body: unknown, hook: HookName): CdsRequest {
  return parseCdsRequest(JSON.parse(JSON.stringify(body)), hook);
}

function hookRequests(folder: string | undefined, source: Source): CrossCheckedCase[] {
  if (folder === undefined || !existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return files.sort().map((file) => {
    // Written by the runner of the acceptance cases.
    const { request: body } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { request: { hook: HookName } };
    const request = parsed(body, body.hook);
    const answers = Object.values(request.prefetch ?? {}) as (FhirResource | null)[];
    const { draftOrders = null } = request.context;
    const raw = [...answers, draftOrders].flatMap(resourcesIn);
    return caseOf(`acceptance ${file.replace('.json', '')}`, request, new Date(), raw, source);
  });
}

function resourcesIn(answer: FhirResource | Bundle | null): FhirResource[] {
  if (answer === null) return [];
  if (answer.resourceType !== 'Bundle') return [answer];
  // What a client sends as R4.
  return (answer as Bundle<FhirResource>).entry?.flatMap(({ resource }) => resource ?? []) ?? [];
}

function vignetteCases(folder: string, source: Source): CrossCheckedCase[] {
  const rounds = new Map<string, number>();
  const cases = readCases(folder).map(({ library, name, played }) => {
    const file = `${library}: ${played.title}`;
    const round = (rounds.get(file) ?? 0) + 1;
    rounds.set(file, round);
    const resources = resourcesOf(played);
    const service = { id: played.hook, hook: played.hook, title: '', description: '', version: '2.0' };
    const request = parsed(hookRequest(played, resources, { ...service, prefetch: source.templates }), played.hook);
    return { round, each: caseOf(name, request, NOW, [...resources.record, ...resources.drafts], source) };
  });
  return cases.toSorted((one, other) => one.round - other.round).map(({ each }) => each);
}

function caseOf(name: string, request: CdsRequest, now: Date, raw: readonly FhirResource[], source: Source) {
  const tools = { ...source, server: undefined, now, signal: new AbortController().signal };
  return { name, now, raw, gathered: () => gather(request, tools) };
}
