import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Library, Repository, type ValueSetDictionary } from 'cql-execution';
import fc from 'fast-check';
import type { ValueSet } from 'fhir/r4.js';
import { SEEDS, expectSameResults } from './both-sources.js';
import { type Coding, type Codings, clinicalRecord } from './clinical-records.js';
import type { Json } from './fhir-records.js';

const COMPILED = 'dist/elm';
const describeWhenBuilt = existsSync(COMPILED) ? describe : describe.skip;

describeWhenBuilt('the knowledge (skipped until the build has made dist/elm)', () => {
  it.each(SEEDS)(
    'gives the same findings over generated records (seed %d)',
    async (seed) => {
      const elm = filesUnder(COMPILED).map(readJson);
      const valueSets = valueSetsUnder('cql/valuesets');
      const libraries = librariesWithFinding(elm);
      expect(libraries).not.toEqual([]);
      const property = fc.asyncProperty(clinicalRecord(codingsRetrieved(elm, valueSets)), (record) =>
        expectSameResults(libraries, valueSets, record),
      );
      await fc.assert(property, { seed, numRuns: 6 });
    },
    60_000,
  );
});

function librariesWithFinding(elm: readonly Json[]): Library[] {
  const repository = new Repository(Object.fromEntries(elm.map((library) => [idOf(library), library])));
  return elm.map((library) => new Library(library, repository)).filter(({ expressions }) => 'Finding' in expressions);
}

/** The codes of each value set by which a type is retrieved, or those of all where it is by none. */
function codingsRetrieved(elm: readonly Json[], valueSets: ValueSetDictionary): Codings {
  const urls = new Map(textMatches(elm, /"name":"([^"]+)","id":"([^"]+)"/g));
  const retrieves = textMatches(
    elm,
    /"dataType":"\{[^}]+\}(\w+)"[^}]*"type":"ValueSetRef","locator":"[^"]*","name":"([^"]+)"/g,
  );
  return (type) => {
    const names = new Set(retrieves.filter(([retrieved]) => retrieved === type).map(([, name]) => name));
    const wanted = names.size === 0 ? Object.keys(valueSets) : [...names].map((name) => urls.get(name) ?? '');
    return wanted.map((url) => Object.values(valueSets[url] ?? {}).flat()).filter((codings) => codings.length > 0);
  };
}

function textMatches(elm: readonly Json[], pattern: RegExp): [string, string][] {
  return [...JSON.stringify(elm).matchAll(pattern)].map(([, first = '', second = '']) => [first, second]);
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(folder, name));
}

function readJson(file: string): Json {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function idOf(elm: Json): string {
  const { library } = elm as { library: { identifier: { id: string } } }; // written by the translator
  return library.identifier.id;
}

function valueSetsUnder(folder: string): ValueSetDictionary {
  const valueSets = filesUnder(folder).map((file) => readJson(file) as unknown as ValueSet); // checked by the build
  return Object.fromEntries(
    valueSets.map((valueSet) => [valueSet.url ?? '', { [valueSet.version ?? '']: codesIn(valueSet) }]),
  );
}

function codesIn(valueSet: ValueSet): Coding[] {
  const included = valueSet.compose?.include ?? [];
  return included.flatMap(({ system = '', concept = [] }) => concept.map(({ code }) => ({ system, code })));
}
