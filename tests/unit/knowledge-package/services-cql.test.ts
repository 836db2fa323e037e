import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseText } from '../../../src/cards/template-text.js';
import { findingShapes } from '../../../src/knowledge-package/finding-shape.js';
import { dayOfVersion, withVersion } from '../../../src/knowledge-package/package-source.js';
import { cqlString, templateCql } from '../../../src/knowledge-package/template-cql.js';

const ELM = join(import.meta.dirname, '../../../dist/elm');

describe('the text of a card in CQL', () => {
  const named = (text: string) => templateCql(parseText(text), (name) => `"${name}"`);

  it.each([
    ['Low magnesium', "'Low magnesium'"],
    ["the patient's 'own'\\", "'the patient\\'s \\'own\\'\\\\'"],
    ['Magnesium {{value}} is low', `'Magnesium ' + "value" + ' is low'`],
    ['Low[[ (CKD {{stage}})]]', `'Low' + Coalesce(' (CKD ' + "stage" + ')', '')`],
    ['{{drug…}} lowers it', `Substring("drug", 0, 40) + ' lowers it'`],
    ['[[On {{dialysis}} only]]', `Coalesce('On ' + "dialysis" + ' only', '')`],
  ])('%s', (text, cql) => {
    expect(named(text)).toBe(cql);
  });

  it('keeps a line break within one string', () => {
    expect(cqlString('a\nb')).toBe("'a\\nb'");
  });
});

describe('the version of the knowledge', () => {
  it('stands in each library and each include in place of their own; the FHIR version stays', () => {
    const cql = "library A version '0.1.0'\nusing FHIR version '4.0.1'\ninclude B version '0.1.0' called C\n";
    expect(withVersion(cql, '2.0.0')).toBe(
      "library A version '2.0.0'\nusing FHIR version '4.0.1'\ninclude B version '2.0.0' called C\n",
    );
  });

  it('was made on the day that the list of changes gives, and on none when it is not there', () => {
    const changes = '# Changes\n- 2026-01-02: first version, 0.1.0.\n- 2026-03-04, 0.1.1: more.\n';
    expect(['0.1.0', '0.1.1', '0.1', '1.1', '0.1.12'].map((version) => dayOfVersion(changes, version))).toEqual([
      '2026-01-02',
      '2026-03-04',
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('the findings of the knowledge', () => {
  const elm = new Map(readdirSync(ELM).map((file) => [basename(file, '.json'), readFileSync(join(ELM, file), 'utf8')]));
  const shapes = new Map(findingShapes(elm).map((shape) => [shape.library, shape]));

  it('say each what kind they are and which elements they have', () => {
    expect(shapes.get('Hypomagnesaemia')?.kind).toBe('cause');
    expect(shapes.get('DraftNsaidInCkd')).toMatchObject({ kind: 'draft' });
    expect(shapes.get('Hyperkalaemia')?.kind).toBe('safety');
    expect(shapes.get('InsufficientData')?.kind).toBe('insufficient');
    expect(shapes.get('DraftNsaidInCkd')?.elements.has('removable')).toBe(true);
    expect(shapes.get('InsufficientData')?.elements.has('urgency')).toBe(false);
    expect(shapes.has('CrampRecord')).toBe(false);
  });

  it('are refused by name when one says no kind', () => {
    const mute = { library: { statements: { def: [{ name: 'Finding', expression: { type: 'Null' } }] } } };
    expect(() => findingShapes(new Map([['Mute', JSON.stringify(mute)]]))).toThrow(
      expect.objectContaining({
        code: 'invalid-knowledge',
        message: 'The finding of Mute does not say what kind it is.',
      }),
    );
  });
});
