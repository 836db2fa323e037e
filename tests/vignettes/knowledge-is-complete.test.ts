import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readPolicy } from '../../src/policy.js';
import { readCases } from './case-file.js';

const root = join(import.meta.dirname, '../..');
const LEAST_CASES = 3;
/** Labs and drugs: their names stand in cql/ and cards/, where clinicians look. */
const CLINICAL_WORDS = /calcium|furosemide|phosph|potassium|magnes/i;

/** Paths of all files below a folder. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function namesOf(files: string[], extension: string): string[] {
  return files.filter((file) => file.endsWith(extension)).map((file) => basename(file, extension));
}

const libraries = namesOf(
  filesBelow(join(root, 'cql')).filter(
    (file) => file.endsWith('.cql') && readFileSync(file, 'utf8').includes('define "Finding":'),
  ),
  '.cql',
).sort();
const cards = readdirSync(join(root, 'cards'))
  .filter((name) => name.endsWith('.md') && name !== 'README.md')
  .map((name) => basename(name, '.md'))
  .sort();
const cases = readCases(import.meta.dirname);
const { ranking } = readPolicy(join(root, 'cards/policy.yaml'));
const textOf = (library: string): string => {
  const path = filesBelow(join(root, 'cql')).find((file) => basename(file) === `${library}.cql`);
  return readFileSync(path!, 'utf8');
};
const idOf = (library: string) => library.replace(/(?<!^)[A-Z]/g, '-$&').toLowerCase();

describe('the knowledge is complete', () => {
  it('has a library with a finding for every card and a card for every such library', () => {
    expect(libraries).not.toEqual([]);
    expect(cards).toEqual(libraries);
  });

  it.each(libraries)('has at least three cases for %s', (library) => {
    expect(cases.filter((each) => each.library === library).length).toBeGreaterThanOrEqual(LEAST_CASES);
  });

  it.each(libraries)('shows %s in at least one case', (library) => {
    const shown = cases.flatMap(({ played }) => played.expect.findings ?? []).map(({ id }) => id);
    expect(shown).toContain(idOf(library));
  });

  it('ranks every cause and every rule on drafts among those of equal points, each once', () => {
    const ranked = libraries.filter((library) => /kind: '(cause|draft)'/.test(textOf(library)));
    expect(ranked.length).toBeGreaterThan(30);
    expect([...ranking['tie-order']].sort()).toEqual(ranked);
  });

  it.each(libraries)('keeps the points of %s among the thresholds', (library) => {
    expect(textOf(library)).not.toMatch(/Line"\(\s*-?[1-9]/);
  });

  it('names every folder of cases and every finding expected as its library', () => {
    const folders = new Set(cases.map(({ library }) => library));
    const expected = new Set(cases.flatMap(({ played }) => played.expect.findings ?? []).map(({ id }) => id));
    expect([...folders].filter((folder) => !libraries.includes(folder))).toEqual([]);
    expect([...expected].filter((id) => !libraries.map(idOf).includes(id))).toEqual([]);
  });

  it('gives every case a name of its own', () => {
    const names = cases.map(({ name }) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it('names no lab and no drug in the machine', () => {
    const machine = filesBelow(join(root, 'src')).filter(
      (file) => !relative(root, file).startsWith(join('src', 'web')),
    );
    const naming = machine.filter((file) => CLINICAL_WORDS.test(readFileSync(file, 'utf8')));
    expect(machine.length).toBeGreaterThan(30);
    expect(naming.map((file) => relative(root, file))).toEqual([]);
  });
});
