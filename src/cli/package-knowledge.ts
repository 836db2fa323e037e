import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCardTemplates } from '../cards/card-template.js';
import { HOOK_NAMES } from '../cds-hooks.js';
import { compileCql, readModelInfo } from '../compile-cql.js';
import { serviceId } from '../compose.js';
import { ServiceError } from '../errors.js';
import { FOLDERS } from '../folders.js';
import { findingShapes } from '../knowledge-package/finding-shape.js';
import { packageFiles, packageResources, packageTransaction } from '../knowledge-package/knowledge-package.js';
import {
  dayOfVersion,
  type PackageSource,
  SERVICES_LIBRARY,
  withVersion,
} from '../knowledge-package/package-source.js';
import { servicesCql } from '../knowledge-package/services-cql.js';
import { tarGzip } from '../knowledge-package/tar-gzip.js';
import { prefetchQueries } from '../patient-data/prefetch-templates.js';
import { readPolicy } from '../policy.js';
import { loadKnowledge } from '../reasoning/knowledge.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CQL = join(ROOT, 'cql');
const OUTPUT = join(ROOT, 'dist');

/** The knowledge as its files stand, the library for the PlanDefinitions added, everything compiled in one version. */
function readSource(): PackageSource {
  const knowledge = loadKnowledge(FOLDERS);
  const policy = readPolicy(join(FOLDERS.cards, 'policy.yaml'));
  const { version } = policy;
  const date = dayOfVersion(readFileSync(join(CQL, 'README.md'), 'utf8'), version);
  if (date === undefined) {
    throw new ServiceError('invalid-knowledge', `The clinical changes in cql/README.md do not name ${version}.`);
  }
  const templates = readCardTemplates(FOLDERS.cards, knowledge.cardWords);
  const own = new Map(filesIn(CQL, '.cql').map((file) => [basename(file, '.cql'), readFileSync(file, 'utf8')]));
  const cql = new Map([...own].map(([name, text]) => [name, withVersion(text, version)]));
  const built = new Map(
    filesIn(FOLDERS.elm, '.json').map((file) => [basename(file, '.json'), readFileSync(file, 'utf8')]),
  );
  cql.set(SERVICES_LIBRARY, servicesCql({ version, policy, templates }, findingShapes(built)));
  return {
    version,
    date,
    cql,
    elm: compiled(cql),
    valueSets: filesIn(FOLDERS.valueSets, '.json').map((file) => JSON.parse(readFileSync(file, 'utf8')) as object), // checked by loadKnowledge
    templates,
    policy,
    services: HOOK_NAMES.map((hook) => ({ id: serviceId(hook), hook })),
    queries: prefetchQueries(knowledge.requirements).map(({ resourceType, template }) => ({
      // Types of FHIR: the translator refuses a retrieve of any other.
      resourceType: resourceType as PackageSource['queries'][number]['resourceType'],
      template,
    })),
  };
}

function filesIn(folder: string, end: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith(end));
  return names.sort().map((name) => join(folder, name));
}

/** The translator reads a folder. */
function compiled(cql: ReadonlyMap<string, string>): Map<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'knowledge-'));
  try {
    for (const [name, text] of cql) writeFileSync(join(folder, `${name}.cql`), text);
    const { libraries, errors } = compileCql(folder, readModelInfo());
    if (errors.length > 0) throw new ServiceError('invalid-knowledge', errors.slice(0, 5).join('\n'));
    return new Map([...libraries].map(([name, elm]) => [name, JSON.stringify(elm)]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function writePackage(): void {
  const source = readSource();
  const resources = packageResources(source);
  mkdirSync(OUTPUT, { recursive: true });
  writeFileSync(join(OUTPUT, 'package.tgz'), tarGzip(packageFiles(resources, source)));
  writeFileSync(join(OUTPUT, 'package-transaction.json'), `${JSON.stringify(packageTransaction(resources))}\n`);
  process.stdout.write(
    `dist/package.tgz and dist/package-transaction.json: ${String(resources.length)} resources, knowledge ${source.version} of ${source.date}\n`,
  );
}

try {
  writePackage();
} catch (error) {
  if (!(error instanceof ServiceError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
