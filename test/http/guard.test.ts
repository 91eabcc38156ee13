import { once } from 'node:events';
import { get } from 'node:http';
import { type Op, ops } from '@colloquy/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_KEY, startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
let businessId: number;
let fullKey: string;
beforeAll(async () => {
  server = await startTestServer();
  businessId = await server.newBusiness();
  fullKey = await server.newKey(businessId);
});
afterAll(() => server[Symbol.asyncDispose]());

interface Options {
  key?: string;
  business?: number | string;
  body?: string;
  method?: string;
  contentType?: string;
  query?: string;
  headers?: Record<string, string>;
}

/** Sends an operation with invented parameters and, if it has one, a minimal body. */
async function send(op: Op, options: Options = {}) {
  const path = op.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    name === 'businessId' ? String(options.business ?? businessId) : 'nothing_here',
  );
  const headers = new Headers(options.headers);
  if (options.key !== undefined) headers.set('Authorization', `Token ${options.key}`);
  const method = options.method ?? op.method;
  const isAudio = op.body === 'audio';
  const body = options.body ?? (op.body === null ? undefined : isAudio ? 'RIFF' : '{}');
  if (body !== undefined && method !== 'GET') {
    headers.set(
      'Content-Type',
      options.contentType ?? (isAudio ? 'audio/wav' : 'application/json'),
    );
  }
  const response = await fetch(`${server.url}/api/v1${path}${options.query ?? ''}`, {
    method,
    headers,
    ...(body !== undefined && method !== 'GET' && { body }),
  });
  const { status, headers: sent } = response;
  if (sent.get('content-type')?.startsWith('text/event-stream')) {
    await response.body?.cancel();
    return { status, headers: sent, answer: {} as { Code?: string } };
  }
  const text = await response.text();
  return {
    status,
    headers: sent,
    answer: text === '' ? {} : JSON.parse(text),
  };
}

const declared: Op[] = Object.values(ops);
const ofBusiness = declared.filter(({ path }) => path.startsWith('/business/'));
const ofAdmins = declared.filter(({ permission }) => permission === 'admin');
const ofNoBusiness = declared.filter(({ permission }) => permission === 'signed-in');
const withBody = declared.filter(({ body }) => body !== null && body !== 'audio');
const withRows = declared.filter(({ csv }) => csv !== undefined);

describe.each(declared.map((op) => [op.name, op] as const))('%s', (name, op) => {
  const refusal = async (options: Options, status: number, reason: string) => {
    const result = await send(op, options);
    expect(result.answer).toEqual({
      Success: false,
      Code: `${name}:${reason}`,
      Message: expect.stringMatching(/^[^\n]{10,}[.]$/),
    });
    expect(result.status).toBe(status);
    expect(result.headers.get('x-request-id')).toMatch(/^req_/);
    expect(result.headers.get('content-type')).toBe('application/json; charset=utf-8');
    return result;
  };

  it.skipIf(op.permission === 'anyone')(
    'a request without a valid key is refused before its body and parameters are read',
    async () => {
      const missing = await refusal({ body: '{', business: 'x' }, 401, 'API_KEY_MISSING');
      expect(missing.headers.get('www-authenticate')).toBe('Token');
      for (const key of ['wrong', 'colloquy_wrong', `${ADMIN_KEY}x`]) {
        await refusal({ key, body: '{' }, 401, 'API_KEY_INVALID');
      }
      await refusal({ headers: { Authorization: 'Basic abc' } }, 401, 'API_KEY_INVALID');
    },
  );

  it('other methods are answered with 405 and Allow', async () => {
    const atPath = declared.filter(({ path }) => path === op.path);
    const methods = atPath.flatMap((one) => [one.method, ...(one.alsoMethods ?? [])]);
    const other = ['DELETE', 'PATCH', 'PUT'].find((method) => !methods.includes(method as 'PUT'));
    const result = await send(op, { ...(other !== undefined && { method: other }) });
    expect(result).toMatchObject({ status: 405, answer: { Code: 'Request:METHOD_NOT_ALLOWED' } });
    for (const method of methods) expect(result.headers.get('allow')).toContain(method);
  });
});

describe.each(ofBusiness.map((op) => [op.name, op] as const))('%s of a business', (_name, op) => {
  const code = async (options: Options) => {
    const { status, answer } = await send(op, options);
    return `${status} ${answer.Code?.split(':')[1]}`;
  };

  it('checks happen in the order of the contract', async () => {
    const other = await server.newBusiness();
    const none = await server.newKey(businessId, {});
    const { permission } = op;
    const lacksIt = permission === 'member' ? /^(?!40[13] )/ : /^403 PERMISSION_DENIED$/;
    expect(await code({ key: fullKey, business: 0 })).toBe('400 INVALID_REQUEST');
    expect(await code({ key: fullKey, business: 'x', body: '{' })).toBe('400 INVALID_REQUEST');
    expect(await code({ key: fullKey, business: '9007199254740993' })).toBe('400 INVALID_REQUEST');
    expect(await code({ key: fullKey, business: other })).toBe('403 BUSINESS_ACCESS_DENIED');
    expect(await code({ key: fullKey, business: 987_654_321 })).toBe('403 BUSINESS_ACCESS_DENIED');
    expect(await code({ key: ADMIN_KEY, business: 987_654_321 })).toBe(
      '403 BUSINESS_ACCESS_DENIED',
    );
    expect(await code({ key: none, body: '{' })).toMatch(lacksIt);
    await server.admin.updateBusiness({ businessId, IsEditingEnabled: false });
    expect(await code({ key: none, body: '{' })).toBe('403 BUSINESS_EDITING_DISABLED');
    await server.admin.updateBusiness({ businessId, IsDisabled: true });
    expect(await code({ key: none, body: '{' })).toBe('403 BUSINESS_DISABLED');
    expect(await code({ key: fullKey, business: other })).toBe('403 BUSINESS_ACCESS_DENIED');
    await server.admin.updateBusiness({ businessId, IsDisabled: false, IsEditingEnabled: true });
    const wrong = { 'Conversations.ConversationPermissions': ['Exporting' as const] };
    expect(await code({ key: await server.newKey(businessId, wrong), body: '{' })).toMatch(lacksIt);
    if (typeof permission === 'string') return;
    for (const type of ['Full', ...permission.anyOf] as const) {
      const right = { [permission.module]: [type] };
      expect(await code({ key: await server.newKey(businessId, right) })).not.toMatch(/^40[13]/);
    }
  });

  it('a disabled user or revoked key is refused by the next request', async () => {
    const user = await server.admin.createUser({
      Email: `${op.name}@example.com`,
      Name: 'x',
      IsAdmin: true,
    });
    const { Key, ApiKeyId } = await server.admin.createApiKey({ UserId: user.UserId, Name: 'x' });
    expect(await code({ key: Key })).not.toMatch(/^40[13]/);
    await server.admin.updateUser({ userId: user.UserId, IsDisabled: true });
    expect(await code({ key: Key, business: 'x' })).toBe('403 USER_DISABLED');
    await server.admin.updateUser({ userId: user.UserId, IsDisabled: false });
    expect(await code({ key: Key })).not.toMatch(/^40[13]/);
    await server.admin.revokeApiKey({ apiKeyId: ApiKeyId });
    expect(await code({ key: Key })).toBe('401 API_KEY_INVALID');
  });
});

describe.each(ofNoBusiness.map((op) => [op.name, op] as const))('%s of a user', (_name, op) => {
  it('a disabled user is refused by the next request', async () => {
    const user = await server.admin.createUser({ Email: `${op.name}@example.com`, Name: 'x' });
    const { Key } = await server.admin.createApiKey({ UserId: user.UserId, Name: 'x' });
    expect(String((await send(op, { key: Key })).answer.Code)).not.toMatch(/:(API_KEY|USER)_/);
    await server.admin.updateUser({ userId: user.UserId, IsDisabled: true });
    expect((await send(op, { key: Key })).answer.Code).toBe(`${op.name}:USER_DISABLED`);
  });
});

describe.each(ofAdmins.map((op) => [op.name, op] as const))('%s of admins', (_name, op) => {
  it('users who are not admins, and limited keys of admins, are refused', async () => {
    const { UserId } =
      (await server.admin.listUsers({})).Items.find(({ IsAdmin }) => IsAdmin) ?? {};
    const limited = await server.admin.createApiKey({
      UserId: UserId ?? '',
      Name: 'limited',
      BusinessIds: [businessId],
    });
    for (const key of [fullKey, limited.Key]) {
      const { status, answer } = await send(op, { key, body: '{' });
      expect(`${status} ${answer.Code}`).toBe(`403 ${op.name}:PERMISSION_DENIED`);
    }
  });
});

describe.each(withBody.map((op) => [op.name, op] as const))('the body of %s', (_name, op) => {
  const code = async (body: string, contentType?: string) => {
    const result = await send(op, { key: ADMIN_KEY, body, ...(contentType && { contentType }) });
    return `${result.status} ${result.answer.Code?.split(':')[1]}`;
  };

  it('a body must be JSON of the right shape, type and size', async () => {
    expect(await code('{')).toBe('400 INVALID_JSON');
    expect(await code('{}', 'text/plain')).toBe('415 UNSUPPORTED_MEDIA_TYPE');
    expect(await code('[]')).toBe('400 INVALID_REQUEST');
    expect(await code('{"Surprise": 1}')).toBe('400 INVALID_REQUEST');
    expect(await code(`{"x": "${'x'.repeat(Math.max(op.bodyLimit, 1024 * 1024))}"}`)).toBe(
      '413 PAYLOAD_TOO_LARGE',
    );
  });
});

describe.each(withRows.map((op) => [op.name, op] as const))('the rows of %s', (_name, op) => {
  const code = async (options: Options) => {
    const contentType = options.contentType ?? 'text/csv';
    const { status, answer } = await send(op, {
      key: ADMIN_KEY,
      body: 'x',
      ...options,
      contentType,
    });
    return `${status} ${answer.Code?.split(':')[1]}`;
  };

  it('CSV must have the right type, size and query parameters, and is read after the key is checked', async () => {
    expect(await code({ key: '' })).toBe('401 API_KEY_INVALID');
    expect(await code({ business: 'x' })).toBe('400 INVALID_REQUEST');
    expect(await code({ contentType: 'text/csv; charset=iso-8859-1' })).toBe(
      '415 UNSUPPORTED_MEDIA_TYPE',
    );
    expect(await code({ contentType: 'text/plain' })).toBe('415 UNSUPPORTED_MEDIA_TYPE');
    expect(await code({ query: '?Surprise=1' })).toBe('400 INVALID_REQUEST');
    expect(await code({ body: 'x'.repeat((op.csv?.bodyLimit ?? 0) + 1) })).toBe(
      '413 PAYLOAD_TOO_LARGE',
    );
  });
});

describe('requests outside of operations', () => {
  it('unknown paths and methods are answered in the form of the API', async () => {
    const answer = async (path: string, init?: RequestInit) => {
      const response = await fetch(server.url + path, init);
      const text = await response.text();
      return { status: response.status, text, ...JSON.parse(text || '{}') };
    };
    expect(await answer('/nowhere')).toMatchObject({ status: 404, Code: 'Request:NOT_FOUND' });
    expect(await answer('/api/v1/nowhere', { method: 'POST', body: 'x' })).toMatchObject({
      status: 404,
      Code: 'Request:NOT_FOUND',
    });
    expect(await answer('/api/v1/business/1/conversations/%ff')).toMatchObject({
      status: 400,
      Success: false,
    });
    expect(await answer('/healthz')).toMatchObject({ status: 200, Success: true });
    expect(await answer('/readyz')).toMatchObject({ status: 200, Success: true });
    for (const path of ['/healthz', '/openapi.json', '/docs']) {
      expect(await answer(path, { method: 'POST' })).toMatchObject({
        status: 405,
        Code: 'Request:METHOD_NOT_ALLOWED',
      });
    }
  });

  it('metrics are shown on loopback without a key, and elsewhere only to admins', async () => {
    const metrics = (headers: Record<string, string>) =>
      fetch(`${server.url}/metrics`, { headers });
    const text = await (await metrics({})).text();
    expect(text).toMatch(
      /colloquy_request_seconds_bucket\{le="0.005",op="CreateBusiness",status="201"\}/,
    );
    expect(text).toMatch(/colloquy_db_pool_connections\{state="idle"\}/);
    expect(text).toMatch(/colloquy_events_appended_total/);
    const forwarded = { 'X-Forwarded-For': '203.0.113.7' };
    expect((await metrics(forwarded)).status).toBe(401);
    expect((await metrics({ 'X-Real-IP': '203.0.113.7' })).status).toBe(401);
    expect((await metrics({ Via: '1.1 proxy' })).status).toBe(401);
    // DNS rebinding: a page of a host whose name resolves to this machine.
    const sending = get(`${server.url}/metrics`, { headers: { Host: 'evil.example.com' } });
    const [rebound] = await once(sending, 'response');
    expect(rebound.statusCode).toBe(401);
    rebound.resume();
    expect((await metrics({ ...forwarded, Authorization: `Bearer ${fullKey}` })).status).toBe(403);
    expect((await metrics({ ...forwarded, Authorization: `Bearer ${ADMIN_KEY}` })).status).toBe(
      200,
    );
  });
});

describe('rate limits', () => {
  it('requests are limited per key if a limit is set', async () => {
    await using limited = await startTestServer({ rateLimitPerSecond: 3 });
    const id = await limited.newBusiness();
    const key = await limited.newKey(id).catch(() => '');
    const client = limited.client(key === '' ? ADMIN_KEY : key);
    const answers = await Promise.allSettled(
      Array.from({ length: 8 }, () => client.getConversations({ businessId: id })),
    );
    const refused = answers.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBeGreaterThanOrEqual(5);
    expect(refused[0]).toMatchObject({ reason: { reason: 'RATE_LIMITED', status: 429 } });
  });

  it('an address that guesses keys is limited, except loopback', async () => {
    await using proxied = await startTestServer({ trustProxy: ['127.0.0.1'] });
    const guess = async (headers: Record<string, string>) => {
      const path = `${proxied.url}/api/v1/business/1/conversations/x`;
      const response = await fetch(path, { headers: { Authorization: 'Token guess', ...headers } });
      return `${response.status} ${response.headers.get('retry-after') !== null}`;
    };
    for (let attempt = 0; attempt < 20; attempt += 1) {
      expect(await guess({ 'X-Forwarded-For': '203.0.113.9' })).toBe('401 false');
    }
    expect(await guess({ 'X-Forwarded-For': '203.0.113.9' })).toBe('429 true');
    expect(await guess({ 'X-Forwarded-For': '203.0.113.10' })).toBe('401 false');
    for (let attempt = 0; attempt < 25; attempt += 1) expect(await guess({})).toBe('401 false');
    // The limit is per /64 network, because an IPv6 user has all of its addresses.
    for (let attempt = 0; attempt < 20; attempt += 1) {
      expect(await guess({ 'X-Forwarded-For': `2001:db8:1:2::${attempt}` })).toBe('401 false');
    }
    expect(await guess({ 'X-Forwarded-For': '2001:db8:1:2:ffff::1' })).toBe('429 true');
    expect(await guess({ 'X-Forwarded-For': '2001:db8:1:3::1' })).toBe('401 false');
    expect(await guess({ 'X-Forwarded-For': '::ffff:203.0.113.9' })).toBe('429 true');
  });
});
