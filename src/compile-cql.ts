/** Build step: cql/ -> dist/elm and dist/fhir-model.json. Any translator error stops the build with file, line and column. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { SystemModelInfoProvider } from '@cqframework/cql/cql';
import {
  CqlCompilerOptions,
  CqlTranslator,
  LibraryBuilder,
  LibraryManager,
  ModelManager,
  createLibrarySourceProvider,
  createModelInfoProvider,
  createUcumService,
  stringAsSource,
} from '@cqframework/cql/cql-to-elm';
import { UcumLhcUtils } from '@lhncbc/ucum-lhc';
import { compileElm } from './elm-compiler/compile-elm.js';
import { fhirModelFrom } from './fhir-model.js';

/** Retrieves by value set carry this warning although they are right; nothing else may be warned about. */
const HARMLESS_WARNING = 'Could not resolve membership operator';

interface TranslatorMessage {
  libraryId: string;
  startLine?: number;
  startChar?: number;
  message: string;
  errorType: string;
  errorSeverity: 'error' | 'warning' | 'info';
}

interface ElmLibrary {
  library: { identifier: { id: string }; annotation?: { type: string }[] };
}

/** The ELM of every library by name, or the translator's complaints, one readable line each. */
export interface Compilation {
  libraries: Map<string, ElmLibrary>;
  errors: string[];
}

/** Compiles every `.cql` file under `folder`; never throws for wrong CQL. */
export function compileCql(folder: string, modelInfoXml: string): Compilation {
  const files = cqlFiles(folder);
  const manager = libraryManager(files, modelInfoXml);
  const libraries = new Map<string, ElmLibrary>();
  const messages: TranslatorMessage[] = [];
  for (const [name, file] of files) {
    // The translator's JSON is ELM by its own schema; only identifier and annotation are read here.
    const elm = JSON.parse(CqlTranslator.fromText(readFileSync(file, 'utf8'), manager).toJson()) as ElmLibrary;
    messages.push(...messagesOf(elm));
    delete elm.library.annotation;
    libraries.set(name, elm);
    if (messages.length > 0) break; // what includes a wrong library only repeats its errors, at great length
  }
  return { libraries, errors: readable(messages, files, folder) };
}

/** Of FHIR R4: what the translator knows of the patient's resources. */
export function readModelInfo(): string {
  const require = createRequire(import.meta.url);
  return readFileSync(require.resolve('cql-exec-fhir/lib/modelInfos/fhir-modelinfo-4.0.1.xml'), 'utf8');
}

function cqlFiles(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const cql = names.filter((name) => name.endsWith('.cql')).sort();
  const files = new Map(cql.map((name) => [basename(name, '.cql'), join(folder, name)]));
  return new Map([...files].sort(([a], [b]) => depth(a, files) - depth(b, files)));
}

/** How many libraries stand below this one: included libraries come first. */
function depth(name: string, files: ReadonlyMap<string, string>): number {
  const file = files.get(name);
  if (file === undefined) return 0;
  const included = [...readFileSync(file, 'utf8').matchAll(/^include (\w+)/gm)].map((match) => match[1] ?? '');
  return 1 + Math.max(0, ...included.map((each) => depth(each, files)));
}

function libraryManager(files: ReadonlyMap<string, string>, modelInfoXml: string): LibraryManager {
  const models = new ModelManager();
  models.modelInfoLoader.registerModelInfoProvider(new SystemModelInfoProvider());
  models.modelInfoLoader.registerModelInfoProvider(
    createModelInfoProvider((id, _system, version) =>
      id === 'FHIR' && version === '4.0.1' ? source(modelInfoXml) : null,
    ),
  );
  const manager = new LibraryManager(models, compilerOptions(), null, unitValidation());
  manager.librarySourceLoader.registerProvider(
    createLibrarySourceProvider((id) => {
      const file = files.get(id);
      return file === undefined ? null : source(readFileSync(file, 'utf8'));
    }),
  );
  return manager;
}

/** The translator types its sources as `any`. */
function source(text: string): unknown {
  return stringAsSource(text);
}

function compilerOptions(): CqlCompilerOptions {
  const { Options } = CqlCompilerOptions;
  const options = new CqlCompilerOptions();
  options.setOptions([
    Options.EnableLocators,
    Options.EnableDetailedErrors,
    Options.DisableListDemotion,
    Options.DisableListPromotion,
  ]);
  options.signatureLevel = LibraryBuilder.SignatureLevel.Overloads;
  options.compatibilityLevel = '1.5';
  return options;
}

function unitValidation(): ReturnType<typeof createUcumService> {
  const ucum = UcumLhcUtils.getInstance();
  const unused = (): never => {
    throw new Error('the build only validates units');
  };
  return createUcumService(
    unused,
    (unit: string) => {
      const answer = ucum.validateUnitString(unit);
      return answer.status === 'valid' ? null : (answer.msg?.[0] ?? unit);
    },
    unused,
    unused,
  );
}

function messagesOf(elm: ElmLibrary): TranslatorMessage[] {
  const annotations = elm.library.annotation ?? [];
  // Annotations of this type have the translator's message shape.
  const messages = annotations.filter((each) => each.type === 'CqlToElmError') as unknown as TranslatorMessage[];
  return messages.filter((each) => !each.message.includes(HARMLESS_WARNING));
}

/** One mistake cascades through every including library, so each place is named once. */
function readable(messages: TranslatorMessage[], files: ReadonlyMap<string, string>, folder: string): string[] {
  const lines = messages.map(({ libraryId, startLine, startChar, message }) => {
    const file = files.get(libraryId);
    const place = file === undefined ? libraryId : relative(join(folder, '..'), file);
    return `${place}:${String(startLine ?? 0)}:${String(startChar ?? 0)} ${message}`;
  });
  return [...new Set(lines)];
}

/** The resource types that some library retrieves. */
function retrievedTypes(libraries: Iterable<ElmLibrary>): string[] {
  const found = JSON.stringify([...libraries]).matchAll(/"dataType":"\{http:\/\/hl7\.org\/fhir\}([A-Za-z]+)"/g);
  return [...new Set([...found].flatMap((match) => match[1] ?? []))].sort();
}

/** What cannot be compiled is interpreted, and so costs time: the build says so. */
function writeCompiled(texts: ReadonlyMap<string, string>, output: string): void {
  const { modules, refused } = compileElm(texts);
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  for (const [name, text] of modules) writeFileSync(join(output, `${name}.cjs`), text);
  for (const [name, reason] of refused) process.stderr.write(`${name} is not compiled but interpreted: ${reason}\n`);
}

function build(root: string): void {
  const modelInfoXml = readModelInfo();
  const { libraries, errors } = compileCql(join(root, 'cql'), modelInfoXml);
  if (errors.length > 0) {
    process.stderr.write(`The CQL does not compile.\n${errors.slice(0, 20).join('\n')}\n`);
    process.exitCode = 1;
    return;
  }
  const output = join(root, 'dist', 'elm');
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  const texts = new Map([...libraries].map(([name, elm]) => [name, JSON.stringify(elm)]));
  for (const [name, text] of texts) writeFileSync(join(output, `${name}.json`), text);
  writeCompiled(texts, join(root, 'dist', 'elm-js'));
  const model = fhirModelFrom(modelInfoXml, retrievedTypes(libraries.values()));
  writeFileSync(join(root, 'dist', 'fhir-model.json'), JSON.stringify(model));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) build(fileURLToPath(new URL('..', import.meta.url)));
