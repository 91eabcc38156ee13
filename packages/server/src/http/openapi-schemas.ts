import { INITIATION_TYPE_FILTER, type NameSet } from '@colloquy/wire';
import type { TSchema } from 'typebox';
import { listText, sizeText } from './op-facts.ts';
import { NAMED_SCHEMAS, VALUE_SETS } from './openapi-names.ts';
import { SCHEMA_NOTES } from './openapi-notes.ts';

export type JsonObject = { readonly [key: string]: unknown };

// By text: a schema that was made optional is a copy, and equal ones are the same to a reader.
const NAMES = new Map<string, string>();
for (const [name, schema] of NAMED_SCHEMAS) {
  const text = JSON.stringify(schema);
  if (!NAMES.has(text)) NAMES.set(text, name);
}

const refTo = (name: string) => `#/components/schemas/${name}`;

/** The name of a schema in the document, if it has one. */
export function schemaName(schema: TSchema): string | undefined {
  return NAMES.get(JSON.stringify(schema));
}

/** A schema as the document shows it: a reference where it has a name. */
export function schemaObject(schema: TSchema): JsonObject {
  const name = schemaName(schema);
  return name === undefined ? inline(schema, {}) : { $ref: refTo(name) };
}

/** Every named schema, spelled out. */
export function schemaComponents(): JsonObject {
  const entries = NAMED_SCHEMAS.filter(([name, schema]) => schemaName(schema) === name);
  return Object.fromEntries(
    entries.map(([name, schema]) => {
      const { description, ...fields } = SCHEMA_NOTES[name] ?? {};
      const spelled = inline(schema, fields);
      const text = description ?? aliasText(name);
      return [name, text === undefined ? spelled : { ...spelled, description: text }];
    }),
  );
}

/** `fields` describes properties that say nothing of themselves. */
function inline(schema: TSchema, fields: Readonly<Record<string, string>>): JsonObject {
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
    ...rest
  } = schema as Partial<Record<string, unknown>>;
  const shown: JsonObject = {
    ...('enum' in rest && { type: 'string' }),
    ...rest,
    ...describe(rest),
    ...(isRecord(properties) && {
      properties: mapValues(properties, (property, key) => described(property, fields[key])),
    }),
    ...(isRecord(patternProperties) && { patternProperties: mapValues(patternProperties) }),
    ...(items !== undefined && { items: schemaObject(items as TSchema) }),
    ...(contentSchema !== undefined && { contentSchema: schemaObject(contentSchema as TSchema) }),
    ...(additionalProperties !== undefined && { additionalProperties }),
    ...(Array.isArray(oneOf) && { oneOf: oneOf.map(schemaObject) }),
  };
  const withMapping = isRecord(rest.discriminator)
    ? { ...shown, discriminator: { ...rest.discriminator, mapping: eventMapping(oneOf) } }
    : shown;
  return Array.isArray(anyOf) ? { ...withMapping, ...union(anyOf as TSchema[]) } : withMapping;
}

/** `anyOf`, or for a plain type that may be null the shorter `type: [string, null]`. */
function union(members: readonly TSchema[]): JsonObject {
  const [first, second] = members.map(schemaObject);
  const isPlain = typeof first?.type === 'string' && !('enum' in first) && !('const' in first);
  if (members.length === 2 && isPlain && second?.type === 'null') {
    return { ...first, type: [first.type, 'null'] };
  }
  return { anyOf: members.map(schemaObject) };
}

function described(property: TSchema, note: string | undefined): JsonObject {
  const shown = schemaObject(property);
  return note === undefined ? shown : { ...shown, description: note };
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

/** `` `Ended` means `Completed`. `` for the sets whose values have other spellings. */
function aliasText(name: string): string | undefined {
  const sets: Readonly<Record<string, NameSet>> = {
    ...Object.fromEntries(Object.entries(VALUE_SETS).map(([key, set]) => [`${key}Input`, set])),
    InitiationTypeFilter: INITIATION_TYPE_FILTER,
  };
  const aliases = Object.entries(sets[name]?.aliases ?? {});
  if (aliases.length === 0) return undefined;
  const meanings = aliases.map(
    ([alias, names]) =>
      `\`${alias}\` means ${listText(
        names.map((one) => `\`${one}\``),
        'or',
      )}`,
  );
  return `${meanings.join('; ')}.`;
}

function isRecord(value: unknown): value is Readonly<Record<string, TSchema>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mapValues(
  schemas: Readonly<Record<string, TSchema>>,
  change: (schema: TSchema, key: string) => JsonObject = (schema) => schemaObject(schema),
): JsonObject {
  return Object.fromEntries(
    Object.entries(schemas).map(([key, schema]) => [key, change(schema, key)]),
  );
}
