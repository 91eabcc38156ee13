import type { Op } from '@colloquy/wire';
import { InvalidArgumentError, Option } from 'commander';

interface Schema {
  type?: string;
  enum?: readonly string[];
  anyOf?: readonly Schema[];
  items?: Schema;
  contentSchema?: Schema;
  description?: string;
  properties?: Record<string, Schema>;
  required?: readonly string[];
}

interface OpOption {
  readonly key: string;
  readonly inBody: boolean;
  readonly onlyWithCsv: boolean;
  readonly option: Option;
}

export function opOptions(op: Op): OpOption[] {
  const body: Schema = op.body === null || op.body === 'audio' ? {} : op.body;
  // Not mandatory as options: --body may contain the keys.
  const ofBody = fieldsOf(body).map((field) => ({ ...field, inBody: true, mandatory: false }));
  const fields = [...fieldsOf(op.params), ...fieldsOf(op.query), ...ofBody];
  const options = new Map<string, OpOption>();
  for (const { key, schema, mandatory, inBody } of fields) {
    const flag = flagOf(key);
    const option = optionOf(flag, schema)?.makeOptionMandatory(mandatory);
    if (!option || options.has(flag)) continue;
    options.set(flag, { key, inBody, onlyWithCsv: false, option });
  }
  if (op.csv) addCsvOptions(options, op.csv.query);
  return [...options.values()];
}

/** A key of both the body and the parameters of rows is one option; others exclude each other. */
function addCsvOptions(options: Map<string, OpOption>, query: Schema): void {
  const fields = new Map(fieldsOf(query).map((field) => [flagOf(field.key), field]));
  for (const [flag, { inBody, option }] of options) {
    if (inBody && !fields.has(flag)) option.conflicts('csv');
  }
  for (const [flag, { key, schema }] of fields) {
    const option = options.has(flag) ? null : optionOf(flag, schema);
    if (!option) continue;
    option.description = `with --csv${option.description && `: ${option.description}`}`;
    options.set(flag, { key, inBody: false, onlyWithCsv: true, option });
  }
}

function fieldsOf({ properties = {}, required = [] }: Schema) {
  return Object.entries(properties).map(([key, schema]) => {
    return { key, schema, mandatory: required.includes(key), inBody: false };
  });
}

/** Not `--api-key` for `apiKeyId`, which would mean the key itself. */
export function flagOf(key: string): string {
  return `--${kebabCase(key.replace(/(?<=.)(?<!ApiKey|apiKey)Id$/, ''))}`;
}

export function plainText(markdown: string): string {
  return markdown.replaceAll('`', '').replaceAll('**', '');
}

export function aboutText({ summary, description }: Op): string {
  return plainText(`${summary}.\n\n${description}`);
}

export function kebabCase(name: string): string {
  return name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase();
}

/** null for a value that only `--body` can hold. */
function optionOf(flag: string, given: Schema): Option | null {
  const schema = withoutNull(given);
  const about = plainText(given.description ?? schema.description ?? '');
  if (schema.enum) return new Option(`${flag} <name>`, about).choices([...schema.enum]);
  switch (schema.type) {
    case 'string':
      return new Option(`${flag} <${schema.contentSchema ? 'json' : 'text'}>`, about);
    case 'integer':
    case 'number':
      return new Option(`${flag} <number>`, about).argParser(toNumber);
    case 'boolean':
      return new Option(`${flag} [true|false]`, about).preset('true').argParser(toBoolean);
    case 'array':
      return listOption(flag, about, withoutNull(schema.items ?? {}));
    default:
      return null;
  }
}

function listOption(flag: string, about: string, items: Schema): Option | null {
  const names = items.enum;
  if (!names && items.type !== 'string' && items.type !== 'integer') return null;
  const several = about || (names ? names.join(', ') : '');
  return new Option(`${flag} <a,b,…>`, several).argParser((text: string) =>
    text.split(',').map((part) => {
      if (items.type === 'integer') return toNumber(part);
      if (names && !names.includes(part)) {
        throw new InvalidArgumentError(`It must be one of ${names.join(', ')}.`);
      }
      return part;
    }),
  );
}

function withoutNull(schema: Schema): Schema {
  const others = schema.anyOf?.filter(({ type }) => type !== 'null') ?? [];
  return others.length === 1 && others[0] ? others[0] : schema;
}

function toNumber(text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) {
    throw new InvalidArgumentError('It must be a number.');
  }
  return number;
}

function toBoolean(text: string): boolean {
  if (text !== 'true' && text !== 'false') {
    throw new InvalidArgumentError('It must be true or false.');
  }
  return text === 'true';
}
