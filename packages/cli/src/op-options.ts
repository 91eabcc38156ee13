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

export interface OpOption {
  readonly key: string;
  readonly inBody: boolean;
  /** True if it is invalid without --csv. */
  readonly onlyWithCsv: boolean;
  readonly option: Option;
}

/** Options for the parameters of an operation, the plain values of its body and the parameters of rows. */
export function opOptions(op: Op): OpOption[] {
  const body: Schema = op.body === null || op.body === 'audio' ? {} : op.body;
  const fields = [
    ...fieldsOf(op.params),
    ...fieldsOf(op.query),
    // No key of the body is mandatory as an option, because --body may contain it.
    ...fieldsOf(body).map((field) => ({ ...field, inBody: true, mandatory: false })),
  ];
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
    option.description = ['with --csv', option.description]
      .filter((text) => text !== '')
      .join(': ');
    options.set(flag, { key, inBody: false, onlyWithCsv: true, option });
  }
}

function fieldsOf({ properties = {}, required = [] }: Schema) {
  return Object.entries(properties).map(([key, schema]) => ({
    key,
    schema,
    mandatory: required.includes(key),
    inBody: false,
  }));
}

/** `businessId` → `--business`, but `apiKeyId` → `--api-key-id`: `--api-key` would mean the key itself. */
export function flagOf(key: string): string {
  const name = key.replace(/(?<=.)(?<!ApiKey|apiKey)Id$/, '');
  return `--${kebabCase(name)}`;
}

/** Removes the Markdown of a text of the contract. */
export function plainText(markdown: string): string {
  return markdown.replaceAll('`', '').replaceAll('**', '');
}

export function aboutText({ summary, description }: Op): string {
  return plainText(`${summary}.\n\n${description}`);
}

/** `GetConversations` → `get-conversations`. */
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
  const plain = names || items.type === 'string' || items.type === 'integer';
  if (!plain) return null;
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
