import type { ErrorObject } from 'ajv/dist/2020.js';
import { listText, sizeText } from '../openapi/op-facts.ts';

type Keywords = Partial<Record<string, unknown>>;

export type Whole = 'The path' | 'The query' | 'The body';

/** Longer lists are shortened; the API reference has all values. */
const MAX_LISTED_VALUES = 20;
const MAX_KEY_LENGTH = 128;

/** Describes the most deeply nested error, which is usually the relevant one. */
export function validationMessage(errors: readonly ErrorObject[], whole: Whole): string {
  const depth = (error: ErrorObject) =>
    error.instancePath.split('/').length + (error.keyword === 'type' ? 0 : 0.5);
  const isOfNull = ({ keyword, schema }: ErrorObject) => keyword === 'type' && schema === 'null';
  const candidates = errors.filter(
    (error) => error.keyword !== 'anyOf' && error.keyword !== 'oneOf' && !isOfNull(error),
  );
  const error = candidates.toSorted((a, b) => depth(b) - depth(a))[0] ?? errors[0];
  if (!error) return `${whole} is not valid.`;
  const allowsNull = errors.some(
    (other) => isOfNull(other) && other.instancePath === error.instancePath,
  );
  return `${describeError(error, whole, allowsNull)}.`;
}

function describeError(error: ErrorObject, whole: Whole, allowsNull: boolean): string {
  const path = pathText(error.instancePath);
  const params: Keywords = error.params;
  switch (error.keyword) {
    case 'required':
      return `${joinKey(path, String(params.missingProperty))} is required`;
    case 'additionalProperties':
      return unknownKey(error, whole, path);
    case 'discriminator':
      return discriminator(error, path);
    default:
      return `${path === '' ? whole : path} must ${describeConstraint(error, allowsNull)}`;
  }
}

function describeConstraint(error: ErrorObject, allowsNull: boolean): string {
  const schema: Keywords = error.parentSchema ?? {};
  const params: Keywords = error.params;
  const counted = /^(?:min|max)(Length|Items|Properties)$/.exec(error.keyword)?.[1];
  if (counted) return countText(schema[`min${counted}`], schema[`max${counted}`], UNITS[counted]);
  switch (error.keyword) {
    case 'type':
      return `be ${typeText(String(params.type), schema, allowsNull)}`;
    case 'enum':
      return `be ${valuesText(params.allowedValues as readonly unknown[])}`;
    case 'const':
      return `be ${String(params.allowedValue)}`;
    case 'minimum':
    case 'maximum':
      return rangeText(schema.minimum, schema.maximum);
    case 'uniqueItems':
      return 'not contain the same item twice';
    case 'x-maxBytes':
      return `have at most ${sizeText(Number(error.schema))}${schema.type === 'string' ? ' of text' : ' of JSON'}`;
    case 'pattern':
      return `be ${String(schema['x-expected'])}`;
    case 'format':
      return 'be an RFC 3339 timestamp with an offset, such as 2024-01-15T14:30:00Z';
    default:
      throw new Error(`no message for the keyword ${error.keyword}`);
  }
}

const UNITS: Keywords = { Length: 'character', Items: 'item', Properties: 'key' };

function typeText(type: string, schema: Keywords, allowsNull: boolean): string {
  const values = type === 'boolean' ? ['true', 'false'] : [TYPES[type] ?? `a ${type}`];
  const allowed = 'const' in schema ? [String(schema.const)] : values;
  return listText(allowsNull ? [...allowed, 'null'] : allowed, 'or');
}

const TYPES: Readonly<Record<string, string>> = {
  object: 'a JSON object',
  array: 'a JSON array',
  integer: 'an integer',
};

function valuesText(values: readonly unknown[]): string {
  const listed = listText(values.map(String), 'or');
  if (values.length <= MAX_LISTED_VALUES) return values.length > 2 ? `one of ${listed}` : listed;
  const examples = listText(values.slice(0, 3).map(String), 'or');
  return `one of the ${values.length} values in the API reference, such as ${examples}`;
}

function rangeText(minimum: unknown, maximum: unknown): string {
  if (minimum === undefined) return `be at most ${numberText(maximum)}`;
  if (maximum === undefined || maximum === Number.MAX_SAFE_INTEGER) {
    return `be at least ${numberText(minimum)}`;
  }
  return `be between ${numberText(minimum)} and ${numberText(maximum)}`;
}

function countText(minimum: unknown, maximum: unknown, unit: unknown): string {
  const units = (count: unknown) => (count === 1 ? unit : `${unit}s`);
  if (maximum === undefined) return `have at least ${numberText(minimum)} ${units(minimum)}`;
  if (minimum === undefined || minimum === 0) {
    return `have at most ${numberText(maximum)} ${units(maximum)}`;
  }
  return `have ${numberText(minimum)} to ${numberText(maximum)} ${units(maximum)}`;
}

const numberText = (value: unknown) => Number(value).toLocaleString('en-US');

function unknownKey({ parentSchema, params }: ErrorObject, whole: Whole, path: string): string {
  const field = joinKey(path, String(params.additionalProperty));
  const names = parentSchema?.['x-expected-names'];
  if (names !== undefined) return `${field} is not allowed here; every name must ${names}`;
  return `${field} is not a known ${whole === 'The body' ? 'key' : 'parameter'}`;
}

function discriminator({ parentSchema, params }: ErrorObject, path: string): string {
  const field = joinKey(path, String(params.tag));
  if (params.tagValue === undefined) return `${field} is required`;
  const branches = (parentSchema?.oneOf ?? []) as {
    properties: Record<string, { const: unknown }>;
  }[];
  const values = branches.map(({ properties }) => properties[params.tag]?.const);
  return `${field} must be ${valuesText(values)}`;
}

/** `/Filter/SessionStates/0` → `Filter.SessionStates[0]` */
function pathText(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((path, step) => (/^\d+$/.test(step) ? `${path}[${step}]` : joinKey(path, step)), '');
}

/** Quotes keys that could be mistaken for parts of the path or the sentence. */
function joinKey(path: string, key: string): string {
  const short = key.slice(0, MAX_KEY_LENGTH).toWellFormed();
  if (/^[\w.:-]*\w$/.test(short)) return path === '' ? short : `${path}.${short}`;
  const quoted = JSON.stringify(short.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '\uFFFD'));
  return path === '' ? quoted : `${path}[${quoted}]`;
}
