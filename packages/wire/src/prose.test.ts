import type { TSchema } from 'typebox';
import { describe, expect, it, test } from 'vitest';
import { NAMED_SCHEMAS, type Op, ops, TAGS } from './index.ts';

interface Schema {
  readonly title?: string;
  readonly description?: string;
  readonly pattern?: string;
  readonly 'x-expected'?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly contentSchema?: Schema;
  readonly const?: unknown;
}

const declared: readonly Op[] = Object.values(ops);
const named = new Map((NAMED_SCHEMAS as readonly Schema[]).map((schema) => [schema.title, schema]));

const requestsOf = ({ name, params, query, body, csv }: Op): [string, Schema][] => [
  [`${name} path`, params],
  [`${name} query`, query],
  ...(body === null || body === 'audio' ? [] : [[`${name} body`, body] as [string, Schema]]),
  ...(csv ? [[`${name} rows`, csv.query] as [string, Schema]] : []),
];

/** Visits a schema and all schemas in it, with a path for messages. */
function visit(schema: Schema, path: string, see: (schema: Schema, path: string) => void): void {
  see(schema, path);
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    visit(property, `${path}.${key}`, see);
  }
  for (const branch of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) visit(branch, path, see);
  if (schema.items) visit(schema.items, `${path}[]`, see);
  if (schema.contentSchema) visit(schema.contentSchema, path, see);
}

/** The fields that have no description beyond that of a shared type. */
function undescribed(root: Schema, path: string): string[] {
  const lacking: string[] = [];
  visit(root, path, ({ properties = {} }, at) => {
    for (const [key, field] of Object.entries(properties)) {
      const shared = field.title === undefined ? undefined : named.get(field.title)?.description;
      const own = field.description === shared ? undefined : field.description;
      if (!own) lacking.push(`${at}.${key}`);
    }
  });
  return lacking;
}

describe('every operation', () => {
  it.each(declared.map((op) => [op.name, op] as const))(
    '%s has a title, a summary, a description and consistent hints',
    (_name, op) => {
      expect(op.title).toMatch(/^[A-Z][^.\n]{4,50}$/);
      expect(op.summary).toMatch(/^[A-Z].{4,80}[^.]$/);
      expect(op.description).toMatch(/^[A-Z`].{20,}\.$/s);
      expect(op.tag in TAGS).toBe(true);
      expect([op.readOnly, op.destructive, op.idempotent].map((hint) => typeof hint)).toEqual(
        Array(3).fill('boolean'),
      );
      if (op.readOnly) expect([op.destructive, op.idempotent]).toEqual([false, true]);
      // What only a GET does cannot change anything.
      if (op.method === 'GET') expect(op.readOnly).toBe(true);
      if (op.method === 'DELETE') expect(op.destructive).toBe(true);
    },
  );

  it('has a unique title', () => {
    const titles = declared.map(({ title }) => title);
    expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([]);
  });

  it.each(declared.map((op) => [op.name, op] as const))(
    '%s describes each field of its request and of its answer',
    (name, op) => {
      const roots: [string, Schema][] = [...requestsOf(op), [`${name} answer`, op.output]];
      expect(roots.flatMap(([path, schema]) => undescribed(schema, path))).toEqual([]);
    },
  );

  it.each(declared.map((op) => [op.name, op] as const))(
    '%s has an example for each path parameter',
    (_name, { params }) => {
      for (const [key, schema] of Object.entries(params.properties)) {
        expect((schema as { examples?: unknown[] }).examples?.[0], key).toBeDefined();
      }
    },
  );
});

describe('every description', () => {
  const texts = new Map<string, string>();
  for (const op of declared) {
    for (const [path, schema] of [...requestsOf(op), [op.name, op.output] as [string, TSchema]]) {
      visit(schema, path, ({ description }, at) => {
        if (description !== undefined) texts.set(description, at);
      });
    }
  }

  it('ends with a full stop exactly if it has several sentences', () => {
    const wrong = [...texts].filter(([text]) => {
      const hasSeveral =
        /[.`)] [A-Z`]/.test(text.replaceAll(/`[^`]*`/g, '`x`')) && /\. /.test(text);
      return hasSeveral !== text.endsWith('.');
    });
    expect(wrong).toEqual([]);
  });

  it('begins with a capital letter, a value or null', () => {
    const wrong = [...texts].filter(([text]) => !/^([A-Z1`]|null)/.test(text));
    expect(wrong).toEqual([]);
  });
});

describe('a schema with a title', () => {
  const withTitles: [Schema, string][] = [];
  for (const op of declared) {
    for (const [path, schema] of [...requestsOf(op), [op.name, op.output] as [string, TSchema]]) {
      visit(schema, path, (one, at) => {
        if (one.title !== undefined) withTitles.push([one, at]);
      });
    }
  }

  it('is one of the named schemas, except for its description', () => {
    const bare = ({ description: _, ...rest }: Schema) =>
      JSON.stringify({ ...rest, examples: undefined });
    for (const [schema, path] of withTitles) {
      const base = named.get(schema.title);
      expect(base && bare(base), `${path} ${schema.title}`).toBe(bare(schema));
    }
  });

  test('is used by an operation, and its title is unique', () => {
    expect(named.size).toBe(NAMED_SCHEMAS.length);
    const used = new Set(withTitles.map(([{ title }]) => title));
    expect([...named.keys()].filter((title) => !used.has(title))).toEqual([]);
  });
});

describe('a pattern of a request', () => {
  it('has a phrase for its message that follows "must be"', () => {
    const phrases: (string | undefined)[] = [];
    for (const op of declared) {
      for (const [path, schema] of requestsOf(op)) {
        visit(schema, path, (one) => {
          if (one.pattern !== undefined) phrases.push(one['x-expected']);
        });
      }
    }
    expect(phrases.length).toBeGreaterThan(50);
    expect([...new Set(phrases)].filter((text) => !/^(an?|the) /.test(text ?? ''))).toEqual([]);
  });
});
