import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import { compileCql } from '../../src/compile-cql.js';
import type { Folders } from '../../src/folders.js';
import { findingsOf, startComposedService } from '../support/composed-service.js';
import { kidneyPatient, NOW } from '../support/kidney-patient.js';
import { copyKnowledge } from '../support/knowledge-copy.js';

const ROOT = join(import.meta.dirname, '../..');
const MODEL_INFO = createRequire(import.meta.url).resolve('cql-exec-fhir/lib/modelInfos/fhir-modelinfo-4.0.1.xml');
const HEAD = "library Wrong version '1'\n\nusing FHIR version '4.0.1'\n\ncontext Patient\n\n";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cql-'));
  mkdirSync(join(root, 'cql'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function compiled(text: string): string[] {
  writeFileSync(join(root, 'cql', 'Wrong.cql'), text);
  return compileCql(join(root, 'cql'), readFileSync(MODEL_INFO, 'utf8')).errors;
}

describe('CQL that is wrong', () => {
  it.each([
    ['a name that is not defined', 'define "A": "B"\n', /^cql\/Wrong\.cql:7:13 .*\bB\b/],
    ['a type that does not fit', 'define "A":\n  1 + \'x\'\n', /^cql\/Wrong\.cql:8:3 /],
    ['a text that is no CQL', 'define "A" 1\n', /^cql\/Wrong\.cql:7:\d+ /],
    ['a unit that is none', 'define "A": 1 \'parsec/fortnight\'\n', /^cql\/Wrong\.cql:7:\d+ .*parsec/],
  ])('is named with file, line and column: %s', (_, text, message) => {
    const [first] = compiled(HEAD + text);
    expect(first).toMatch(message);
  });

  it('fails the build, which writes no library', () => {
    writeFileSync(join(root, 'cql', 'Wrong.cql'), `${HEAD}define "A": "B"\n`);
    const knowledge = ['elm', 'elm-js'].map((folder) => join(ROOT, 'dist', folder));
    const withoutKnowledge = (path: string) => !knowledge.includes(path);
    cpSync(join(ROOT, 'dist'), join(root, 'dist'), { recursive: true, filter: withoutKnowledge });
    writeFileSync(join(root, 'package.json'), '{"type":"module"}');
    symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
    const { status, stderr } = spawnSync(process.execPath, [join(root, 'dist', 'compile-cql.js')], {
      encoding: 'utf8',
    });
    expect(stderr).toMatch(/^The CQL does not compile\.\ncql\/Wrong\.cql:7:13 /);
    expect(status).toBe(1);
    expect(['elm', 'elm-js'].filter((folder) => existsSync(join(root, 'dist', folder)))).toEqual([]);
  });
});

describe('a number changed in CrampThresholds', () => {
  it('changes the card', async () => {
    const before = readFileSync(join(ROOT, 'cql', 'CrampThresholds.cql'), 'utf8');
    const after = before.replace(/("High Phosphate": \{ )4\.5( 'mg\/dL')/, '$16.5$2');
    expect(after).not.toBe(before);
    // The file of the numbers includes no other, so it can be compiled alone.
    writeFileSync(join(root, 'cql', 'CrampThresholds.cql'), after);
    const { libraries, errors } = compileCql(join(root, 'cql'), readFileSync(MODEL_INFO, 'utf8'));
    expect([errors, [...libraries.keys()]]).toEqual([[], ['CrampThresholds']]);
    const copy = copyKnowledge();
    copy.edit('elm', 'CrampThresholds.json', () => JSON.stringify(libraries.get('CrampThresholds')));

    const patient = kidneyPatient('p', { calcium: 7.8, phosphate: 6.2 });
    const found = await Promise.all([undefined, copy.folders].map((folders) => findingIds(patient, folders)));
    expect(found).toEqual([['low-calcium-phosphate-retention'], ['low-calcium-unclassified']]);
    copy.remove();
  });
});

async function findingIds(patient: FhirResource[], folders: Folders | undefined): Promise<string[]> {
  const service = await startComposedService(folders);
  const { cards } = await service.openChart(patient, NOW);
  await service.close();
  return cards.flatMap(findingsOf).map(({ id }) => id);
}
