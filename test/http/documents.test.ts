import { EXAMPLE_CONVERSATION, EXAMPLE_PUT, type Op, ops, REASONS } from '@colloquy/wire';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reasonsOf } from '../../packages/server/src/http/openapi/op-facts.ts';
import { brokenValues, sample } from '../fixtures/broken-values.ts';
import { isJson, type Json, OpenApiDocument } from '../fixtures/openapi-document.ts';
import { ADMIN_KEY, startTestServer, type TestServer } from '../servers/test-server.ts';

const declared: readonly Op[] = Object.values(ops);
let server: TestServer;
let document: OpenApiDocument;

beforeAll(async () => {
  server = await startTestServer();
  document = new OpenApiDocument((await (await get('/openapi.json')).json()) as Json);
});
afterAll(() => server[Symbol.asyncDispose]());

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(server.url + path, { headers, redirect: 'manual' });

describe('/openapi.json', () => {
  it('openapi.json is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(structuredClone(document.root));
    expect(errors ?? []).toEqual([]);
    expect(valid).toBe(true);
    expect(validator.version).toBe('3.1');
  });

  it('openapi.json describes every operation with all its statuses', () => {
    for (const op of declared) {
      for (const method of [op.method, ...(op.alsoMethods ?? [])]) {
        const at = ['paths', op.path, method.toLowerCase()] as const;
        const id = document.at(...at, 'operationId');
        expect(id, `${method} ${op.path}`).toMatch(
          method === op.method ? op.name : /By(Post|Get)$/,
        );
        const statuses = [
          ...op.statuses,
          ...(op.isTagged ? [304] : []),
          ...(op.eventStream ? [204] : []),
          405,
          ...reasonsOf(op).map((code) => REASONS[code].status),
        ];
        expect(Object.keys(document.at(...at, 'responses') as Json).map(Number)).toEqual(
          [...new Set(statuses)].sort(),
        );
        expect(document.at(...at, 'description')).toContain('**Permission:**');
      }
    }
  });

  it('openapi.json has an example of every JSON body and answer', () => {
    for (const op of declared) {
      const at = ['paths', op.path, op.method.toLowerCase()] as const;
      const json = ['content', 'application/json', 'example'] as const;
      if (op.download !== undefined) {
        expect(document.at(...at, 'responses', 200, 'content', op.download)).toBeDefined();
      }
      if (op.eventStream) {
        expect(document.at(...at, 'responses', 200, 'content', 'text/event-stream')).toBeDefined();
      }
      const isJson = op.download === undefined && !op.eventStream;
      for (const status of isJson ? op.statuses : []) {
        expect(document.at(...at, 'responses', status, ...json, 'Data'), op.name).toBeDefined();
      }
      const hasJson = op.body !== null && op.body !== 'audio';
      if (hasJson) expect(document.at(...at, 'requestBody', ...json), op.name).toBeDefined();
    }
  });

  it('openapi.json lists query parameters, headers and CSV bodies of every operation', () => {
    for (const op of declared) {
      const at = ['paths', op.path, op.method.toLowerCase()] as const;
      const parameters = (document.at(...at, 'parameters') ?? []) as Json[];
      const namesIn = (place: string) =>
        parameters.filter((one) => one.in === place).map(({ name }) => name);
      const own = Object.keys(op.query.properties);
      const besideRows = Object.keys(op.csv?.query.properties ?? {});
      expect(namesIn('query'), op.name).toEqual([...own, ...besideRows]);
      expect(namesIn('header'), op.name).toEqual([
        ...(op.isTagged ? ['If-None-Match'] : []),
        ...(op.eventStream ? ['Last-Event-ID'] : []),
        ...(op.takesIdempotencyKey ? ['Idempotency-Key'] : []),
      ]);
      const rows = document.at(...at, 'requestBody', 'content', 'text/csv', 'example');
      expect(typeof rows, op.name).toBe(op.csv ? 'string' : 'undefined');
    }
  });

  it('all examples in openapi.json match their schemas', () => {
    let checked = 0;
    document.visit((object, keys) => {
      if (!isJson(object.schema)) return;
      const named = isJson(object.examples) ? Object.values(object.examples) : [];
      const values = named.map((example) => (example as Json).value);
      if ('example' in object) values.push(object.example);
      if (values.length === 0) return;
      const check = document.schemaAt([...keys, 'schema']);
      for (const value of values) {
        expect(check(value), `${keys.join(' ')}: ${JSON.stringify(check.errors)}`).toBe(true);
        checked += 1;
      }
    });
    expect(checked).toBeGreaterThan(200);
  });

  it('references in openapi.json resolve and operation ids are unique', () => {
    const ids: unknown[] = [];
    document.visit((object) => {
      if (typeof object.operationId === 'string') ids.push(object.operationId);
      if (typeof object.$ref !== 'string') return;
      expect(document.at(...object.$ref.slice(2).split('/')), object.$ref).toBeDefined();
    });
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(declared.length);
    expect(JSON.stringify(document.root)).not.toMatch(/undefined|\[object/);
  });

  it('schemas in openapi.json accept the same bodies as the server', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false, discriminator: true });
    for (const op of declared) {
      if (op.body === null || op.body === 'audio') continue;
      const byWire = ajv.compile(op.body);
      const byDocument = document.schemaAt([
        ...['paths', op.path, op.method.toLowerCase(), 'requestBody'],
        ...['content', 'application/json', 'schema'],
      ]);
      const broken = [...brokenValues(op.body)].map(({ value }) => value);
      for (const body of [...variants(op.examples?.body), sample(op.body), ...broken]) {
        expect(byDocument(body), `${op.name} ${JSON.stringify(body)}`).toBe(byWire(body));
      }
    }
  });

  it('openapi.json accepts numbers for an enum of numbers', () => {
    const check = document.schemaAt(['components', 'schemas', 'ConversationFilter']);
    expect(check({ DurationsFromSeconds: [0, 1800] })).toBe(true);
    expect(check({ DurationsFromSeconds: ['0'] })).toBe(false);
  });

  it('openapi.json has the hints of every operation as tool annotations', () => {
    for (const op of declared) {
      const at = ['paths', op.path, op.method.toLowerCase(), 'x-annotations'] as const;
      expect(document.at(...at), op.name).toEqual({
        title: op.title,
        readOnlyHint: op.readOnly,
        destructiveHint: op.destructive,
        idempotentHint: op.idempotent,
      });
    }
  });

  it('a field in openapi.json keeps its description next to the reference to its type', () => {
    const conversation = ['components', 'schemas', 'Conversation', 'properties'] as const;
    expect(document.at(...conversation, 'StartTime')).toEqual({
      $ref: '#/components/schemas/Timestamp',
      description: 'When the conversation began',
    });
  });

  it('answers of the server match openapi.json', async () => {
    const businessId = await server.newBusiness();
    const business = `/api/v1/business/${businessId}`;
    const path = `${business}/conversations/${EXAMPLE_CONVERSATION.Id}`;
    const put = ['/business/{businessId}/conversations/{sessionId}', 'PUT'] as const;
    const one = ['/business/{businessId}/conversations/{sessionId}', 'GET'] as const;
    const list = ['/business/{businessId}/conversations', 'POST'] as const;
    const queue = ['/business/{businessId}/queues/outbound/{queueId}', 'POST'] as const;
    await expectAsDescribed(put, path, 201, EXAMPLE_PUT);
    await expectAsDescribed(put, path, 200, EXAMPLE_PUT);
    await expectAsDescribed(put, path, 400, { ...EXAMPLE_PUT, Status: 'Over' });
    await expectAsDescribed(one, path, 200);
    await expectAsDescribed(one, `${business}/conversations/none`, 404);
    await expectAsDescribed(list, `${business}/conversations`, 200, { Include: ['Messages'] });
    await expectAsDescribed(list, `${business}/conversations`, 400, { NextCursor: 'x' });
    await expectAsDescribed(list, '/api/v1/business/9/conversations', 403, {});
    await expectAsDescribed(queue, `${business}/queues/outbound/none`, 404);
    await expectAsDescribed(queue, `${business}/queues/outbound/none`, 400, { Unknown: 1 });
    await expectAsDescribed(['/admin/users', 'GET'], '/api/v1/admin/users?Limit=1', 200);
    await expectAsDescribed(['/admin/api-keys', 'GET'], '/api/v1/admin/api-keys', 200);
    await expectAsDescribed(['/healthz', 'GET'], '/healthz', 200);
    await expectAsDescribed(['/readyz', 'GET'], '/readyz', 200);
  });
});

async function expectAsDescribed(
  [path, method]: readonly [path: string, method: string],
  target: string,
  status: number,
  body?: unknown,
): Promise<void> {
  const response = await fetch(server.url + target, {
    method,
    headers: {
      Authorization: `Token ${ADMIN_KEY}`,
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  expect(response.status, `${method} ${target}`).toBe(status);
  const at = ['paths', path, method.toLowerCase(), 'responses', status] as const;
  const check = document.schemaAt([...at, 'content', 'application/json', 'schema']);
  const answer: unknown = await response.json();
  expect(check(answer), `${method} ${target}: ${JSON.stringify(check.errors)}`).toBe(true);
  for (const header of Object.keys(document.at(...at, 'headers') as Json)) {
    expect(response.headers.has(header), `${method} ${target} ${header}`).toBe(true);
  }
}

function variants(body: unknown): unknown[] {
  const changed: unknown[] = [body, null, [], 'text', {}];
  const replace = (value: unknown, put: (replaced: unknown) => unknown) => {
    for (const other of [null, 0, -1, 101, 'x', '', true, [], {}]) changed.push(put(other));
    if (Array.isArray(value)) {
      value.forEach((item, index) => {
        replace(item, (replaced) => put(value.toSpliced(index, 1, replaced)));
      });
    } else if (isJson(value)) {
      changed.push(put({ ...value, Unknown: 1 }));
      for (const [key, item] of Object.entries(value)) {
        const { [key]: _, ...rest } = value;
        changed.push(put(rest));
        replace(item, (replaced) => put({ ...value, [key]: replaced }));
      }
    }
  };
  replace(body, (replaced) => replaced);
  return changed;
}

describe('/llms.txt', () => {
  it('llms.txt has a title, a summary and every operation with a request to try', async () => {
    const response = await get('/llms.txt');
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    const text = await response.text();
    expect(text).toMatch(/^# Colloquy API\n\n> .+\n\n/);
    for (const op of declared) {
      const section = text.split(`\n### ${op.name}\n`)[1]?.split('\n### ')[0] ?? '';
      expect(section, op.name).toContain(`${op.method}`);
      expect(section, op.name).toContain(`/api/v1${op.path}`);
      expect(section, op.name).toContain('curl -s');
      expect(section, op.name).toContain(`**Effect:** ${op.readOnly ? 'reads only' : ''}`);
      for (const code of reasonsOf(op)) expect(section, op.name).toContain(code);
      for (const name of Object.keys(op.params.properties)) expect(section).toContain(name);
      for (const name of Object.keys(op.csv?.query.properties ?? {})) {
        expect(section).toMatch(new RegExp(`query \`${name}\\??\``));
      }
      expect(section.includes('text/csv'), op.name).toBe(op.csv !== undefined);
      expect(section.includes('Idempotency-Key'), op.name).toBe(op.takesIdempotencyKey === true);
    }
    for (const name of ['`Completed` (`Ended`)', '`Telephony` for `Inbound` or `Outbound`']) {
      expect(text).toContain(name);
    }
    expect(text).not.toMatch(/undefined|\[object/);
  });
});

describe('/docs', () => {
  it('/docs/ redirects to /docs', async () => {
    const response = await get('/docs/');
    expect(response.status).toBe(302);
    const location = response.headers.get('location') ?? '';
    expect(new URL(location, `${server.url}/docs/`).pathname).toBe('/docs');
  });

  it('/docs loads only files of this server', async () => {
    const page = await get('/docs');
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const html = await page.text();
    expect(html).toContain('<title>Colloquy API</title>');
    expect(html.replaceAll(/href="data:[^"]*"/g, '')).not.toMatch(/https?:|\/\//);
    const scripts = [...html.matchAll(/<script src="([^"]+)"/g)].map(([, source]) => source);
    expect(scripts).toHaveLength(2);
    for (const source of scripts) {
      const script = await get(`/${source}`);
      expect(script.status).toBe(200);
      expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
      expect(script.headers.get('cache-control')).toContain('immutable');
      expect((await script.text()).length).toBeGreaterThan(50);
    }
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/https?:|\*|\.[a-z]|unsafe-eval/);
    expect(page.headers.has('strict-transport-security')).toBe(false);
  });

  it('openapi.json has no Content-Security-Policy', async () => {
    const response = await get('/openapi.json');
    expect(response.headers.has('content-security-policy')).toBe(false);
  });

  it('an unknown script of /docs answers 404 in JSON', async () => {
    const response = await get('/docs/assets/viewer-old.js');
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ Success: false, Code: 'Request:NOT_FOUND' });
  });
});

describe('caching of documents', () => {
  it.each(['/openapi.json', '/llms.txt', '/docs'])(
    '%s answers 304 if its ETag is sent back',
    async (path) => {
      const first = await get(path);
      expect(first.status).toBe(200);
      expect(first.headers.get('x-request-id')).toMatch(/^req_/);
      expect(first.headers.get('cache-control')).toBe('public, no-cache');
      const etag = first.headers.get('etag') ?? '';
      const again = await get(path, { 'If-None-Match': etag });
      expect(again.status).toBe(304);
      expect(await again.text()).toBe('');
      const other = await get(path, { 'If-None-Match': 'W/"other"' });
      expect(other.status).toBe(200);
    },
  );

  it('openapi.json is sent uncompressed to clients that do not accept gzip', async () => {
    const zipped = await get('/openapi.json', { 'Accept-Encoding': 'gzip' });
    const plain = await get('/openapi.json', { 'Accept-Encoding': 'gzip;q=0' });
    expect(zipped.headers.get('content-encoding')).toBe('gzip');
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(await plain.text()).toBe(await zipped.text());
  });
});
