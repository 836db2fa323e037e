import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodeService, Library } from 'cql-execution';
import { ServiceError } from '../errors.js';
import { type DataRequirement, INGREDIENT_NAME_SYSTEM } from '../patient-record.js';
import { dataRequirements } from './data-requirements.js';
import { type ElmLibrary, readElmLibrary } from './elm-library.js';
import { elmMark } from './elm-mark.js';
import type { CompiledLibrary } from './elm-runtime/compiled-run.js';
import { loadCompiled } from './elm-runtime/load-compiled.js';
import type { FhirModel } from './fhir-model-type.js';
import { bedsideLookBacks, type LookBacks } from './newest-results.js';
import { createRecordModel, type RecordModel } from './record-source.js';
import { type EnumeratedValueSet, type ExtraCodes, readValueSets, withExtraCodes } from './value-sets.js';

/** The one expression a knowledge library answers. */
export const FINDING_EXPRESSION = 'Finding';
/** The values its card may name. */
const WORDS_EXPRESSION = 'Card Words';

export interface KnowledgeFolders {
  /** ELM, one JSON file per library. */
  elm: string;
  /** The same libraries compiled to JavaScript; what is not there is interpreted. */
  compiledElm?: string;
  valueSets: string;
  /** The FHIR types the build took from the model info. */
  fhirModel: string;
}

/** Everything the engine needs, loaded and checked once at start; holds nothing of any patient. */
export interface Knowledge {
  /** Libraries with a `Finding`, by name. */
  libraries: ReadonlyMap<string, Library>;
  /** These and all that they include, by name: ready to run, and as they can be read. */
  everyLibrary: ReadonlyMap<string, { runnable: Library; elm: ElmLibrary }>;
  /** The names each library's card may use. */
  cardWords: ReadonlyMap<string, readonly string[]>;
  /** Those that run compiled; the others are interpreted. */
  compiled: ReadonlyMap<string, CompiledLibrary>;
  /** Enumerated, a site's own codes among them; by url. */
  valueSets: ReadonlyMap<string, EnumeratedValueSet>;
  codeService: CodeService;
  recordModel: RecordModel;
  /** For how long everything of a code is looked at, where the newest results are not enough. */
  lookBacks: LookBacks;
  requirements: DataRequirement[];
  /** Names by which a drug without a known coding is recognised. */
  ingredientNames: ReadonlySet<string>;
}

interface Elm {
  library: {
    identifier: { id: string };
    statements?: { def: { name: string; expression?: { type: string; element?: { name: string }[] } }[] };
  };
}

const NO_CODES: ExtraCodes = { source: '', valueSets: new Map() };

/**
 * Loads the compiled knowledge, a site's own codes joined to its value sets.
 *
 * @throws ServiceError `invalid-knowledge` naming the file or definition that is wrong; `invalid-config` when a code is
 * for a value set that does not exist
 */
export function loadKnowledge(folders: KnowledgeFolders, siteCodes: ExtraCodes = NO_CODES): Knowledge {
  try {
    return loaded(folders, siteCodes);
  } catch (cause) {
    if (cause instanceof ServiceError) throw cause;
    // What our own build writes is not checked place by place: a damaged file shows when it is taken apart.
    throw new ServiceError('invalid-knowledge', 'The compiled knowledge is damaged: run the build.', { cause });
  }
}

function loaded(folders: KnowledgeFolders, siteCodes: ExtraCodes): Knowledge {
  const texts = readElms(folders.elm);
  const elms = new Map([...texts].map(([name, text]) => [name, parseElm(text, `${name}.json`)]));
  const valueSets = withExtraCodes(readValueSets(folders.valueSets), siteCodes);
  const codeService = codeServiceOf(valueSets);
  const marks = new Map([...texts].map(([name, text]) => [name, elmMark(text)]));
  const libraries = buildLibraries(elms);
  const answering = [...elms].filter(([, elm]) => defines(elm, FINDING_EXPRESSION)).map(([name]) => name);
  return {
    libraries: new Map(answering.map((name) => [name, built(libraries, name)])),
    everyLibrary: new Map(
      [...elms].map(([name, elm]) => [name, { runnable: built(libraries, name), elm: readElmLibrary(name, elm) }]),
    ),
    cardWords: new Map(answering.map((name) => [name, wordsOf(elms.get(name))])),
    valueSets,
    compiled: folders.compiledElm === undefined ? new Map() : loadCompiled(folders.compiledElm, marks, codeService),
    codeService,
    recordModel: createRecordModel(parseJson(readText(folders.fhirModel), folders.fhirModel) as FhirModel), // our own build wrote it
    lookBacks: bedsideLookBacks(valueSets.values()),
    requirements: dataRequirements(elms, valueSets),
    ingredientNames: new Set(
      [...valueSets.values()].flatMap(({ codes }) =>
        codes.filter(({ system }) => system === INGREDIENT_NAME_SYSTEM).map(({ code }) => code),
      ),
    ),
  };
}

function readElms(folder: string): Map<string, string> {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  if (names.length === 0) throw new ServiceError('invalid-knowledge', 'There is no compiled knowledge: run the build.');
  return new Map(names.sort().map((name) => [name.replace(/\.json$/, ''), readText(join(folder, name))]));
}

function parseElm(text: string, path: string): Elm {
  // ELM is written by our own build; a damaged file shows when a library is made of it.
  return parseJson(text, path) as Elm;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ServiceError('invalid-knowledge', `${path} cannot be read.`, { cause });
  }
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ServiceError('invalid-knowledge', `${path} cannot be read as JSON.`, { cause });
  }
}

/** Each library is made once and shared by all that include it. */
function buildLibraries(elms: ReadonlyMap<string, Elm>): Map<string, Library> {
  const libraries = new Map<string, Library>();
  const repository = {
    resolve(name: string): Library {
      const known = libraries.get(name);
      if (known !== undefined) return known;
      const library = makeLibrary(name, elms.get(name), repository);
      libraries.set(name, library);
      return library;
    },
  };
  for (const name of elms.keys()) repository.resolve(name);
  return libraries;
}

/** Of libraries that include each other, the innermost that is wrong is named. */
function makeLibrary(name: string, elm: Elm | undefined, repository: { resolve(name: string): Library }): Library {
  try {
    return new Library(elm, repository);
  } catch (cause) {
    if (cause instanceof ServiceError) throw cause;
    throw new ServiceError('invalid-knowledge', `The library ${name} cannot be loaded.`, { cause });
  }
}

function built(libraries: ReadonlyMap<string, Library>, name: string): Library {
  const library = libraries.get(name);
  if (library === undefined) throw new ServiceError('invalid-knowledge', `The library ${name} is missing.`);
  return library;
}

function defines(elm: Elm, expression: string): boolean {
  return elm.library.statements?.def.some(({ name }) => name === expression) ?? false;
}

function wordsOf(elm: Elm | undefined): string[] {
  const words = elm?.library.statements?.def.find(({ name }) => name === WORDS_EXPRESSION);
  return words?.expression?.element?.map(({ name }) => name) ?? [];
}

function codeServiceOf(valueSets: ReadonlyMap<string, EnumeratedValueSet>): CodeService {
  const version = '1';
  const entries = [...valueSets.values()].map(
    ({ url, codes }) => [url, { [version]: codes.map((code) => ({ ...code, version })) }] as const,
  );
  return new CodeService(Object.fromEntries(entries));
}
