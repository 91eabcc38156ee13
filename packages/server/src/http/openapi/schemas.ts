import { NAMED_SCHEMAS } from '@colloquy/wire';
import type { TSchema } from 'typebox';
import { sizeText } from './op-facts.ts';

export type JsonObject = { readonly [key: string]: unknown };

const BASES = new Map(NAMED_SCHEMAS.map((schema) => [schemaName(schema), schema]));

const refTo = (name: string) => `#/components/schemas/${name}`;

function schemaName(schema: TSchema): string | undefined {
  return (schema as { title?: string }).title;
}

export function schemaObject(schema: TSchema): JsonObject {
  const name = schemaName(schema);
  if (name === undefined) return inline(schema);
  const description = descriptionOf(schema);
  const isOwn = description !== undefined && description !== descriptionOf(BASES.get(name));
  return { $ref: refTo(name), ...(isOwn && { description }) };
}

function descriptionOf(schema: TSchema | undefined): string | undefined {
  return (schema as { description?: string } | undefined)?.description;
}

export function schemaComponents(): JsonObject {
  return Object.fromEntries(NAMED_SCHEMAS.map((schema) => [schemaName(schema), inline(schema)]));
}

function inline(schema: TSchema): JsonObject {
  const {
    properties,
    items,
    anyOf,
    oneOf,
    patternProperties,
    additionalProperties,
    contentSchema,
    'x-masked': _masked,
    'x-expected': _expected,
    'x-expected-names': _expectedNames,
    title: _title,
    ...rest
  } = schema as Partial<Record<string, unknown>>;
  return {
    ...(Array.isArray(rest.enum) && { type: typeof rest.enum[0] }),
    ...rest,
    ...describe(rest),
    ...(isRecord(properties) && { properties: mapValues(properties) }),
    ...(isRecord(patternProperties) && { patternProperties: mapValues(patternProperties) }),
    ...(items !== undefined && { items: schemaObject(items as TSchema) }),
    ...(contentSchema !== undefined && { contentSchema: schemaObject(contentSchema as TSchema) }),
    ...(additionalProperties !== undefined && { additionalProperties }),
    ...(Array.isArray(oneOf) && { oneOf: oneOf.map(schemaObject) }),
    ...(isRecord(rest.discriminator) && {
      discriminator: { ...rest.discriminator, mapping: eventMapping(oneOf) },
    }),
    ...(Array.isArray(anyOf) && union(anyOf as TSchema[], rest)),
  };
}

/** `anyOf`, or `type: [string, null]` for a nullable plain type. */
function union(members: readonly TSchema[], { description }: Partial<Record<string, unknown>>) {
  const [first, second] = members.map(schemaObject);
  const isPlain = typeof first?.type === 'string' && !('enum' in first) && !('const' in first);
  if (members.length === 2 && isPlain && second?.type === 'null') {
    const own = description !== undefined && { description };
    return { ...first, type: [first.type, 'null'], ...own };
  }
  return { anyOf: members.map(schemaObject) };
}

function describe(schema: Partial<Record<string, unknown>>): JsonObject {
  const bytes = schema['x-maxBytes'];
  if (typeof bytes !== 'number') return {};
  const size = `at most ${sizeText(bytes)}`;
  const text = typeof schema.description === 'string' ? schema.description : '';
  if (text.includes(size)) return {};
  return { description: text === '' ? `A${size.slice(1)}` : `${text}; ${size}` };
}

function eventMapping(oneOf: unknown): JsonObject {
  const names = (oneOf as TSchema[]).map(schemaName).filter((name) => name !== undefined);
  return Object.fromEntries(names.map((name) => [name, refTo(name)]));
}

function isRecord(value: unknown): value is Readonly<Record<string, TSchema>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mapValues(schemas: Readonly<Record<string, TSchema>>): JsonObject {
  return Object.fromEntries(
    Object.entries(schemas).map(([key, schema]) => [key, schemaObject(schema)]),
  );
}
