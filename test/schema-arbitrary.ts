import fc from 'fast-check';

/** The parts of JSON Schema that the contract uses. */
interface Schema {
  type?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  properties?: Record<string, Schema>;
  patternProperties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  minItems?: number;
  pattern?: string;
  format?: string;
  minimum?: number;
  maximum?: number;
}

/** Text with the characters that break careless code, all of which may be kept. */
export const difficultText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.replaceAll('\0', '')),
  fc.constantFrom(
    '',
    ' ',
    '\u2028',
    '"\\',
    '\u0001\u0002',
    '\uFEFF',
    '__proto__',
    '😀',
    '</script>',
    "'; DROP TABLE",
  ),
);

/** JSON that may be kept: no NUL, whole surrogates, numbers that a double holds. */
export const anyJson: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(
      difficultText,
      fc.integer(),
      fc.maxSafeInteger(),
      // A double in its shortest form; -0 reads back as 0.
      fc
        .double({ noNaN: true, noDefaultInfinity: true })
        .map((number) =>
          Number.isInteger(number) && !Number.isSafeInteger(number) ? 0.5 : number + 0,
        ),
      fc.boolean(),
      fc.constant(null),
    ),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(difficultText, tie('value'), { maxKeys: 4 }),
  ),
})).value;

export const timestamp = fc
  .tuple(
    fc.integer({
      min: Date.parse('0001-01-02T00:00:00Z'),
      max: Date.parse('9999-12-30T00:00:00Z'),
    }),
    fc.constantFrom('Z', '+00:00', '+05:30', '-11:45'),
  )
  .map(([instant, offset]) => new Date(instant).toISOString().replace('Z', offset));

/** Values that a schema takes. */
export function schemaArbitrary(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches) return fc.oneof(...branches.map(schemaArbitrary));
  switch (schema.type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({
        min: schema.minimum ?? 0,
        max: Math.min(schema.maximum ?? 1000, 2 ** 31 - 1),
      });
    case 'number':
      return fc
        .double({ min: schema.minimum ?? 0, max: schema.maximum ?? 1e6, noNaN: true })
        .map((n) => n + 0);
    case 'string':
      return stringArbitrary(schema);
    case 'array':
      return fc.array(schemaArbitrary(schema.items ?? {}), {
        minLength: schema.minItems ?? 0,
        maxLength: 3,
      });
    case 'object':
      return objectArbitrary(schema);
    default:
      return anyJson;
  }
}

function stringArbitrary(schema: Schema): fc.Arbitrary<string> {
  if (schema.format === 'date-time') return timestamp;
  if (schema.pattern?.startsWith('^\\+')) return fc.constantFrom('+15551234567', '+49301234567');
  if (schema.pattern?.includes('@')) return fc.constantFrom('c', 'a+b@c.de', '1:2_3-4.5');
  if (schema.pattern) return fc.constantFrom('x', 'evt_1', 'A.b:c-9', '-', 'z'.repeat(128));
  return difficultText;
}

function objectArbitrary(schema: Schema): fc.Arbitrary<unknown> {
  const [pattern] = Object.values(schema.patternProperties ?? {});
  if (pattern) {
    const keys = Object.keys(schema.patternProperties ?? {}).some((key) => key.includes('Ms'))
      ? fc.constantFrom('TtfbMs', 'é Ms')
      : difficultText;
    return fc.dictionary(keys, schemaArbitrary(pattern), { maxKeys: 3 });
  }
  if (!schema.properties) return fc.dictionary(difficultText, anyJson, { maxKeys: 3 });
  const parts: Record<string, fc.Arbitrary<unknown>> = {};
  for (const [key, value] of Object.entries(schema.properties)) parts[key] = schemaArbitrary(value);
  return fc.record(parts, { requiredKeys: schema.required ?? [] });
}
