import fc from 'fast-check';

type Schema = Readonly<Record<string, unknown>>;

/** What counts as absent where it is sent: null, nothing, and a token that the client has not filled in. */
const isBlank = (text: string) => text === '' || /^\{\{[^{}]*\}\}$/.test(text);

/** fast-check's own take long to make. */
const ADDRESS = fc
  .tuple(
    fc.constantFrom('http', 'https'),
    fc.stringMatching(/^[a-z0-9]{1,12}$/),
    fc.stringMatching(/^[a-z0-9/]{0,12}$/),
  )
  .map(([scheme, name, path]) => `${scheme}://${name}.example.org/${path}`);

/** Values that a schema of the interface allows; `named` are the schemas it may refer to. */
export function valueOf(schema: Schema, named: Readonly<Record<string, Schema>>): fc.Arbitrary<unknown> {
  const { $ref, const: fixed, enum: allowed, anyOf, oneOf, type } = schema;
  if (typeof $ref === 'string') return valueOf(named[$ref.slice($ref.lastIndexOf('/') + 1)] ?? {}, named);
  if (fixed !== undefined) return fc.constant(fixed);
  if (Array.isArray(allowed)) return fc.constantFrom<unknown>(...(allowed as unknown[]));
  const forms = anyOf ?? oneOf;
  if (Array.isArray(forms)) return fc.oneof(...(forms as Schema[]).map((form) => valueOf(form, named)));
  if (type === 'object') return objectOf(schema, named);
  if (type === 'array') return fc.array(valueOf((schema['items'] ?? {}) as Schema, named), lengths(schema, 'Items'));
  if (type === 'string') return textOf(schema);
  if (type === 'integer') return fc.integer({ min: Number(schema['minimum'] ?? 0), max: 1_000_000 });
  if (type === 'boolean') return fc.boolean();
  return fc.jsonValue({ maxDepth: 3 });
}

function objectOf(schema: Schema, named: Readonly<Record<string, Schema>>): fc.Arbitrary<unknown> {
  const { properties = {}, required = [], additionalProperties, dependentRequired = {} } = schema;
  // The shapes are those of JSON Schema, which the validity of the document vouches for.
  const fields = Object.entries(properties as Record<string, Schema>).map(
    ([name, field]) => [name, valueOf(field, named)] as const,
  );
  const known = fc.record(Object.fromEntries(fields), { requiredKeys: required as string[], noNullPrototype: true });
  const others =
    additionalProperties === undefined && fields.length > 0
      ? fc.constant({})
      : fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue({ maxDepth: 3 }), {
          maxKeys: 4,
          noNullPrototype: true,
        });
  const needs = Object.entries(dependentRequired as Record<string, string[]>);
  return fc.tuple(others, known).map(([more, value]) => {
    const whole: Record<string, unknown> = { ...more, ...value };
    const unmet = needs.filter(([name, needed]) => name in whole && needed.some((each) => !(each in whole)));
    return Object.fromEntries(Object.entries(whole).filter(([name]) => !unmet.some(([lacking]) => lacking === name)));
  });
}

function textOf(schema: Schema): fc.Arbitrary<string> {
  const { format, pattern } = schema;
  if (format === 'uuid') return fc.uuid();
  if (format === 'uri') return ADDRESS;
  if (format === 'date-time')
    return fc
      .date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString());
  if (typeof pattern === 'string') return matching(pattern);
  return fc.string(lengths(schema, 'Length')).filter((text) => !isBlank(text));
}

/** fast-check cannot look ahead, so that part of the pattern chooses among what the rest allows. */
function matching(pattern: string): fc.Arbitrary<string> {
  const whole = new RegExp(pattern);
  return fc.stringMatching(new RegExp(pattern.replace(/\(\?![^)]*\)/g, ''))).filter((text) => whole.test(text));
}

function lengths(schema: Schema, of: 'Items' | 'Length'): { minLength: number; maxLength: number } {
  return { minLength: Number(schema[`min${of}`] ?? 0), maxLength: Math.min(Number(schema[`max${of}`] ?? 12), 60) };
}
