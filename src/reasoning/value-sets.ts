import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ServiceError } from '../errors.js';

const GROUP_TAG = 'urn:renal-cramp-cds:prefetch-group';
const LOOK_BACK_TAG = 'urn:renal-cramp-cds:look-back-days';

const enumeratedValueSet = z.object({
  resourceType: z.literal('ValueSet'),
  url: z.url(),
  title: z.string().optional(),
  meta: z.object({ tag: z.array(z.object({ system: z.string(), code: z.string() })) }).optional(),
  compose: z.object({
    include: z
      .array(z.object({ system: z.string().min(1), concept: z.array(z.object({ code: z.string().min(1) })).min(1) }))
      .min(1),
  }),
});

export interface ValueSetCode {
  system: string;
  code: string;
}

/** Codes that join value sets, by title or kebab-case name of the set. */
export interface ExtraCodes {
  /** Where they come from, for errors. */
  source: string;
  valueSets: ReadonlyMap<string, readonly ValueSetCode[]>;
}

/** One enumerated value set, merged from all files that bear its url. */
export interface EnumeratedValueSet {
  url: string;
  title?: string;
  codes: ValueSetCode[];
  /** The prefetch group its results are fetched in. */
  group?: string;
  lookBackDays?: number;
}

/**
 * Reads every `.json` under a folder as an enumerated FHIR ValueSet; files of the same url add up, so that the codes of
 * one terminology can stand (and be removed) in a folder of their own.
 *
 * @throws ServiceError `invalid-knowledge` naming the file that is no such value set
 */
export function readValueSets(folder: string): Map<string, EnumeratedValueSet> {
  if (!existsSync(folder))
    throw new ServiceError('invalid-knowledge', `There is no folder of value sets at ${folder}.`);
  const sets = new Map<string, EnumeratedValueSet>();
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'));
  for (const name of names.sort()) {
    const read = readValueSet(join(folder, name), name);
    const known = sets.get(read.url);
    sets.set(read.url, known === undefined ? read : merged(known, read));
  }
  return sets;
}

function readValueSet(path: string, name: string): EnumeratedValueSet {
  const { url, title, meta, compose } = parseValueSet(path, name);
  const tag = (system: string): string | undefined => meta?.tag.find((each) => each.system === system)?.code;
  const codes = compose.include.flatMap(({ system, concept }) => concept.map(({ code }) => ({ system, code })));
  const group = tag(GROUP_TAG);
  const days = tag(LOOK_BACK_TAG);
  if (days !== undefined && !/^\d+$/.test(days)) {
    throw new ServiceError('invalid-knowledge', `The look-back of the value set ${name} is no number of days.`);
  }
  return {
    url,
    ...(title === undefined ? {} : { title }),
    codes,
    ...(group === undefined ? {} : { group }),
    ...(days === undefined ? {} : { lookBackDays: Number(days) }),
  };
}

function parseValueSet(path: string, name: string): z.infer<typeof enumeratedValueSet> {
  try {
    return enumeratedValueSet.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new ServiceError('invalid-knowledge', `The value set ${name} is not an enumerated FHIR ValueSet.`, { cause });
  }
}

function merged(known: EnumeratedValueSet, added: EnumeratedValueSet): EnumeratedValueSet {
  return { ...added, ...known, codes: [...known.codes, ...added.codes] };
}

/**
 * The value sets with a site's codes joined to them.
 *
 * @throws ServiceError `invalid-config` naming every value set that does not exist
 */
export function withExtraCodes(
  sets: ReadonlyMap<string, EnumeratedValueSet>,
  { source, valueSets }: ExtraCodes,
): Map<string, EnumeratedValueSet> {
  const urls = new Map([...sets.values()].flatMap((set) => namesOf(set).map((name) => [name, set.url])));
  const unknown = [...valueSets.keys()].filter((name) => !urls.has(name.toLowerCase()));
  if (unknown.length > 0) {
    throw new ServiceError(
      'invalid-config',
      `${source} names no value set of ours: ${unknown.slice(0, 10).join(', ')}.`,
    );
  }
  const extra = [...valueSets].map(([name, codes]) => ({ url: urls.get(name.toLowerCase()), codes }));
  const joined = [...sets].map(([url, set]): [string, EnumeratedValueSet] => {
    const added = extra.flatMap((each) => (each.url === url ? each.codes : []));
    return [url, added.length === 0 ? set : { ...set, codes: withoutRepeats([...set.codes, ...added]) }];
  });
  return new Map(joined);
}

/** Lower case: `cramp symptom observation` and `cramp-symptom-observation`. */
function namesOf({ url, title }: EnumeratedValueSet): string[] {
  return [title, url.split('/').at(-1)].flatMap((name) => name?.toLowerCase() ?? []);
}

function withoutRepeats(codes: readonly ValueSetCode[]): ValueSetCode[] {
  const byKey = new Map(codes.map(({ system, code }) => [`${system}|${code}`, { system, code }]));
  return [...byKey.values()];
}
