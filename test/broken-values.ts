/** The parts of JSON Schema that requests use. */
export interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly contentSchema?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly 'x-maxBytes'?: number;
  readonly 'x-expected-names'?: string;
}

/** A value that breaks one constraint of a schema, and the path of the field to blame. */
export interface Broken {
  readonly value: unknown;
  readonly path: string;
  readonly constraint: string;
}

const UNKNOWN_KEY = 'Unknown/~key';
const TEXTS = ['abc', 'DE', '09:00', 'ada@example.com', '2024-01-15T14:30:00Z'];

/** A small valid value. */
export function sample(schema: Schema): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const branch = schema.anyOf?.[0] ?? schema.oneOf?.[0];
  if (branch) return sample(branch);
  switch (schema.type) {
    case 'string':
      return schema.contentSchema ? JSON.stringify(sample(schema.contentSchema)) : text(schema);
    case 'integer':
    case 'number':
      return schema.minimum ?? 0;
    case 'boolean':
      return true;
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => sample(schema.items ?? {}));
    default:
      return Object.fromEntries(
        (schema.required ?? []).map((key) => [key, sample(schema.properties?.[key] ?? {})]),
      );
  }
}

function text({ minLength = 0, pattern, format }: Schema): string {
  if (format === 'date-time') return '2024-01-15T14:30:00Z';
  if (pattern === undefined) return 'x'.repeat(minLength);
  const matching = TEXTS.find((one) => new RegExp(pattern).test(one));
  if (matching === undefined) throw new Error(`no text for ${pattern}`);
  return matching;
}

/** Breaks each constraint of a schema, and of every schema in it, once. */
export function* brokenValues(schema: Schema, path = ''): Generator<Broken> {
  if (schema.anyOf) {
    for (const branch of schema.anyOf) {
      if (branch.type !== 'null') yield* brokenValues(branch, path);
    }
  } else if (schema.oneOf) {
    const unknown = { ...(sample(schema) as object), Type: 'Unknown' };
    yield { value: unknown, path: inside(path, 'Type'), constraint: 'discriminator' };
    yield { value: {}, path: inside(path, 'Type'), constraint: 'required' };
    for (const branch of schema.oneOf) yield* brokenValues(branch, path);
  } else {
    yield* own(schema, path);
    yield* ofProperties(schema, path);
    yield* ofItems(schema, path);
  }
}

const inside = (path: string, key: string) => (path === '' ? key : `${path}.${key}`);

function* own(schema: Schema, path: string): Generator<Broken> {
  for (const [constraint, value] of [
    ...ofType(schema),
    ...ofNumber(schema),
    ...ofText(schema),
    ...ofCount(schema),
  ]) {
    yield { value, path, constraint };
  }
}

type Case = readonly [constraint: string, value: unknown];

function ofType(schema: Schema): Case[] {
  if (schema.const !== undefined) return [['const', false]];
  if (schema.enum) return [['enum', typeof schema.enum[0] === 'number' ? 0.5 : 'no such value']];
  switch (schema.type) {
    case 'string':
      return [['type', 7]];
    case 'integer':
      return [
        ['type', 1.5],
        ['type', 'x'],
      ];
    case 'array':
      return [['type', {}]];
    case undefined:
      return [];
    default:
      return [['type', 'x']];
  }
}

function ofNumber({ minimum, maximum, type }: Schema): Case[] {
  const step = type === 'integer' ? 1 : 0.5;
  return [
    ...(minimum === undefined ? [] : [['minimum', minimum - step] as const]),
    // The next integer is one that JSON cannot hold here.
    ...(maximum === undefined || maximum === Number.MAX_SAFE_INTEGER
      ? []
      : [['maximum', maximum + step] as const]),
  ];
}

function ofText(schema: Schema): Case[] {
  const { minLength = 0, maxLength, pattern, format } = schema;
  const bytes = schema['x-maxBytes'];
  return [
    ...(minLength > 0 ? [['minLength', 'x'.repeat(minLength - 1)] as const] : []),
    ...(maxLength === undefined ? [] : [['maxLength', 'x'.repeat(maxLength + 1)] as const]),
    ...(pattern === undefined ? [] : [['pattern', ' '.repeat(Math.max(minLength, 1))] as const]),
    ...(format === undefined ? [] : [['format', '2024-01-15 14:30'] as const]),
    ...(bytes === undefined ? [] : [['x-maxBytes', tooLong(schema, bytes)] as const]),
  ];
}

const tooLong = ({ type }: Schema, bytes: number) =>
  type === 'object' ? { text: 'x'.repeat(bytes) } : 'x'.repeat(bytes + 1);

function ofCount({
  minItems = 0,
  maxItems,
  maxProperties,
  items,
  patternProperties,
}: Schema): Case[] {
  const list = (length: number) => Array.from({ length }, () => sample(items ?? {}));
  const isMetrics = Object.keys(patternProperties ?? {}).some((pattern) => pattern.includes('Ms'));
  const keys = (length: number) =>
    Object.fromEntries(Array.from({ length }, (_, n) => [`k${n}${isMetrics ? 'Ms' : ''}`, 0]));
  return [
    ...(minItems > 0 ? [['minItems', list(minItems - 1)] as const] : []),
    ...(maxItems === undefined ? [] : [['maxItems', list(maxItems + 1)] as const]),
    ...(maxProperties === undefined ? [] : [['maxProperties', keys(maxProperties + 1)] as const]),
  ];
}

function* ofProperties(schema: Schema, path: string): Generator<Broken> {
  const { properties = {}, required = [], patternProperties = {} } = schema;
  if (schema.type !== 'object') return;
  const base = sample(schema) as Record<string, unknown>;
  for (const key of required) {
    // An event without a type is another case.
    if (properties[key]?.const !== undefined) continue;
    const { [key]: _, ...rest } = base;
    yield { value: rest, path: inside(path, key), constraint: 'required' };
  }
  if (schema.additionalProperties === false) {
    const [key, constraint] = schema['x-expected-names']
      ? ['Wrong', 'x-expected-names']
      : [UNKNOWN_KEY, 'additionalProperties'];
    const shown =
      key === UNKNOWN_KEY ? `${path}${path === '' ? '' : '['}"${key}"` : inside(path, key);
    yield { value: { ...base, [key]: 1 }, path: shown, constraint };
  }
  for (const [key, property] of Object.entries(properties)) {
    if (property.const !== undefined && key === 'Type') continue;
    for (const broken of brokenValues(property, inside(path, key))) {
      yield { ...broken, value: { ...base, [key]: broken.value } };
    }
  }
  for (const [pattern, property] of Object.entries(patternProperties)) {
    if (!pattern.includes('Ms')) continue;
    for (const broken of brokenValues(property, inside(path, 'TtfbMs'))) {
      yield { ...broken, value: { TtfbMs: broken.value } };
    }
  }
}

function* ofItems(schema: Schema, path: string): Generator<Broken> {
  if (schema.type !== 'array' || !schema.items) return;
  for (const broken of brokenValues(schema.items, `${path}[0]`)) {
    yield { ...broken, value: [broken.value] };
  }
}
