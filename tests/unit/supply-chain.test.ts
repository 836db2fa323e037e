import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

interface LockedPackage {
  version?: string;
  license?: string;
  integrity?: string;
  resolved?: string;
  dev?: true;
  devOptional?: true;
  hasInstallScript?: true;
  dependencies?: Record<string, string>;
}

interface Component {
  name: string;
  version: string;
  purl: string;
  hashes?: { alg: string }[];
  licenses?: unknown[];
  properties?: { name: string; value: string }[];
}

const root = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
// npm writes it, and the first test looks at what matters here.
const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, LockedPackage> };
const packages = Object.entries(lock.packages).filter(([path]) => path !== '');
const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

/** May be passed on with the service without more than their notices. */
const SHIPPED = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT', 'WTFPL OR ISC'];
/** Of what only builds and tests, and stays here. */
const TOOLS = [...SHIPPED, '(MIT OR CC0-1.0)', 'Apache-2.0 AND MIT', 'CC-BY-4.0', 'MPL-2.0'];
/** Packages with terms of their own, each with the reason why it may be shipped. */
const OWN_TERMS: Record<string, string> = {
  // The terms of BSD with a notice, which the package brings; the units in it are UCUM's, see NOTICE.
  '@lhncbc/ucum-lhc': 'SEE LICENSE IN LICENSE.md',
  // By the second of its two licences.
  dompurify: '(MPL-2.0 OR Apache-2.0)',
};
/** What they would do at install is needed nowhere: `npm ci --ignore-scripts` is how all is installed. */
const WITH_INSTALL_SCRIPTS = [
  '@parcel/watcher', // builds itself where no binary is at hand
  '@swc/core', // checks for its binary
  'core-js', // asks for donations
  'unrs-resolver', // checks for its binary
];

/** What a page imports is part of it, though it is installed for the build alone. */
function bundled(): Set<string> {
  const pages = 'src/web/browser';
  const sources = readdirSync(join(root, pages), { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.tsx?$/.test(file),
  );
  const imported = sources.flatMap((file) =>
    [...read(join(pages, file)).matchAll(/from '((?:@[^/']+\/)?[^./'][^/']*)/g)].map(([, name]) => name!),
  );
  const found = new Set<string>();
  const add = (name: string) => {
    if (found.has(name)) return;
    found.add(name);
    Object.keys(lock.packages[`node_modules/${name}`]?.dependencies ?? {}).forEach(add);
  };
  imported.forEach(add);
  return found;
}

describe('packages of others', () => {
  it('are locked by their content, and by no address', () => {
    const unlocked = packages.filter(
      ([, { integrity, resolved }]) => integrity === undefined || resolved !== undefined,
    );
    expect(unlocked.map(([path]) => path)).toEqual([]);
    expect(packages.length).toBeGreaterThan(300);
  });

  it('run something at install only when it is known what, and none of them is shipped', () => {
    const scripts = packages.filter(([, { hasInstallScript }]) => hasInstallScript === true);
    expect([...new Set(scripts.map(([path]) => nameOf(path)))].sort()).toEqual(WITH_INSTALL_SCRIPTS);
    expect(scripts.filter(([, { dev }]) => dev !== true).map(([path]) => path)).toEqual([]);
  });

  it('have licences that allow what is done with them', () => {
    const inPages = bundled();
    expect([...inPages]).toEqual(expect.arrayContaining(['preact', 'dompurify', 'fhirclient', 'marked', 'd3-array']));
    const refused = packages.filter(([path, { license = 'none', dev }]) => {
      const isShipped = dev !== true || inPages.has(nameOf(path));
      return !(isShipped ? SHIPPED : TOOLS).includes(license) && OWN_TERMS[nameOf(path)] !== license;
    });
    expect(refused.map(([path, { license }]) => `${path}: ${license ?? 'none'}`)).toEqual([]);
  });

  it('are all in the bill of materials, with content, address and licence, and what only builds and tests is marked', () => {
    // As `npm run sbom` does, without what is installed here.
    const made = spawnSync('npm', ['sbom', '--sbom-format=cyclonedx', '--package-lock-only'], {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 100_000_000,
    });
    const { bomFormat, components } = JSON.parse(made.stdout) as { bomFormat: string; components: Component[] };
    expect([bomFormat, new Set(components.map(({ purl }) => purl)).size]).toEqual(['CycloneDX', components.length]);
    const listed = new Map(components.map((component) => [`${component.name}@${component.version}`, component]));
    const shipped = packages.filter(([, { dev, devOptional }]) => dev !== true && devOptional !== true);
    const entries = shipped.map(([path, { version }]) => listed.get(`${nameOf(path)}@${version ?? ''}`));
    const without = (isHeld: (component: Component) => boolean) =>
      shipped.flatMap(([path], index) => (entries[index] && isHeld(entries[index]) ? [] : nameOf(path)));
    expect(without(({ hashes }) => hashes?.[0]?.alg === 'SHA-512')).toEqual([]);
    // Its terms have no name that the format knows.
    expect(without(({ licenses }) => licenses !== undefined)).toEqual(['@lhncbc/ucum-lhc']);
    const isForBuilding = ({ properties = [] }: Component) =>
      properties.some(({ name, value }) => name === 'cdx:npm:package:development' && value === 'true');
    expect(
      ['jest', 'typescript', 'express', 'libsql']
        .map((name) => components.find((one) => one.name === name))
        .map((one) => one && isForBuilding(one)),
    ).toEqual([true, true, false, false]);
  });
});
