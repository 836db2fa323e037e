import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FhirResource, Patient } from 'fhir/r4.js';
import { z } from 'zod';
import { ServiceError } from '../errors.js';
import type { DemoRecord } from './demo-record.js';

const MINUTE = 60_000;
const DAY = 86_400_000;

const resource = z.looseObject({ resourceType: z.string(), id: z.string().optional() });
const bundleSchema = z.object({
  resourceType: z.literal('Bundle'),
  timestamp: z.string().optional(),
  entry: z.array(z.object({ fullUrl: z.string().optional(), resource: resource.optional() })).default([]),
});
type FileBundle = z.infer<typeof bundleSchema>;
type Resource = z.infer<typeof resource>;

/**
 * The Bundles of a folder (`*.json`), one patient each, seen from `Bundle.timestamp`, else from their newest date.
 * What is no Bundle of one patient is left out. The resources are served as they stand, never written anywhere.
 *
 * @param taken resources of other records, as `Type/id`
 * @throws ServiceError `invalid-config` when the folder cannot be read or holds no such Bundle
 */
export function readDemoPatients(folder: string, taken: readonly string[]): DemoRecord[] {
  const ids = new Set(taken);
  const records = filesIn(folder).flatMap((file) => {
    const bundle = readBundle(join(folder, file));
    const record = bundle && recordOf(bundle, file, ids);
    for (const { resourceType, id } of record?.resources ?? []) if (id !== undefined) ids.add(`${resourceType}/${id}`);
    return record ?? [];
  });
  if (records.length === 0)
    throw new ServiceError('invalid-config', 'DEMO_PATIENTS: the folder holds no FHIR Bundle of a patient.');
  return records;
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .sort();
  } catch (cause) {
    throw new ServiceError('invalid-config', 'DEMO_PATIENTS: the folder cannot be read.', { cause });
  }
}

function readBundle(path: string): FileBundle | undefined {
  try {
    return bundleSchema.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data;
  } catch {
    return undefined;
  }
}

function recordOf(bundle: FileBundle, file: string, taken: ReadonlySet<string>): DemoRecord | undefined {
  const resources = asOnAServer(bundle, taken);
  const patients = resources.filter(({ resourceType }) => resourceType === 'Patient');
  const [patient] = patients;
  const seenFrom = shortlyAfter(bundle.timestamp ?? newestDate(resources));
  if (patient === undefined || patients.length > 1 || seenFrom === undefined) return undefined;
  return {
    // Found by its type.
    patient: patient as unknown as Patient,
    title: file.replace(/\.json$/, ''),
    about: contentsOf(resources),
    seenFrom,
    lacksCramp: true,
    source: `From ${file} of the folder this service was given; its source and licence stand beside it there.`,
    // A client reads them with tolerance, as it does those of any server.
    resources: resources as unknown as FhirResource[],
  };
}

/** `135 results, 20 medication orders; Hypertensive chronic kidney disease` */
function contentsOf(resources: readonly Resource[]): string {
  const count = (type: string): number => resources.filter(({ resourceType }) => resourceType === type).length;
  const problems = resources.flatMap((each) => (each.resourceType === 'Condition' ? problemIn(each) : []));
  const kidney = problems.find((text) => /kidney|renal/i.test(text)) ?? problems[0];
  const counts = `${count('Observation')} results, ${count('MedicationRequest')} medication orders`;
  return kidney === undefined ? counts : `${counts}; ${kidney}`;
}

function problemIn(condition: Resource): string[] {
  const parsed = z
    .object({ text: z.string().optional(), coding: z.array(z.object({ display: z.string().optional() })).optional() })
    .safeParse(condition['code']);
  const text = parsed.data?.text ?? parsed.data?.coding?.[0]?.display;
  return text === undefined ? [] : [text];
}

/** Every resource with an id that no other record has, since a Medication does not say whose it is; references by those ids. */
function asOnAServer({ entry }: FileBundle, taken: ReadonlySet<string>): Resource[] {
  const kept = entry.flatMap(({ fullUrl = '', resource: each }) =>
    each === undefined ? [] : [{ fullUrl, resource: { ...each, id: each.id ?? fullUrl.replace(/^.*[:/]/, '') } }],
  );
  const names = new Map<string, string>();
  for (const { fullUrl, resource: each } of kept) {
    const id = freeId(each.resourceType, each.id, taken);
    names.set(fullUrl, `${each.resourceType}/${id}`);
    names.set(`${each.resourceType}/${each.id}`, `${each.resourceType}/${id}`);
    each.id = id;
  }
  names.delete('');
  const named = (key: string, value: unknown): unknown =>
    key === 'reference' && typeof value === 'string' ? (names.get(value) ?? value) : value;
  // The same resources, but for the text of references.
  return JSON.parse(JSON.stringify(kept.map(({ resource: each }) => each)), named) as Resource[];
}

function freeId(resourceType: string, id: string, taken: ReadonlySet<string>): string {
  let free = id;
  for (let count = 2; taken.has(`${resourceType}/${free}`); count += 1) free = `${id}-${count}`;
  return free;
}

function newestDate(resources: readonly Resource[]): string | undefined {
  const dates = resources.flatMap((each) => [each['effectiveDateTime'], each['issued'], each['authoredOn']]);
  return dates
    .filter((date) => typeof date === 'string' && /^\d{4}-\d{2}-\d{2}/.test(date))
    .toSorted((a, b) => Date.parse(String(b)) - Date.parse(String(a)))
    .map(String)[0];
}

/** The end of the day where only that is known. */
function shortlyAfter(asOf: string | undefined): string | undefined {
  const time = Date.parse(asOf ?? '');
  if (asOf === undefined || Number.isNaN(time)) return undefined;
  return new Date(asOf.length === 10 ? time + DAY - MINUTE : time + MINUTE).toISOString();
}
