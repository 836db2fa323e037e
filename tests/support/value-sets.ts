import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

export const FOLDER = path.join(import.meta.dirname, '../../cql/valuesets');
const SNOMED_FOLDER = path.join(FOLDER, 'snomed-ct');
export const URL_BASE = 'https://renal-cramp-cds.org/ValueSet/';

export const LOINC = 'http://loinc.org';
export const SNOMED = 'http://snomed.info/sct';
export const ICD_10_CM = 'http://hl7.org/fhir/sid/icd-10-cm';
export const ICD_9_CM = 'http://hl7.org/fhir/sid/icd-9-cm';
export const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm';
export const ATC = 'http://www.whocc.no/atc';
export const INGREDIENT_NAME = 'urn:renal-cramp-cds:ingredient-name';

const tag = z.strictObject({ system: z.string(), code: z.string() });
/** A value set as this project writes them: enumerated, with a display for every code. */
const ValueSet = z.strictObject({
  resourceType: z.literal('ValueSet'),
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  meta: z.strictObject({ tag: z.array(tag).length(2) }).optional(),
  url: z.string().startsWith(URL_BASE),
  version: z.literal('0.1.0'),
  name: z.string().regex(/^[A-Z][A-Za-z0-9]*$/),
  title: z.string().min(3),
  status: z.literal('draft'),
  experimental: z.literal(false),
  description: z.string().regex(/^[A-Z0-9].*\.$/),
  copyright: z.string().optional(),
  compose: z.strictObject({
    include: z
      .array(
        z.strictObject({
          system: z.string(),
          concept: z.array(z.strictObject({ code: z.string(), display: z.string().min(2) })).min(1),
        }),
      )
      .min(1),
  }),
});
type ValueSet = z.infer<typeof ValueSet>;

/** A value set and the name of its file, without the ending. */
export interface Kept {
  file: string;
  valueSet: ValueSet;
}

function read(folder: string): Kept[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return names.map((name) => ({
    file: name.replace('.json', ''),
    valueSet: ValueSet.parse(JSON.parse(readFileSync(path.join(folder, name), 'utf8'))),
  }));
}

/** The value sets that stay when the SNOMED CT folder is removed. */
export const open = read(FOLDER);
export const snomed = read(SNOMED_FOLDER);
export const all = [...open, ...snomed];

export function codings({ compose }: ValueSet): { system: string; code: string; display: string }[] {
  return compose.include.flatMap(({ system, concept }) => concept.map((one) => ({ system, ...one })));
}

/** All codes of one system in the sets of one title, SNOMED CT included. */
export function codesOf(title: string, system: string): string[] {
  const sets = all.filter(({ valueSet }) => valueSet.title === title);
  return sets.flatMap(({ valueSet }) =>
    codings(valueSet)
      .filter((one) => one.system === system)
      .map((one) => one.code),
  );
}
