import { request } from 'node:http';
import { MAX_ANONYMOUS_BODY_BYTES, type Op, ops } from '@colloquy/wire';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
let networks = 0;
beforeAll(async () => {
  server = await startTestServer({ trustProxy: ['127.0.0.1'] });
});
afterAll(() => server[Symbol.asyncDispose]());

function newAddress(): string {
  networks += 1;
  return `203.0.113.${networks}`;
}

async function post(path: string, body: BodyInit, headers: Record<string, string> = {}) {
  const response = await fetch(`${server.url}/api/v1${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body,
    duplex: 'half',
  } as RequestInit);
  const { Code } = (await response.json()) as { Code: string };
  return { status: response.status, reason: Code.split(':')[1] };
}

/** Sends the headers of a request, waits for 100 Continue, and hangs up. */
function cutOff(path: string, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const sending = request(`${server.url}/api/v1${path}`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'Content-Length': 100,
        'X-Forwarded-For': address,
        Expect: '100-continue',
      },
    });
    sending.on('continue', () => {
      sending.destroy();
      resolve();
    });
    sending.on('response', () => reject(new Error('it was answered before its body')));
    sending.on('error', reject);
    sending.flushHeaders();
  });
}

const ANONYMOUS = Object.values<Op>(ops).filter(
  ({ permission, method }) => permission === 'anyone' && method !== 'GET',
);
const padded = (bytes: number) => `{"Token":"x"${' '.repeat(bytes - 13)}}`;

describe('operations without a credential', () => {
  test('operations without a credential accept at most 16 KiB', () => {
    expect(ANONYMOUS.map(({ name }) => name)).toContain('SignIn');
    for (const { bodyLimit } of ANONYMOUS) {
      expect(bodyLimit).toBeLessThanOrEqual(MAX_ANONYMOUS_BODY_BYTES);
    }
  });

  test.each(ANONYMOUS.map(({ name, path }) => [name, path]))(
    '%s refuses a body over 16 KiB, with or without Content-Length',
    async (_name, path) => {
      const tooLarge = padded(MAX_ANONYMOUS_BODY_BYTES + 1);
      const refused = { status: 413, reason: 'PAYLOAD_TOO_LARGE' };
      expect(await post(path, tooLarge)).toEqual(refused);
      expect(await post(path, new Blob([tooLarge]).stream())).toEqual(refused);
      const accepted = await post(path, padded(MAX_ANONYMOUS_BODY_BYTES));
      expect(accepted.reason).not.toBe('PAYLOAD_TOO_LARGE');
    },
  );

  test.each([
    ['too large', padded(MAX_ANONYMOUS_BODY_BYTES + 1), 'PAYLOAD_TOO_LARGE', {}],
    ['not JSON', '{"Email":', 'INVALID_JSON', {}],
    ['JSON with a duplicate key', '{"Email":"a","Email":"b"}', 'INVALID_JSON', {}],
    ['of another shape', '{"Mail":"a"}', 'INVALID_REQUEST', {}],
    ['of another type', 'a', 'UNSUPPORTED_MEDIA_TYPE', { 'Content-Type': 'text/plain' }],
  ])(
    'a body that is %s counts towards the limit of failed sign-ins',
    async (_what, body, reason, headers) => {
      const from = { ...headers, 'X-Forwarded-For': newAddress() };
      for (let sent = 0; sent < 20; sent += 1) {
        expect(await post('/session', body, from)).toMatchObject({ reason });
      }
      expect(await post('/session', body, from)).toEqual({ status: 429, reason: 'RATE_LIMITED' });
      const other = { ...headers, 'X-Forwarded-For': newAddress() };
      expect(await post('/session', body, other)).toMatchObject({ reason });
    },
  );

  test('a body that is cut off counts towards the limit of failed sign-ins', async () => {
    const address = newAddress();
    for (let sent = 0; sent < 20; sent += 1) await cutOff('/session', address);
    const answer = await post('/session', '{}', { 'X-Forwarded-For': address });
    expect(answer).toEqual({ status: 429, reason: 'RATE_LIMITED' });
  });

  test('a correct password does not count towards the limit of failed sign-ins', async () => {
    const { UserId } = await server.admin.createUser({ Email: 'ada@example.com', Name: 'Ada' });
    const { Url } = await server.admin.createSignInLink({ userId: UserId });
    const [, Token = ''] = Url.split('#');
    const Password = 'correct horse battery staple';
    const from = { 'X-Forwarded-For': newAddress() };
    const accept = JSON.stringify({ Token, Password });
    const url = `${server.url}/api/v1`;
    const send = (path: string, body: string) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...from },
        body,
      });
    expect((await send('/invitations/accept', accept)).status).toBe(201);
    const signIn = JSON.stringify({ Email: 'ada@example.com', Password });
    for (let sent = 0; sent < 25; sent += 1) {
      expect((await send('/session', signIn)).status).toBe(200);
    }
  });
});

describe('requests without a valid credential', () => {
  test('a request to an unknown path is refused before its body is read', async () => {
    const answer = await post('/nothing', '{"a":1,"a":2}');
    expect(answer).toEqual({ status: 404, reason: 'NOT_FOUND' });
  });

  test('a request with an invalid key is refused before its body is read', async () => {
    const path = '/business/1/conversations';
    const headers = { Authorization: 'Token nobody', 'X-Forwarded-For': newAddress() };
    const answer = await post(path, '{"a":1,"a":2}', headers);
    expect(answer).toEqual({ status: 401, reason: 'API_KEY_INVALID' });
  });
});
