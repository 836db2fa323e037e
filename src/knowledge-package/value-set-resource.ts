import type { ValueSet } from 'fhir/r4.js';
import { z } from 'zod';
import type { PackageSource } from './package-source.js';
import { publication } from './publication.js';

const concept = z.object({ code: z.string(), display: z.string().exactOptional() });
const valueSetFile = z.object({
  id: z.string(),
  url: z.url(),
  name: z.string(),
  title: z.string(),
  description: z.string(),
  copyright: z.string().exactOptional(),
  compose: z.object({ include: z.array(z.object({ system: z.string(), concept: z.array(concept) })) }),
});
type ValueSetFile = z.infer<typeof valueSetFile>;

/** One ValueSet for each url, of all files that bear it, enumerated and expanded. */
export function valueSetResources(source: PackageSource): ValueSet[] {
  const byUrl = new Map<string, ValueSetFile[]>();
  for (const file of source.valueSets.map((each) => valueSetFile.parse(each))) {
    byUrl.set(file.url, [...(byUrl.get(file.url) ?? []), file]);
  }
  return [...byUrl.values()].map((files) => valueSetOf(files, source));
}

function valueSetOf(files: readonly ValueSetFile[], source: PackageSource): ValueSet {
  // The file without a terminology's name in its id is the set itself; a set may also have but one of that kind.
  const [main] = files.toSorted((one, other) => one.name.length - other.name.length);
  if (main === undefined) throw new Error('A value set is made of at least one file.');
  const id = main.url.slice(main.url.lastIndexOf('/') + 1);
  const copyrights = new Set(files.flatMap(({ copyright }) => copyright ?? []));
  const include = joined(files.flatMap(({ compose }) => compose.include));
  const contains = include.flatMap(({ system, concept: concepts }) => concepts.map((each) => ({ system, ...each })));
  return {
    ...publication('ValueSet', id, source, {
      name: main.name.replace(/SnomedCt$/, ''),
      title: main.title,
      ...(copyrights.size === 0 ? {} : { copyright: [...copyrights].join('\n\n') }),
    }),
    description: files.map(({ description }) => description).join(' '),
    compose: { include },
    expansion: {
      identifier: `${main.url}/expansion/${source.version}`,
      timestamp: source.date,
      total: contains.length,
      contains,
    },
  };
}

/** One entry for each code system, each code once. */
function joined(includes: ValueSetFile['compose']['include']): ValueSetFile['compose']['include'] {
  const bySystem = new Map<string, Map<string, z.infer<typeof concept>>>();
  for (const { system, concept: concepts } of includes) {
    const known = bySystem.get(system) ?? new Map<string, z.infer<typeof concept>>();
    for (const each of concepts) if (!known.has(each.code)) known.set(each.code, each);
    bySystem.set(system, known);
  }
  return [...bySystem].map(([system, concepts]) => ({ system, concept: [...concepts.values()] }));
}
