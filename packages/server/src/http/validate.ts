import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { TSchema } from 'typebox';
import { Fault } from '../base/fault.ts';
import { parseInstant } from '../base/instant.ts';

// The defaults of many set-ups turn "20" into 20 and drop a mistyped key; here a request means
// what it says or is refused.
const ajv = new Ajv2020({
  coerceTypes: false,
  removeAdditional: false,
  useDefaults: false,
  allErrors: false,
  verbose: true,
  discriminator: true,
  strict: true,
  strictTypes: false,
  strictRequired: false,
  ownProperties: true,
});
// Says what a masked reader is shown (http/masked-reader.ts); it checks nothing.
ajv.addKeyword('x-masked');
ajv.addKeyword('x-expected');
ajv.addKeyword('x-expected-names');
ajv.addFormat('date-time', (text: string) => parseInstant(text) !== null);
ajv.addKeyword({
  keyword: 'x-maxBytes',
  schemaType: 'number',
  validate: (limit: number, value: unknown) =>
    // No character takes more than three bytes per UTF-16 unit.
    (typeof value === 'string' && value.length * 3 <= limit) ||
    Buffer.byteLength(typeof value === 'string' ? value : JSON.stringify(value)) <= limit,
});

/**
 * A check of a schema that throws INVALID_REQUEST, naming the field by its path. It is compiled when it is
 * first used: to compile all operations takes longer than the rest of a start.
 */
export function compileCheck(schema: TSchema, whole: string): (value: unknown) => void {
  let validate: ValidateFunction | null = null;
  return (value) => {
    validate ??= ajv.compile(schema);
    if (validate(value)) return;
    throw new Fault('INVALID_REQUEST', explain(validate.errors ?? [], whole));
  };
}

/** One sentence for what is wrong: the error that lies deepest is the one that was meant. */
function explain(errors: readonly ErrorObject[], whole: string): string {
  const depth = (error: ErrorObject) =>
    error.instancePath.split('/').length + (error.keyword === 'type' ? 0 : 0.5);
  const candidates = errors.filter(
    ({ keyword, schema }) =>
      keyword !== 'anyOf' && keyword !== 'oneOf' && !(keyword === 'type' && schema === 'null'),
  );
  const error = candidates.toSorted((a, b) => depth(b) - depth(a))[0] ?? errors[0];
  if (!error) return `${whole} is not valid.`;
  const optional = errors.some(({ keyword, schema }) => keyword === 'type' && schema === 'null');
  return `${sentence(error, whole)}${optional && error.keyword === 'type' ? ' or null' : ''}.`;
}

function sentence(error: ErrorObject, whole: string): string {
  const path = pathText(error.instancePath);
  const field = path === '' ? whole : path;
  const inside = (key: string) => (path === '' ? key : `${path}.${key}`);
  const params: Record<string, unknown> = error.params;
  switch (error.keyword) {
    case 'required':
      return `${inside(String(params.missingProperty))} is required`;
    case 'additionalProperties':
      return `${inside(cut(String(params.additionalProperty)))} is not a known key`;
    case 'type':
      return `${field} must be ${article(String(params.type))}`;
    case 'enum':
      return `${field} must be one of ${(params.allowedValues as unknown[]).join(', ')}`;
    case 'const':
      return `${field} must be ${String(params.allowedValue)}`;
    case 'discriminator':
      return `${inside('Type')} must be one of ${eventTypes(error).join(', ')}`;
    case 'minimum':
    case 'maximum':
      return `${field} must be ${error.keyword === 'minimum' ? 'at least' : 'at most'} ${params.limit}`;
    case 'minLength':
    case 'maxLength':
      return `${field} must have ${few(error)} ${params.limit} characters`;
    case 'minItems':
    case 'maxItems':
    case 'maxProperties':
      return `${field} must have ${few(error)} ${params.limit} entries`;
    case 'x-maxBytes':
      return `${field} must have at most ${error.schema} bytes`;
    case 'pattern':
      return `${field} must be ${expectedBy(error.parentSchema)}`;
    case 'format':
      return `${field} must be an RFC 3339 timestamp with an offset, such as 2024-01-15T14:30:00Z`;
    default:
      return `${field} ${error.message ?? 'is not valid'}`;
  }
}

const expectedBy = (schema: Partial<Record<string, unknown>> = {}) =>
  String(schema['x-expected'] ?? schema.description ?? 'of another form');
const few = ({ keyword }: ErrorObject) => (keyword.startsWith('min') ? 'at least' : 'at most');
const article = (type: string) => (/^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`);
const cut = (text: string) => text.slice(0, 128).toWellFormed();

function eventTypes(error: ErrorObject): string[] {
  const kinds = (error.parentSchema?.oneOf ?? []) as {
    properties: { Type: { const: string } };
  }[];
  return kinds.map(({ properties }) => properties.Type.const);
}

/** `/Filter/SessionStates/0` → `Filter.SessionStates[0]` */
function pathText(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => cut(step.replaceAll('~1', '/').replaceAll('~0', '~')))
    .map((step) => (/^\d+$/.test(step) ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '');
}
