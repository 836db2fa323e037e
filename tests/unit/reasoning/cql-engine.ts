import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import {
  CqlTranslator,
  LibraryManager,
  ModelManager,
  createLibrarySourceProvider,
  createModelInfoProvider,
  stringAsSource,
} from '@cqframework/cql/cql-to-elm';
import { SystemModelInfoProvider } from '@cqframework/cql/cql';
import {
  CodeService,
  DateTime,
  Executor,
  type Library,
  type PatientObject,
  type ValueSetDictionary,
} from 'cql-execution';
import type { PatientSource } from 'cql-exec-fhir';
import { jest } from '@jest/globals';
import type { Json } from './fhir-records.js';

export const NOW = new DateTime(2026, 5, 17, 12, 0, 0, 0, 0);

const MODEL_INFOS = join(dirname(createRequire(import.meta.url).resolve('cql-exec-fhir')), 'modelInfos');
const MODEL_INFO = readFileSync(join(MODEL_INFOS, 'fhir-modelinfo-4.0.1.xml'), 'utf8');

/** Compiles one CQL library to ELM; throws the first error of the translator. */
export function compileCql(text: string): object {
  const models = new ModelManager();
  models.modelInfoLoader.registerModelInfoProvider(new SystemModelInfoProvider());
  models.modelInfoLoader.registerModelInfoProvider(createModelInfoProvider(() => stringAsSource(MODEL_INFO)));
  const libraries = new LibraryManager(models);
  libraries.librarySourceLoader.registerProvider(createLibrarySourceProvider(() => null));
  const elm = JSON.parse(CqlTranslator.fromText(text, libraries).toJson());
  const error = elm.library.annotation.find((annotation: Json) => annotation['errorSeverity'] === 'error');
  if (error !== undefined) throw new Error(`${error.startLine}: ${error.message}`);
  return elm;
}

/** The oracle: the patient source that comes with the engine, over a Bundle of the resources. */
export function oracleRecord(resources: readonly Json[]): PatientObject {
  const source = oracle();
  source.loadBundles([{ resourceType: 'Bundle', entry: resources.map((resource) => ({ resource })) }]);
  const patient = source.currentPatient();
  if (patient === undefined) throw new Error('no patient');
  return patient;
}

let parsedModelInfo: PatientSource | undefined;

// Reading the model info takes half a second, so one source serves all, emptied each time.
function oracle(): PatientSource {
  parsedModelInfo ??= loadOracle().FHIRv401();
  parsedModelInfo.reset();
  return parsedModelInfo;
}

// Jest's mapping of `.js` to `.ts` also meets the oracle's `….xml.js` files; this gives it what they hold.
function loadOracle(): typeof PatientSource {
  for (const version of ['1.0.2', '3.0.0', '4.0.0', '4.0.1']) {
    const content = version === '4.0.1' ? MODEL_INFO : '';
    jest.mock(join(MODEL_INFOS, `fhir-modelinfo-${version}.xml`), () => content);
  }
  return createRequire(import.meta.url)('cql-exec-fhir').PatientSource;
}

/** Evaluates one expression of a library over a record; an error counts as its result. */
export async function evaluate(
  library: Library,
  expression: string,
  record: PatientObject,
  valueSets: ValueSetDictionary = {},
): Promise<unknown> {
  let waiting: PatientObject | undefined = record;
  const source = { currentPatient: () => waiting, nextPatient: () => (waiting = undefined) };
  try {
    const executor = new Executor(library, new CodeService(valueSets));
    const results = await executor.exec_expression(expression, source, NOW);
    const ofPatient: Json[] = Object.values(results.patientResults);
    return ofPatient[0]?.[expression];
  } catch (error) {
    return `throws ${error instanceof Error ? error.message : String(error)}`;
  }
}
