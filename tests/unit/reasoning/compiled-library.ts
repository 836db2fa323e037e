import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CodeService, type ValueSetDictionary } from 'cql-execution';
import { compileCql } from '../../../src/compile-cql.js';
import { compileElm } from '../../../src/elm-compiler/compile-elm.js';
import { elmMark } from '../../../src/reasoning/elm-mark.js';
import { CompiledRun } from '../../../src/reasoning/elm-runtime/compiled-run.js';
import { loadCompiled } from '../../../src/reasoning/elm-runtime/load-compiled.js';
import { openRecord } from '../../../src/reasoning/record-source.js';
import { RECORD_MODEL } from './both-sources.js';
import { NOW } from './cql-engine.js';

export const SYSTEM = 'http://loinc.org';
export const VALUE_SETS: ValueSetDictionary = { 'urn:set': { '1': [{ code: 'a', system: SYSTEM, version: '1' }] } };

const coded = (code: string, system = SYSTEM) => ({ coding: [{ system, code }] });
const RESOURCES = [
  { resourceType: 'Patient', id: 'p', birthDate: '1958-03-09', gender: 'female' },
  {
    resourceType: 'Observation',
    id: 'o1',
    status: 'final',
    code: coded('a'),
    effectiveDateTime: '2026-05-16',
    valueQuantity: { value: 7.8, code: 'mg/dL' },
  },
  { resourceType: 'Observation', id: 'o2', status: 'final', code: coded('a', 'urn:other'), valueString: 'text' },
  {
    resourceType: 'Observation',
    id: 'o3',
    status: 'amended',
    code: coded('b'),
    effectivePeriod: { start: '2026-05-17T10:00:00Z' },
  },
];

const modelInfo = createRequire(import.meta.url).resolve('cql-exec-fhir/lib/modelInfos/fhir-modelinfo-4.0.1.xml');
export const folder = mkdtempSync(join(tmpdir(), 'compiled-'));
/** ELM as the build makes it. */
export function elmOf(name: string, cql: string): string {
  const source = mkdtempSync(join(folder, 'cql-'));
  writeFileSync(join(source, `${name}.cql`), cql);
  const { libraries, errors } = compileCql(source, readFileSync(modelInfo, 'utf8'));
  if (errors.length > 0) throw new Error(errors.join());
  return JSON.stringify(libraries.get(name));
}

export function compiledLibrary(elm: string, name: string) {
  const { modules, refused } = compileElm(new Map([[name, elm]]));
  if (refused.size > 0) throw new Error([...refused.values()].join());
  for (const [file, module] of modules) writeFileSync(join(folder, `${file}.cjs`), module);
  const libraries = loadCompiled(folder, new Map([[name, elmMark(elm)]]), new CodeService(VALUE_SETS));
  const library = libraries.get(name);
  if (library === undefined) throw new Error(`${name} is not compiled.`);
  return new CompiledRun({ record: record(), now: NOW, parameters: {} }).library(library);
}

export function record() {
  // Written above as FHIR has it.
  return openRecord(RECORD_MODEL, RESOURCES as never[], { patientId: 'p', offsetMinutes: 0 });
}

/** As one would write it down. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`;
  if (typeof value === 'object' && 'isInterval' in value) {
    const { low, high } = value as unknown as { low: unknown; high: unknown };
    return `[${shown(low)}, ${shown(high)}]`;
  }
  if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    return `{${Object.entries(value)
      .map(([name, each]) => `${name}: ${shown(each)}`)
      .join(', ')}}`;
  }
  return (value as { toString(): string }).toString();
}
