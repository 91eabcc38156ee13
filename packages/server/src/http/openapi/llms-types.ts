import type { JsonObject } from './schemas.ts';

type Schemas = Readonly<Record<string, JsonObject>>;

export function fieldLines(properties: Schemas, required: readonly string[], prefix = '') {
  return Object.entries(properties).map(([key, schema]) => {
    const name = `${prefix}\`${key}${required.includes(key) ? '' : '?'}\``;
    const means = typeof schema.description === 'string' ? `; ${schema.description}` : '';
    return `- ${name}: ${typeText(schema)}${means}`;
  });
}

export function typeText(schema: JsonObject): string {
  const { $ref, anyOf, oneOf, type, items, properties } = schema;
  if (typeof $ref === 'string') return $ref.slice($ref.lastIndexOf('/') + 1);
  const members = (anyOf ?? oneOf) as readonly JsonObject[] | undefined;
  if (members) return members.map(typeText).join(' or ');
  if ('const' in schema) return JSON.stringify(schema.const);
  if (Array.isArray(schema.enum))
    return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (Array.isArray(type)) return `${typeText({ ...schema, type: type[0] })} or null`;
  if (type === 'array') return `array of ${arrayItems(items as JsonObject)}${bounds(schema)}`;
  if (type === 'object' && properties) {
    return `{${objectText(properties as Schemas, (schema.required as string[]) ?? [])}}`;
  }
  return `${type ?? 'any JSON'}${bounds(schema)}`;
}

function arrayItems(items: JsonObject): string {
  const text = typeText(items);
  return text.includes(' | ') ? `(${text})` : text;
}

function objectText(properties: Schemas, required: readonly string[]): string {
  return Object.entries(properties)
    .map(([key, schema]) => `${key}${required.includes(key) ? '' : '?'}: ${typeText(schema)}`)
    .join(', ');
}

/** ` (1 to 100, default 10)` */
function bounds(schema: JsonObject): string {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems } = schema;
  const facts = [
    range(minimum, maximum, ''),
    range(minLength, maxLength, ' characters'),
    range(minItems, maxItems, ' items'),
    schema.default === undefined ? '' : `default ${JSON.stringify(schema.default)}`,
    schema.pattern === undefined ? '' : `matching ${schema.pattern}`,
  ].filter((fact) => fact !== '');
  return facts.length === 0 ? '' : ` (${facts.join(', ')})`;
}

function range(lowest: unknown, highest: unknown, unit: string): string {
  if (lowest !== undefined && highest !== undefined) return `${lowest} to ${highest}${unit}`;
  if (highest !== undefined) return `at most ${highest}${unit}`;
  return lowest === undefined ? '' : `at least ${lowest}${unit}`;
}
