import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type Client, ColloquyError, ConnectionError, createClient } from '@colloquy/sdk';
import { EXAMPLE_PUT } from '@colloquy/wire';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { until } from './servers/server-process.ts';
import { startTestServer, type TestServer } from './servers/test-server.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

interface FakeServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: {
    method: string;
    path: string;
    headers: IncomingMessage['headers'];
    body: string;
  }[];
}

/** A fake server that gives the answers one after the other, and repeats the last one. */
async function openFakeServer(...answers: Answer[]): Promise<FakeServer> {
  const requests: FakeServer['requests'] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request).catch(() => '');
    requests.push({
      method: `${request.method}`,
      path: `${request.url}`,
      headers: request.headers,
      body,
    });
    answers[Math.min(requests.length, answers.length) - 1]?.(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const answer =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (_request, response) => {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
const ok = (data: unknown = {}) => answer(200, { Success: true, Data: data });
const busy = (status: 429 | 503, headers: Record<string, string> = { 'Retry-After': '0' }) =>
  answer(
    status,
    { Success: false, Code: 'GetConversation:UNAVAILABLE', Message: 'Not now.' },
    { 'X-Request-Id': 'req_1', ...headers },
  );
const hangUp: Answer = (request) => request.socket.destroy();
const hangUpHalfWay: Answer = (request, response) => {
  response.writeHead(200, { 'Content-Length': '1000' });
  response.write('{"Success"', () => request.socket.destroy());
};
const never: Answer = () => undefined;

const clientOf = (server: FakeServer, retries?: number) =>
  createClient({
    baseUrl: `${server.url}/`,
    apiKey: 'key',
    ...(retries !== undefined && { retries }),
  });
const session = { businessId: 1, sessionId: 's' };
const put = { ...session, ...structuredClone(EXAMPLE_PUT) } as unknown as Parameters<
  Client['putConversation']
>[0];

describe('requests of the client', () => {
  it('a request has the key, path, query and body', async () => {
    await using server = await openFakeServer(ok({ Items: [], NextCursor: null }));
    const client = clientOf(server);
    await client.listUsers({ Limit: 7 });
    await client.getConversations({ businessId: 5, Limit: 3 });
    await client.getConversation({ businessId: 5, sessionId: 'a:b' });
    expect(server.requests.map(({ method, path, body }) => [method, path, body])).toEqual([
      ['GET', '/api/v1/admin/users?Limit=7', ''],
      ['POST', '/api/v1/business/5/conversations', '{"Limit":3}'],
      ['GET', '/api/v1/business/5/conversations/a%3Ab', ''],
    ]);
    expect(server.requests[1]?.headers).toMatchObject({
      authorization: 'Token key',
      'content-type': 'application/json',
    });
  });

  it('a body of JSON text is sent unchanged', async () => {
    await using server = await openFakeServer(ok());
    const json = '{ "Twice": 1, "Twice": 12345678901234567890 }';
    const statuses: number[] = [];
    await clientOf(server).putConversation(put, {
      json,
      onSuccess: ({ status }) => statuses.push(status),
    });
    expect(server.requests[0]?.body).toBe(json);
    expect(statuses).toEqual([200]);
  });

  it('CSV is sent as the body, and other fields in the query', async () => {
    await using server = await openFakeServer(ok());
    const input = { businessId: 5, NumberId: 'n', Windows: [], AllOrNothing: true, csv: 'a\nb' };
    await clientOf(server).initiateCall(input, { idempotencyKey: 'k' });
    expect(server.requests[0]).toMatchObject({
      path: '/api/v1/business/5/call/initiate?NumberId=n&Windows=%5B%5D&AllOrNothing=true',
      headers: { 'content-type': 'text/csv', 'idempotency-key': 'k' },
      body: 'a\nb',
    });
    await clientOf(server).initiateCall({ businessId: 5, NumberId: 'n', Recipients: [] });
    expect(server.requests[1]).toMatchObject({
      path: '/api/v1/business/5/call/initiate',
      headers: { 'content-type': 'application/json' },
      body: '{"NumberId":"n","Recipients":[]}',
    });
    expect(server.requests[1]?.headers['idempotency-key']).toBeUndefined();
  });

  it('a path parameter that would change the path is refused', async () => {
    await using server = await openFakeServer(ok());
    const client = clientOf(server);
    for (const sessionId of ['..', '.', '', undefined as unknown as string]) {
      const call = client.deleteConversation({ businessId: 1, sessionId });
      await expect(call).rejects.toThrow(/deleteConversation: sessionId/);
    }
    expect(server.requests).toEqual([]);
  });
});

describe('a busy server', () => {
  it.each([429, 503] as const)('a request is retried after %i', async (status) => {
    await using server = await openFakeServer(busy(status), busy(status), ok({ Id: 's' }));
    expect(await clientOf(server).getConversation(session)).toEqual({ Id: 's' });
    expect(server.requests).toHaveLength(3);
  });

  it('a request is retried after the time of Retry-After', async () => {
    const real = globalThis.setTimeout;
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const fake = globalThis.setTimeout;
    // Connections of other tests set timers too.
    const delays: unknown[] = [];
    globalThis.setTimeout = new Proxy(fake, {
      apply(target, self, given) {
        delays.push(given[1]);
        return Reflect.apply(target, self, given);
      },
    });
    onTestFinished(() => {
      // Vitest restores only its own function, and later files of this process need the real one.
      globalThis.setTimeout = fake;
      vi.useRealTimers();
      expect(globalThis.setTimeout).toBe(real);
    });
    await using server = await openFakeServer(busy(503, { 'Retry-After': '7' }), ok());
    const call = clientOf(server).getConversation(session);
    await until(() => delays.includes(7_000));
    await vi.advanceTimersByTimeAsync(6_990);
    expect(server.requests).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(10);
    await call;
    expect(server.requests).toHaveLength(2);
  });

  it('a request that is not idempotent is retried after a 503, because it had no effect', async () => {
    await using server = await openFakeServer(busy(503), ok());
    await clientOf(server).createUser({ Email: 'a@example.com', Name: 'A' });
    expect(server.requests).toHaveLength(2);
  });

  it('a request with a stream is not retried, because the stream is consumed', async () => {
    await using server = await openFakeServer(busy(503), ok());
    const audio = new Blob(['sound']).stream();
    const input = { ...session, participantId: 'p', contentType: 'audio/wav', audio };
    const call = clientOf(server).putRecording(input);
    await expect(call).rejects.toMatchObject({ reason: 'UNAVAILABLE' });
    expect(server.requests.map(({ body }) => body)).toEqual(['sound']);
  });

  it('a request fails after all retries with the error of the server', async () => {
    await using server = await openFakeServer(busy(503));
    const failure = await clientOf(server, 2)
      .getConversation(session)
      .catch((error) => error);
    expect(failure).toBeInstanceOf(ColloquyError);
    expect(failure).toMatchObject({
      code: 'GetConversation:UNAVAILABLE',
      reason: 'UNAVAILABLE',
      status: 503,
      message: 'Not now.',
      requestId: 'req_1',
    });
    expect(server.requests).toHaveLength(3);
  });
});

describe('lost connections', () => {
  it.each([
    ['before the answer', hangUp],
    ['in the middle of it', hangUpHalfWay],
  ])('an idempotent request is retried after a connection lost %s', async (_when, lost) => {
    await using server = await openFakeServer(lost, lost, ok({ Id: 's' }));
    expect(await clientOf(server).putConversation(put)).toEqual({ Id: 's' });
    expect(server.requests).toHaveLength(3);
  });

  it('a request that is not idempotent is not retried after a lost connection', async () => {
    await using server = await openFakeServer(hangUp, ok());
    const call = clientOf(server).createUser({ Email: 'a@example.com', Name: 'A' });
    await expect(call).rejects.toBeInstanceOf(ConnectionError);
    expect(server.requests).toHaveLength(1);
  });

  it('InitiateCall is retried after a lost connection if it has an idempotencyKey', async () => {
    const call = async (idempotencyKey: string | null, csv: string | ReadableStream = '') => {
      await using server = await openFakeServer(hangUp, ok());
      const options = idempotencyKey === null ? {} : { idempotencyKey };
      const input = { businessId: 1, NumberId: 'n', csv };
      await clientOf(server)
        .initiateCall(input, options)
        .catch((error) => expect(error).toBeInstanceOf(ConnectionError));
      return server.requests.map(({ headers }) => headers['idempotency-key']);
    };
    expect(await call('k')).toEqual(['k', 'k']);
    expect(await call(null)).toEqual([undefined]);
    expect(await call('k', new Blob(['a']).stream())).toEqual(['k']);
  });

  it('an idempotencyKey does not make other operations retry', async () => {
    await using server = await openFakeServer(hangUp, ok());
    const user = { Email: 'a@example.com', Name: 'A' };
    const call = clientOf(server).createUser(user, { idempotencyKey: 'k' });
    await expect(call).rejects.toBeInstanceOf(ConnectionError);
    expect(server.requests).toHaveLength(1);
  });

  it('a connection that is refused is a ConnectionError with a cause', async () => {
    const server = await openFakeServer(ok());
    await server[Symbol.asyncDispose]();
    const failure = await clientOf(server, 0)
      .getConversation(session)
      .catch((error) => error);
    expect(failure).toBeInstanceOf(ConnectionError);
    expect(failure.message).toContain('does not answer');
    expect(failure.cause).toBeInstanceOf(Error);
  });
});

describe('answers that are not from Colloquy', () => {
  it('an answer that is not from Colloquy is an error with the reason UNEXPECTED_ANSWER', async () => {
    const html: Answer = (_request, response) =>
      response.writeHead(502).end('<h1>Bad gateway</h1>');
    await using server = await openFakeServer(
      html,
      answer(200, null),
      answer(404, { error: 'no' }),
    );
    for (const status of [502, 200, 404]) {
      const failure = await clientOf(server)
        .getConversation(session)
        .catch((error) => error);
      expect(failure).toBeInstanceOf(ColloquyError);
      expect(failure).toMatchObject({ reason: 'UNEXPECTED_ANSWER', status, requestId: null });
    }
  });
});

describe('abort signals', () => {
  it('a signal ends a request', async () => {
    await using server = await openFakeServer(never);
    const signal = AbortSignal.timeout(100);
    const failure = await clientOf(server)
      .getConversation(session, { signal })
      .catch((error) => error);
    expect(failure.name).toBe('TimeoutError');
    expect(server.requests).toHaveLength(1);
  });

  it('a signal ends the wait for a busy server', async () => {
    await using server = await openFakeServer(busy(503, { 'Retry-After': '30' }));
    const stop = new AbortController();
    const call = clientOf(server).getConversation(session, { signal: stop.signal });
    const failed = expect(call).rejects.toThrow('enough');
    await until(() => server.requests.length === 1);
    stop.abort(new Error('enough'));
    await failed;
    // Less than the wait, so a call that ignores the signal fails.
  }, 20_000);
});

describe('with a real server', () => {
  let testServer: TestServer;
  let businessId: number;
  beforeAll(async () => {
    testServer = await startTestServer();
    businessId = await testServer.newBusiness();
    for (let n = 0; n < 7; n += 1)
      await testServer.admin.putConversation({ ...put, businessId, sessionId: `call-${n}` });
  });
  afterAll(() => testServer[Symbol.asyncDispose]());

  it('pages() and items() return a whole list', async () => {
    const sizes: number[] = [];
    for await (const page of testServer.admin.pages('getConversations', { businessId, Limit: 3 })) {
      sizes.push(page.Items.length);
    }
    expect(sizes).toEqual([3, 3, 1]);
    const ids: string[] = [];
    const filter = { SessionStates: ['Ended'] };
    for await (const item of testServer.admin.items('getConversations', {
      businessId,
      Limit: 2,
      Filter: filter,
    })) {
      ids.push(item.Id);
    }
    expect(ids).toEqual([6, 5, 4, 3, 2, 1, 0].map((n) => `call-${n}`));
  });

  it('items() continues forward from a page reached backward', async () => {
    const [first, second] = await Array.fromAsync(
      testServer.admin.pages('getConversations', { businessId, Limit: 3 }),
    );
    const walked: string[] = [];
    const from = { businessId, Limit: 3, PreviousCursor: second?.PreviousCursor ?? null };
    for await (const item of testServer.admin.items('getConversations', from)) walked.push(item.Id);
    expect(walked).toHaveLength(7);
    expect(walked.slice(0, 3)).toEqual(first?.Items.map(({ Id }) => Id));
  });

  it('items() returns lists with a cursor in the query', async () => {
    const users = await Array.fromAsync(testServer.admin.items('listUsers', { Limit: 1 }));
    expect(users.length).toBeGreaterThan(0);
    expect(new Set(users.map(({ UserId }) => UserId)).size).toBe(users.length);
  });

  it('a failure has code, status and request id', async () => {
    const failure = await testServer.admin
      .getConversation({ businessId, sessionId: 'nobody' })
      .catch((error) => error);
    expect(failure).toBeInstanceOf(ColloquyError);
    expect(failure).toMatchObject({ code: 'GetConversation:NOT_FOUND', status: 404 });
    expect(failure.requestId).toMatch(/./);
  });

  const wav = () => {
    const bytes = Buffer.alloc(44 + 16_000);
    bytes.write('RIFF', 0);
    bytes.writeUInt32LE(bytes.length - 8, 4);
    bytes.write('WAVEfmt ', 8);
    bytes.writeUInt32LE(16, 16);
    bytes.writeUInt16LE(1, 20);
    bytes.writeUInt16LE(1, 22);
    bytes.writeUInt32LE(8000, 24);
    bytes.writeUInt32LE(16_000, 28);
    bytes.writeUInt16LE(2, 32);
    bytes.writeUInt16LE(16, 34);
    bytes.write('data', 36);
    bytes.writeUInt32LE(16_000, 40);
    return new Uint8Array(bytes);
  };
  it.each([
    ['a Blob', () => new Blob([wav()])],
    ['bytes', wav],
    ['a stream', () => new Blob([wav()]).stream()],
  ])('a recording can be uploaded as %s', async (_kind, audio) => {
    const recording = await testServer.admin.putRecording({
      businessId,
      sessionId: 'call-0',
      participantId: '_mixed',
      contentType: 'audio/wav',
      audio: audio(),
    });
    expect(recording).toMatchObject({
      Bytes: 16_044,
      DurationSeconds: 1,
      ContentType: 'audio/wav',
    });
  });
});
