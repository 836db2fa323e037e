import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundle, Condition, FhirResource, Observation, Quantity } from 'fhir/r4.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** One patient of open data, as the record stood at one moment. */
export interface RealPatient {
  file: string;
  id: string;
  resources: FhirResource[];
  /** A little after the moment the record is seen from. */
  now: Date;
}

/** The folder of the FHIR Bundles: `REAL_PATIENTS` (empty for none), else beside the repository; undefined without one. */
export function realPatientsFolder(): string | undefined {
  const named = process.env['REAL_PATIENTS'];
  if (named === '') return undefined;
  if (named !== undefined && !existsSync(named)) throw new Error('REAL_PATIENTS names a folder that is not there.');
  const folder = named ?? join(import.meta.dirname, '../../../shared/data/patients');
  return existsSync(folder) ? folder : undefined;
}

export function readRealPatients(folder: string): RealPatient[] {
  const manifest: Record<string, { asOf: string }> = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  const files = readdirSync(folder).filter((name) => name.endsWith('.json') && name !== 'manifest.json');
  return files.sort().map((file) => {
    const bundle: Bundle = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    const resources = asOnAServer(bundle);
    const asOf = bundle.timestamp ?? manifest[file]?.asOf;
    const id = resources.find(({ resourceType }) => resourceType === 'Patient')?.id;
    if (asOf === undefined || id === undefined) throw new Error(`${file} has no moment or no patient.`);
    return { file, id, resources, now: shortlyAfter(asOf) };
  });
}

/** As a server keeps a transaction: every resource with an id, and references within it (`urn:uuid:…`) by those ids. */
function asOnAServer({ entry = [] }: Bundle): FhirResource[] {
  const kept = entry.flatMap(({ fullUrl = '', resource }) => {
    if (resource === undefined) return [];
    return [{ fullUrl, resource: { ...resource, id: resource.id ?? fullUrl.replace('urn:uuid:', '') } }];
  });
  let text = JSON.stringify(kept.map(({ resource }) => resource));
  for (const { fullUrl, resource } of kept.filter((each) => each.fullUrl.startsWith('urn:'))) {
    text = text.replaceAll(`"reference":"${fullUrl}"`, `"reference":"${resource.resourceType}/${resource.id}"`);
  }
  return JSON.parse(text);
}

/** The end of the day where only that is known. */
function shortlyAfter(asOf: string): Date {
  return asOf.length === 10 ? new Date(Date.parse(asOf) + DAY - MINUTE) : new Date(Date.parse(asOf) + MINUTE);
}

/** Nobody of them has a recorded cramp: one of ten days ago. */
export function withCramp({ id, resources, now }: RealPatient): FhirResource[] {
  const cramp: Condition = {
    resourceType: 'Condition',
    id: 'added-cramp',
    subject: { reference: `Patient/${id}` },
    clinicalStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
    },
    code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'R25.2', display: 'Cramp and spasm' }] },
    recordedDate: new Date(now.getTime() - 10 * DAY).toISOString(),
  };
  return [...resources, cramp];
}

/** Does the resource carry this number in this unit? The service writes units as UCUM does, the record as it likes. */
export function carries(resource: FhirResource | undefined, value: number, unit: string): boolean {
  if (resource?.resourceType !== 'Observation') return false;
  return quantitiesOf(resource).some(
    (quantity) => quantity.value === value && [quantity.code, quantity.unit].some((name) => sameUnit(name ?? '', unit)),
  );
}

function quantitiesOf({ valueQuantity, component = [] }: Observation): Quantity[] {
  return [valueQuantity, ...component.map((each) => each.valueQuantity)].filter((quantity) => quantity !== undefined);
}

/** Spellings of the same number. */
const SAME_NUMBER: Readonly<Record<string, string>> = {
  'iu/l': 'u/l',
  'ng/l': 'pg/ml',
  'ug/l': 'ng/ml',
  'ml/min': 'ml/min/1.73m2',
};

function sameUnit(one: string, other: string): boolean {
  const plain = (unit: string): string => {
    const spelt = unit.toLowerCase().replace(/[{}_[\]]/g, '');
    return SAME_NUMBER[spelt] ?? spelt;
  };
  return plain(one) === plain(other);
}
