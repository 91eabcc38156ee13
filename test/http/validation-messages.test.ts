import { type Op, ops } from '@colloquy/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Broken, brokenValues, type Schema, sample } from '../fixtures/broken-values.ts';
import { ADMIN_KEY, startTestServer, type TestServer } from '../servers/test-server.ts';

/** The limit of a text in a URL. */
const MAX_URL_TEXT = 8_000;
const MAX_MESSAGE = 400;

let server: TestServer;
let businessId: number;
const messages = new Set<string>();
beforeAll(async () => {
  server = await startTestServer();
  businessId = await server.newBusiness();
});
afterAll(async () => {
  // PRINT_MESSAGES=1 prints every message for review.
  if (process.env.PRINT_MESSAGES) console.log([...messages].sort().join('\n'));
  await server[Symbol.asyncDispose]();
});

interface Request {
  readonly params: Record<string, unknown>;
  readonly query: Record<string, unknown>;
  readonly body: unknown;
  readonly isRows: boolean;
}
interface Case extends Request, Pick<Broken, 'path' | 'constraint'> {}

function* casesOf(op: Op): Generator<Case> {
  const params = { ...(sample(op.params) as object), businessId } as Record<string, unknown>;
  const hasBody = op.body !== null && op.body !== 'audio';
  const valid: Request = {
    params,
    query: {},
    body: hasBody ? sample(op.body as Schema) : undefined,
    isRows: false,
  };
  for (const broken of textCases(op.params, 'path')) {
    // The businessId is checked before the shape of the request.
    if (broken.path === 'businessId' || broken.value[broken.path] === '') continue;
    yield { ...valid, ...broken, params: { ...params, ...broken.value } };
  }
  for (const broken of textCases(op.query, 'query'))
    yield { ...valid, ...broken, query: broken.value };
  if (hasBody) {
    for (const broken of brokenValues(op.body as Schema)) {
      yield { ...valid, ...broken, body: broken.value };
    }
  }
  if (op.csv) {
    for (const broken of textCases(op.csv.query, 'query')) {
      yield { ...valid, ...broken, query: broken.value, body: 'a\n', isRows: true };
    }
  }
}

/** Broken parameters that can be written in a URL. */
function* textCases(
  schema: Schema,
  place: 'path' | 'query',
): Generator<Broken & { value: Record<string, string> }> {
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const held = property.contentSchema;
    const others = Object.fromEntries(
      Object.entries(sample(schema) as object).map(([name, value]) => [name, String(value)]),
    );
    for (const broken of brokenValues(held ?? property, key)) {
      const isText = property.type === 'string' && broken.constraint === 'type';
      if (isText && !held) continue;
      const text = held ? JSON.stringify(broken.value) : String(broken.value);
      if (text.length > MAX_URL_TEXT) continue;
      yield { ...broken, value: { ...others, [key]: text } };
    }
  }
  for (const broken of brokenValues({ ...schema, properties: {} })) {
    // A path without a parameter is another path.
    if (place === 'path' || !['required', 'additionalProperties'].includes(broken.constraint))
      continue;
    const { value } = broken as { value: Record<string, unknown> };
    const texts = Object.entries(value).map(([key, one]) => [key, String(one)]);
    yield { ...broken, value: Object.fromEntries(texts) };
  }
}

async function send(op: Op, { params, query, body, isRows }: Request) {
  const path = op.path.replaceAll(/\{(\w+)\}/g, (_, key) =>
    encodeURIComponent(String(params[key])),
  );
  const texts = Object.entries(query).map(([key, value]) => [key, String(value)]);
  const type = isRows ? 'text/csv' : op.body === 'audio' ? 'audio/wav' : 'application/json';
  const sent = isRows || op.body === 'audio' ? 'a\n' : JSON.stringify(body);
  const response = await fetch(`${server.url}/api/v1${path}?${new URLSearchParams(texts)}`, {
    method: op.method,
    headers: {
      Authorization: `Token ${ADMIN_KEY}`,
      ...(op.method !== 'GET' && sent !== undefined && { 'Content-Type': type }),
    },
    ...(op.method !== 'GET' && sent !== undefined && { body: sent }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
}

function flawsOf(message: string, path: string): string[] {
  const plain = message.replaceAll(/`[^`]*`|"[^"]*"/g, 'x');
  const flaws: [boolean, string][] = [
    [!message.startsWith(path), `does not begin with ${path}`],
    [!/[^.]\.$/.test(message), 'does not end with one full stop'],
    [/[.!?]\s+\S/.test(plain), 'has more than one sentence'],
    [/[\n\r]/.test(message), 'has a line break'],
    [/\(\?|\\|\^\[|\]\{|\$$/.test(plain), 'shows a regular expression'],
    [/~[01]|(^|\s)\/\w/.test(plain), 'shows a JSON pointer'],
    [/undefined|\[object|NaN/.test(message), 'shows a missing value'],
    [message.length > MAX_MESSAGE, 'is too long'],
    [!/ (must|is required|is not a known|is not allowed) ?/.test(message), 'has no known form'],
  ];
  return flaws.filter(([isFlaw]) => isFlaw).map(([, text]) => text);
}

describe('a request that breaks one constraint', () => {
  const broken = new Set<string>();

  it.each(Object.values<Op>(ops).map((op) => [op.name, op] as const))(
    'each invalid request of %s is refused with one sentence that names the field',
    async (name, op) => {
      const wrong: string[] = [];
      for (const one of casesOf(op)) {
        broken.add(one.constraint);
        const { status, body } = await send(op, one);
        const message = body.Message ?? '';
        messages.add(`${name} ${one.constraint}: ${message}`);
        const isRefused = status === 400 && body.Code === `${name}:INVALID_REQUEST`;
        const flaws = isRefused ? flawsOf(message, one.path) : [`is ${status} ${body.Code}`];
        for (const flaw of flaws) wrong.push(`${one.path} ${one.constraint} ${flaw}: ${message}`);
      }
      expect(wrong).toEqual([]);
    },
    60_000,
  );

  it('invalid requests cover every keyword of the schemas', () => {
    const keywords = new Set<string>();
    const collect = (value: unknown): void => {
      if (value === null || typeof value !== 'object') return;
      const schema = value as Record<string, unknown>;
      const { properties, patternProperties, ...own } = schema;
      for (const key of Object.keys(own)) keywords.add(key);
      for (const inner of Object.values({ ...(properties ?? {}), ...(patternProperties ?? {}) })) {
        collect(inner);
      }
      for (const key of ['anyOf', 'oneOf'] as const) {
        for (const branch of (own[key] ?? []) as unknown[]) collect(branch);
      }
      collect(own.items);
      collect(own.contentSchema);
    };
    for (const { params, query, body, csv } of Object.values<Op>(ops)) {
      for (const schema of [params, query, body, csv?.query]) collect(schema);
    }
    const structure =
      /^(title|description|examples?|default|x-masked|x-expected|anyOf|oneOf|items|content\w+)$/;
    const missing = [...keywords].filter((key) => !structure.test(key) && !broken.has(key));
    expect(missing).toEqual([]);
  });
});
