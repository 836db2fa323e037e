import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hasLoincCheckDigit, hasVerhoeffCheckDigit } from '../support/check-digits.js';
import {
  all,
  ATC,
  codings,
  FOLDER,
  ICD_10_CM,
  ICD_9_CM,
  INGREDIENT_NAME,
  LOINC,
  open,
  RXNORM,
  SNOMED,
  snomed,
  URL_BASE,
  type Kept,
} from '../support/value-sets.js';

const SHAPES: Record<string, RegExp> = {
  [LOINC]: /^(LA)?\d{1,5}-\d$/,
  [SNOMED]: /^[1-9]\d{5,17}$/,
  [ICD_10_CM]: /^[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?$/,
  [ICD_9_CM]: /^(V\d{2}|\d{2,3})\.?\d{1,2}$/,
  'http://www.cms.gov/Medicare/Coding/ICD10': /^[0-9A-HJ-NP-Z]{7}$/,
  'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets': /^[A-V]\d{4}$/,
  'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets': /^[A-V]\d{4}$/,
  [RXNORM]: /^[1-9]\d{1,6}$/,
  [ATC]: /^[A-Z]\d{2}[A-Z]{2}\d{2}$/,
  [INGREDIENT_NAME]: /^[a-z]+( [a-z]+)*$/,
  'urn:renal-cramp-cds:dialysis-session': /^uf-(volume|rate)$/,
};

/** What is named on a card and never compared with a limit. */
const NAMED_ONLY = ['calcium-after-dialysis'];

const EXCLUDED = {
  'protein-corrected calcium': ['34907-6', '18281-6'],
  'calculated or circuit ionised calcium': ['13959-2', '83064-6'],
  'albumin in moles': ['54347-0'],
  'eGFR of children': ['50384-7'],
  'uncorrected QT': ['8634-8'],
  'samples after dialysis': ['51950-4', '59148-7', '11064-3'],
  'dialysis access flow, education and catheters': ['90940', '28812006', '66402002', '10848006'],
};

function kebab(title: string): string {
  return title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
}

function every(system: string): string[] {
  return all
    .flatMap(({ valueSet }) => codings(valueSet))
    .filter((one) => one.system === system)
    .map(({ code }) => code);
}

describe('the check digits this test relies on', () => {
  it('accept codes known to be right and refuse them with another last digit', () => {
    expect(['17861-6', '2000-8'].map(hasLoincCheckDigit)).toEqual([true, true]);
    expect(['17861-5', '2000-9'].map(hasLoincCheckDigit)).toEqual([false, false]);
    expect(['55300003', '138875005', '16462851000119106'].map(hasVerhoeffCheckDigit)).toEqual([true, true, true]);
    expect(['55300004', '138875006', '16462851000119105'].map(hasVerhoeffCheckDigit)).toEqual([false, false, false]);
  });

  it('notice any single wrong digit of a SNOMED CT code', () => {
    const snomedCode = fc.constantFrom('55300003', '709044004', '46177005', '302497006');
    fc.assert(
      fc.property(snomedCode, fc.nat(), fc.integer({ min: 1, max: 9 }), (code, at, add) => {
        const place = at % code.length;
        const wrong = (Number(code[place]) + add) % 10;
        expect(hasVerhoeffCheckDigit(`${code.slice(0, place)}${wrong}${code.slice(place + 1)}`)).toBe(false);
      }),
    );
  });
});

describe('every value set', () => {
  it.each(open.map(({ file, valueSet }) => [file, valueSet] as const))('%s is named as its file', (file, valueSet) => {
    expect(valueSet.id).toBe(file);
    expect(valueSet.url).toBe(`${URL_BASE}${file}`);
    expect(kebab(valueSet.title)).toBe(file);
  });

  it('has names and ids of its own', () => {
    const unique = (values: string[]) => new Set(values).size;
    expect(unique(all.map(({ valueSet }) => valueSet.id))).toBe(all.length);
    expect(unique(all.map(({ valueSet }) => valueSet.name))).toBe(all.length);
  });

  it('holds no code twice, and each system once', () => {
    for (const { valueSet } of open) {
      const merged = all
        .filter((one) => one.valueSet.url === valueSet.url)
        .flatMap((one) => one.valueSet.compose.include);
      const keys = merged.flatMap(({ system, concept }) => concept.map(({ code }) => `${system}|${code}`));
      expect({ file: valueSet.id, keys: keys.length }).toEqual({ file: valueSet.id, keys: new Set(keys).size });
      expect(new Set(merged.map(({ system }) => system)).size).toBe(merged.length);
    }
  });

  it('uses only the systems that may be shipped, and codes of their shape', () => {
    const wrong = all.flatMap(({ valueSet }) => codings(valueSet).filter((one) => !SHAPES[one.system]?.test(one.code)));
    expect(wrong).toEqual([]);
  });

  it('has right check digits', () => {
    // Answer codes (LA…) count their letters too, by another rule.
    const loinc = every(LOINC).filter((code) => !code.startsWith('LA'));
    expect(loinc.filter((code) => !hasLoincCheckDigit(code))).toEqual([]);
    expect(every(SNOMED).filter((code) => !hasVerhoeffCheckDigit(code))).toEqual([]);
  });

  it.each(Object.entries(EXCLUDED))('leaves out %s, unless it is only named', (_, codes) => {
    const compared = all.filter(({ valueSet }) => !NAMED_ONLY.includes(valueSet.id));
    expect(compared).toHaveLength(all.length - NAMED_ONLY.length);
    const found = compared.flatMap(({ valueSet }) => codings(valueSet).filter(({ code }) => codes.includes(code)));
    expect(found).toEqual([]);
  });

  it('carries the notice of each terminology that asks for one', () => {
    const notices = {
      [LOINC]: 'Regenstrief',
      [RXNORM]: 'National Library of Medicine',
      [ATC]: 'WHO',
      [SNOMED]: 'licence',
    };
    for (const [system, notice] of Object.entries(notices)) {
      const using = all.filter(({ valueSet }) => valueSet.compose.include.some((one) => one.system === system));
      const silent = using.filter(({ valueSet }) => !valueSet.copyright?.includes(notice));
      expect(using.length).toBeGreaterThan(0);
      expect(silent.map(({ file }) => file)).toEqual([]);
    }
  });

  it('spells each ICD-9-CM code with and without the dot', () => {
    for (const { valueSet } of all) {
      const codes = codings(valueSet)
        .filter(({ system }) => system === ICD_9_CM)
        .map(({ code }) => code);
      const dotted = codes.filter((code) => code.includes('.'));
      expect(codes.toSorted()).toEqual([...dotted, ...dotted.map((code) => code.replace('.', ''))].toSorted());
    }
  });
});

describe('SNOMED CT', () => {
  it('stands in a folder of its own and nowhere else', () => {
    const systems = (kept: Kept[]) =>
      new Set(kept.flatMap(({ valueSet }) => valueSet.compose.include.map((one) => one.system)));
    expect(systems(snomed)).toEqual(new Set([SNOMED]));
    expect(systems(open).has(SNOMED)).toBe(false);
  });

  it('only adds to sets that have other codes, so that the folder can be removed', () => {
    for (const { file, valueSet } of snomed) {
      const parent = open.find((one) => one.file === file)?.valueSet;
      expect(parent?.url).toBe(valueSet.url);
      expect(valueSet).toMatchObject({ id: `${file}-snomed-ct`, title: parent?.title });
      expect(valueSet.meta).toEqual(parent?.meta);
    }
  });
});

describe('the terminology library', () => {
  const library = readFileSync(path.join(FOLDER, '../CrampTerminology.cql'), 'utf8');

  it('names every value set once, by the url of its file', () => {
    const declared = [...library.matchAll(/^valueset "([^"]+)": '([^']+)'$/gm)].map(
      ([, name, url]) => `${name} ${url}`,
    );
    expect(declared.toSorted()).toEqual(open.map(({ valueSet }) => `${valueSet.title} ${valueSet.url}`).toSorted());
  });

  it('declares every code system in use, and no other', () => {
    const declared = [...library.matchAll(/^codesystem "[^"]+": '([^']+)'$/gm)].map(([, url]) => url);
    const used = new Set(all.flatMap(({ valueSet }) => valueSet.compose.include.map(({ system }) => system)));
    expect(declared.toSorted()).toEqual([...used].toSorted());
  });

  it('names the two equations of 2021 that win over others of the same day', () => {
    const single = [...library.matchAll(/^code "[^"]+": '([^']+)' from "LOINC"/gm)].map(([, code]) => code);
    expect(single).toEqual(['98979-8', '98980-6']);
  });
});
