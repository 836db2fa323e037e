import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { readConfig } from '../../src/config.js';
import { ServiceError } from '../../src/errors.js';
import { FOLDERS } from '../../src/folders.js';
import { loadKnowledge } from '../../src/reasoning/knowledge.js';
import { readValueSets, withExtraCodes } from '../../src/reasoning/value-sets.js';
import { readSiteCodes, refuseLongQueries, type SiteCodes } from '../../src/site-codes.js';

const folder = mkdtempSync(join(tmpdir(), 'site-codes-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

let count = 0;
function file(content: string): string {
  const path = join(folder, `site-${++count}.yaml`);
  writeFileSync(path, content);
  return path;
}

function refusal(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    expect(error.code).toBe('invalid-config');
    return error.message;
  }
  throw new Error('It was accepted.');
}

const LOCAL = 'urn:oid:2.16.999.1';
const codes = (
  name: string,
  list: SiteCodes['valueSets'] extends ReadonlyMap<string, infer Codes> ? Codes : never,
) => ({
  source: 'SITE_CODES (site.yaml)',
  valueSets: new Map([[name, list]]),
  orders: new Map(),
});

describe('the file SITE_CODES', () => {
  it('is read as YAML', () => {
    const path = file(`
Haemodialysis:
  - { system: '${LOCAL}', code: HD-1, display: Session in the unit }
  - { system: '${LOCAL}', code: '4711' }
ecgOrder: { system: '${LOCAL}', code: ECG12, display: 12-lead ECG }
`);
    expect(readSiteCodes(path)).toEqual({
      source: `SITE_CODES (${path})`,
      valueSets: new Map([
        [
          'Haemodialysis',
          [
            { system: LOCAL, code: 'HD-1', display: 'Session in the unit' },
            { system: LOCAL, code: '4711' },
          ],
        ],
      ]),
      orders: new Map([['ecgOrder', { system: LOCAL, code: 'ECG12', display: '12-lead ECG' }]]),
    });
  });

  it('is read as JSON', () => {
    const path = file(`{"uf-volume": [{"system": "${LOCAL}", "code": "UF"}]}`);
    expect([...readSiteCodes(path).valueSets]).toEqual([['uf-volume', [{ system: LOCAL, code: 'UF' }]]]);
  });

  it('need not be', () => {
    expect(readConfig({}).siteCodesFile).toBeUndefined();
    expect(readConfig({ SITE_CODES: '/etc/site.yaml' }).siteCodesFile).toBe('/etc/site.yaml');
    const none = readSiteCodes(undefined);
    expect([none.valueSets.size, none.orders.size]).toEqual([0, 0]);
  });

  it.each([
    ['no YAML', 'Haemodialysis: [', 'cannot be read as YAML or JSON'],
    ['a name twice', 'A: [{system: "a:b", code: c}]\nA: [{system: "a:b", code: d}]', 'cannot be read as YAML or JSON'],
    ['nothing', '', 'must map names of value sets to lists of codes'],
    ['a list', '- {system: "a:b", code: c}', 'must map names of value sets to lists of codes'],
    ['a text', 'none', 'must map names of value sets to lists of codes'],
    ['a code instead of a list', 'A: {system: "a:b", code: c}', 'A must be a list of codes'],
    ['an empty list', 'A: []', 'A must be a list of codes'],
    ['a bare code', 'A: [c]', 'A.0 must be a code: {system, code, display}'],
    ['a number for a code', 'A: [{system: "a:b", code: 4711}]', 'A.0.code must be text (a number stands in quotes)'],
    ['no code', 'A: [{system: "a:b"}]', 'A.0.code must be text (a number stands in quotes)'],
    ['an empty code', 'A: [{system: "a:b", code: ""}]', 'A.0.code must be text without blanks around it'],
    ['a code with blanks around', 'A: [{system: "a:b", code: " c"}]', 'A.0.code must be text without blanks around it'],
    [
      'a code of 101 characters',
      `A: [{system: "a:b", code: ${'c'.repeat(101)}}]`,
      'A.0.code must not be longer than 100 characters',
    ],
    [
      'a system that is no URI',
      'A: [{system: local, code: c}]',
      'A.0.system must be the URI of a code system, such as https://... or urn:...',
    ],
    ['no system', 'A: [{code: c}]', 'A.0.system must be text'],
    ['a field nobody reads', 'A: [{system: "a:b", code: c, version: "1"}]', 'A.0 has an unknown field'],
    [
      'an order that is a list',
      'ecgOrder: [{system: "a:b", code: c}]',
      'ecgOrder must be a code: {system, code, display}',
    ],
    [
      'the same code twice',
      'A: [{system: "a:b", code: c}, {system: "a:x", code: c}, {system: "a:b", code: c}]',
      'A.2 names a code again',
    ],
  ])('is refused with %s', (_, content, problem) => {
    const path = file(content);
    const message = refusal(() => readSiteCodes(path));
    expect(message).toMatch(new RegExp(`^SITE_CODES \\(${path.replaceAll(/[/.]/g, '\\$&')}\\) `));
    expect(message.split('\n  ').at(-1)).toContain(problem);
  });

  it('is refused when it is not there', () => {
    expect(refusal(() => readSiteCodes(join(folder, 'none.yaml')))).toBe(
      `SITE_CODES (${join(folder, 'none.yaml')}) cannot be read as YAML or JSON.`,
    );
    expect(refusal(() => readSiteCodes(folder))).toMatch(/cannot be read/);
  });

  it('holds 2,000 codes, not 2,001', () => {
    const many = (size: number) => {
      const list = Array.from({ length: size }, (_, index) => ({ system: LOCAL, code: `c${index}` }));
      return file(JSON.stringify({ A: list.slice(0, 1000), B: list.slice(1000) }));
    };
    expect(readSiteCodes(many(2000)).valueSets.get('B')).toHaveLength(1000);
    expect(refusal(() => readSiteCodes(many(2001)))).toMatch(/\n {2}holds 2001 codes, more than 2000$/);
  });

  it('has every place named that is wrong, ten at most', () => {
    const path = file('A: [{system: local, code: 1}]\nB: x');
    expect(
      refusal(() => readSiteCodes(path))
        .split('\n  ')
        .slice(1),
    ).toEqual([
      'A.0.system must be the URI of a code system, such as https://... or urn:...',
      'A.0.code must be text (a number stands in quotes)',
      'B must be a list of codes',
    ]);
    const lines = Array.from({ length: 50 }, (_, index) => `S${index}: x`).join('\n');
    expect(refusal(() => readSiteCodes(file(lines))).split('\n')).toHaveLength(11);
  });
});

describe('the codes of a site', () => {
  const ours = readValueSets(FOLDERS.valueSets);
  const setOf = (sets: ReturnType<typeof withExtraCodes>, name: string) =>
    sets.get(`https://renal-cramp-cds.org/ValueSet/${name}`)?.codes ?? [];

  it.each(['Cramp Symptom Observation', 'cramp symptom observation', 'cramp-symptom-observation'])(
    'join our value set by the name %s, and no other',
    (name) => {
      const sets = withExtraCodes(ours, codes(name, [{ system: LOCAL, code: 'Q7', display: 'Cramps?' }]));
      const changed = [...sets].filter(([url, { codes }]) => codes.length !== ours.get(url)?.codes.length);
      expect(changed.map(([url]) => url.split('/').at(-1))).toEqual(['cramp-symptom-observation']);
      expect(setOf(sets, 'cramp-symptom-observation').at(-1)).toEqual({ system: LOCAL, code: 'Q7' });
    },
  );

  it('that are ours already count once', () => {
    const known = { system: 'http://hl7.org/fhir/sid/icd-9-cm', code: '39.95' };
    const sets = withExtraCodes(ours, codes('Haemodialysis', [known, { system: LOCAL, code: 'HD' }]));
    expect(setOf(sets, 'haemodialysis')).toHaveLength(setOf(ours, 'haemodialysis').length + 1);
  });

  it('for a value set of another name are refused, with every such name', () => {
    const unknown = {
      source: 'SITE_CODES (site.yaml)',
      valueSets: new Map([
        ['Hemodialysis', []],
        ['Haemodialysis', []],
        ['__proto__', []],
      ]),
    };
    const message = 'SITE_CODES (site.yaml) names no value set of ours: Hemodialysis, __proto__.';
    expect(refusal(() => withExtraCodes(ours, unknown))).toBe(message);
    expect(refusal(() => loadKnowledge(FOLDERS, unknown))).toBe(message);
  });

  it('may not make a query longer than servers take', () => {
    const site = codes('Phosphate', [{ system: LOCAL, code: 'P' }]);
    const queries = [{ key: 'labs', template: 'x'.repeat(6000) }];
    expect(() => {
      refuseLongQueries(site, queries);
    }).not.toThrow();
    const long = [...queries, { key: 'bedside', template: 'x'.repeat(6001) }];
    expect(
      refusal(() => {
        refuseLongQueries(site, long);
      }),
    ).toBe('SITE_CODES (site.yaml) is not valid:\n  makes queries longer than 6000 characters: bedside');
    expect(() => {
      refuseLongQueries(readSiteCodes(undefined), long);
    }).not.toThrow();
  });
});
