import fc from 'fast-check';

type Path = readonly (string | number)[];

/** Such as records hold, and such as somebody would think of. */
const odd = {
  numbers: [-0, 0.1 + 0.2, 5e-324, -1e-7, 2 ** 53, 1e21, 99_999, '7.8', '7,8', '1e5', ' 7.8 '],
  dates: ['2026-11', '2024-02-29', '0001-01-01', '9999-12-31T23:59:59Z', '2026-11-20T24:00:00Z', '2026-11-20T08:00'],
  units: ['MG/DL', 'mmol/l ', '%', '㎎/㎗', 'mg%', { code: 'mg/dL', system: 'http://snomed.info/sct' }],
  texts: [
    '\u202eevil',
    'a\u0000b',
    '\udc00\ud800',
    'x\u0301'.repeat(40),
    '[a](https://evil.example)',
    '<b onclick=x>',
    '{{calcium}}',
  ],
  references: [
    { reference: 'Patient/somebody-else' },
    { reference: '#p1' },
    { reference: 'https://evil.example/fhir/Patient/p1' },
  ],
};

/** What clients, and those who pose as them, put where something else belongs. */
const JUNK = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(
    null,
    '',
    {},
    [],
    0,
    -1,
    1e308,
    true,
    '\u0000',
    '\ud800',
    '../..',
    '%2e%2e',
    '{{context.patientId}}',
  ),
  fc.constantFrom<unknown>(
    'Patient',
    'Bundle',
    'OperationOutcome',
    '2026-02-30',
    '0000',
    'mg/dL',
    'constructor',
    '__proto__',
  ),
  fc.constantFrom<unknown>(...odd.numbers, ...odd.dates, ...odd.units, ...odd.texts, ...odd.references),
  fc.constantFrom(300, 5_000).map((length) => 'x'.repeat(length)),
);

const CHANGES = fc.array(
  fc.record({
    place: fc.nat(),
    kind: fc.constantFrom('replace', 'remove', 'double', 'swap', 'retype', 'deepen'),
    junk: JUNK,
  }),
  { minLength: 1, maxLength: 4 },
);

/** Such values with up to four places taken out, doubled, moved into another, made another type, buried or filled with something else. */
export function mutated(values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.tuple(values, CHANGES).map(([value, changes]) =>
    changes.reduce((whole: unknown, { place, kind, junk }) => {
      const paths = pathsOf(whole);
      const path = paths[place % paths.length] ?? [];
      const other = paths[(place * 7 + 3) % paths.length] ?? [];
      return changed(structuredClone(whole), path, (parent, key) => {
        if (kind === 'remove') remove(parent, key);
        else if (kind === 'double') put(parent, key, [read(parent, key), read(parent, key)]);
        else put(parent, key, filling(kind, { current: read(parent, key), other: valueAt(whole, other), junk }));
      });
    }, value),
  );
}

function filling(kind: string, { current, other, junk }: Record<'current' | 'other' | 'junk', unknown>): unknown {
  if (kind === 'swap') return other;
  if (kind === 'retype') return retyped(current);
  if (kind === 'deepen') return Array.from({ length: 70 }).reduce((inner) => ({ contained: [inner] }), current);
  return junk;
}

/** Nearly the same, of another type. */
function retyped(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return Number.isFinite(Number(value)) ? Number(value) : { value };
  return Array.isArray(value) ? Object.fromEntries(value.entries()) : [value];
}

type Parent = Record<string | number, unknown>;

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return path.length === 0 ? [] : [path];
  const inside = Object.entries(value).flatMap(([key, part]) => pathsOf(part, [...path, key]));
  return path.length === 0 ? inside : [path, ...inside];
}

function changed(whole: unknown, path: Path, change: (parent: Parent, key: string | number) => void): unknown {
  const key = path.at(-1);
  const parent = valueAt(whole, path.slice(0, -1));
  if (key !== undefined && typeof parent === 'object' && parent !== null) change(parent as Parent, key);
  return whole;
}

function valueAt(whole: unknown, path: Path): unknown {
  return path.reduce((part: unknown, key) => (part as Parent | undefined)?.[key], whole);
}

const read = (parent: Parent, key: string | number) => parent[key];

function put(parent: Parent, key: string | number, value: unknown): void {
  parent[key] = structuredClone(value);
}

function remove(parent: Parent, key: string | number): void {
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else Reflect.deleteProperty(parent, key);
}
