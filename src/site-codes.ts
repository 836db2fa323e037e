import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Coding } from './cds-hooks.js';
import { ServiceError } from './errors.js';
import { withOwnTexts } from './own-texts.js';

const MOST_CODES = 2_000;
/**
 * Our own long queries go by POST, but clients prefetch by URL, of which servers and proxies take 8 kB with all headers;
 * the patient's id and the server's address come on top.
 */
const LONGEST_QUERY = 6_000;
const MOST_PROBLEMS_NAMED = 10;
const ECG_ORDER = 'ecgOrder';

/** A site's own codes: more of them for our value sets, and those of orders that only a site can name. */
export interface SiteCodes {
  /** Setting and file, for the errors of whoever reads the codes further. */
  source: string;
  /** By title (`Cramp Symptom Observation`) or kebab-case name (`cramp-symptom-observation`) of the value set. */
  valueSets: ReadonlyMap<string, readonly Coding[]>;
  /** By name of the order: `ecgOrder`. */
  orders: ReadonlyMap<string, Coding>;
}

const oneLine = (longest: number) =>
  z
    .string('must be text (a number stands in quotes)')
    .max(longest, `must not be longer than ${longest} characters`)
    .regex(/^\S+( \S+)*$/, 'must be text without blanks around it');

const coding = z.strictObject(
  {
    system: z
      .string('must be text')
      .max(500, 'must not be longer than 500 characters')
      .regex(/^[A-Za-z][A-Za-z0-9+.-]*:\S+$/, 'must be the URI of a code system, such as https://... or urn:...'),
    code: oneLine(100),
    display: oneLine(200).optional(),
  },
  'must be a code: {system, code, display}',
);

const siteCodesFile = z
  .object({ [ECG_ORDER]: coding.optional() }, 'must map names of value sets to lists of codes')
  .catchall(z.array(coding, 'must be a list of codes').min(1, 'must be a list of codes'));

/**
 * Reads the file `SITE_CODES`, YAML or JSON; none when there is no such setting.
 *
 * @throws ServiceError `invalid-config` naming the file and each place that is wrong
 */
export function readSiteCodes(file: string | undefined): SiteCodes {
  if (file === undefined) return { source: 'SITE_CODES', valueSets: new Map(), orders: new Map() };
  const source = `SITE_CODES (${file})`;
  const result = siteCodesFile.safeParse(readYaml(file, source));
  if (!result.success) throw refused(source, result.error.issues.map(problemOf));
  const { [ECG_ORDER]: ecgOrder, ...sets } = result.data;
  // Every other key holds a list: the schema says so of all but this one.
  const valueSets = new Map(Object.entries(sets as Record<string, Coding[]>).map(([name, codes]) => [name, codes]));
  const problems = [...tooMany(valueSets), ...namedTwice(valueSets)];
  if (problems.length > 0) throw refused(source, problems);
  return { source, valueSets, orders: new Map(ecgOrder === undefined ? [] : [[ECG_ORDER, ecgOrder as Coding]]) };
}

/**
 * Results and procedures are asked for by code, so a site's codes make these queries longer.
 *
 * @throws ServiceError `invalid-config` naming the queries that some servers would refuse
 */
export function refuseLongQueries(
  { source, valueSets }: SiteCodes,
  queries: readonly { key: string; template: string }[],
): void {
  const long = queries.filter(({ template }) => template.length > LONGEST_QUERY).map(({ key }) => key);
  if (valueSets.size === 0 || long.length === 0) return;
  throw refused(source, [`makes queries longer than ${LONGEST_QUERY} characters: ${long.join(', ')}`]);
}

function readYaml(file: string, source: string): unknown {
  try {
    return withOwnTexts(parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new ServiceError('invalid-config', `${source} cannot be read as YAML or JSON.`, { cause });
  }
}

/** Our own messages only: none repeats a value. */
function problemOf(issue: z.core.$ZodIssue): string {
  const words = issue.code === 'unrecognized_keys' ? 'has an unknown field' : issue.message;
  return issue.path.length === 0 ? words : `${issue.path.join('.')} ${words}`;
}

function tooMany(valueSets: SiteCodes['valueSets']): string[] {
  const count = [...valueSets.values()].flat().length;
  return count > MOST_CODES ? [`holds ${count} codes, more than ${MOST_CODES}`] : [];
}

/** A slip of the pen: the code meant is probably missing. */
function namedTwice(valueSets: SiteCodes['valueSets']): string[] {
  return [...valueSets].flatMap(([name, codes]) => {
    const keys = codes.map(({ system, code }) => `${system}|${code}`);
    return keys.flatMap((key, index) => (keys.indexOf(key) < index ? [`${name}.${index} names a code again`] : []));
  });
}

function refused(source: string, problems: readonly string[]): ServiceError {
  const named = problems.slice(0, MOST_PROBLEMS_NAMED);
  return new ServiceError('invalid-config', [`${source} is not valid:`, ...named].join('\n  '), {
    problems: named.map((problem) => `${source} ${problem}`),
  });
}
