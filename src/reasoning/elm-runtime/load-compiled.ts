import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type CodeService, DateTime } from 'cql-execution';
import { type CompiledLibrary, CompiledRun, type LibraryClass, type RecordParts } from './compiled-run.js';
import { createRuntime, type Runtime } from './runtime.js';

/** What the build writes for one library. */
interface CompiledModule {
  /** Mark of the ELM it was made of. */
  elm: string;
  /** Names of the libraries it includes. */
  includes: string[];
  /** Names of the defines that say the same of every patient. */
  constants: string[];
  define: (runtime: Runtime) => LibraryClass;
}

/**
 * Loads the libraries that the build has compiled. One that is missing, was made of another ELM, or includes such a one
 * is left out: the interpreter runs it.
 *
 * @param marks of the ELM that is loaded, by library name
 */
export function loadCompiled(
  folder: string,
  marks: ReadonlyMap<string, string>,
  codeService: CodeService,
): Map<string, CompiledLibrary> {
  const require = createRequire(import.meta.url);
  const modules = new Map<string, CompiledModule>();
  for (const [name, mark] of marks) {
    const path = join(folder, `${name}.cjs`);
    // Our own build wrote it.
    const compiled = existsSync(path) ? (require(path) as CompiledModule) : undefined;
    if (compiled?.elm === mark) modules.set(name, compiled);
  }
  const runtime = createRuntime(codeService);
  const kept = whole(modules);
  const libraries = new Map([...kept.keys()].map((name) => [name, runtime.library(name)]));
  for (const [name, { define }] of kept) runtime.library(name).made = define(runtime);
  for (const [name, { constants }] of kept) rememberConstants(runtime.library(name), constants);
  return libraries;
}

/** A constant that cannot be computed is left to each request, which then says what is wrong with it. */
function rememberConstants(compiled: CompiledLibrary, constants: readonly string[]): void {
  const library = new CompiledRun({ record: NO_RECORD, now: new DateTime(2000), parameters: {} }).library(compiled);
  for (const constant of constants) {
    try {
      library.answer(constant);
    } catch {
      continue;
    }
  }
  if (compiled.made !== undefined) compiled.made.known = [...library.known];
}

/** No constant reads the record. */
const NO_RECORD: RecordParts = { findRecords: () => [], recordsFor: () => [] };

/** Those of which everything they include is there too. */
function whole(modules: ReadonlyMap<string, CompiledModule>): ReadonlyMap<string, CompiledModule> {
  const kept = [...modules].filter(([, { includes }]) => includes.every((name) => modules.has(name)));
  return kept.length === modules.size ? modules : whole(new Map(kept));
}
