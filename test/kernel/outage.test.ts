import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@colloquy/embedded-postgres';
import type { ConversationEvent } from '@colloquy/wire';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { readConfig } from '../../packages/server/src/config.ts';
import { systemClock } from '../../packages/server/src/kernel/clock.ts';
import { copyPreparedCluster } from '../servers/postgres.ts';
import {
  isAlive,
  postmasterOf,
  type Settings,
  startServer,
  until,
} from '../servers/server-process.ts';
import { openProxy, type TcpProxy, urlThrough } from '../servers/tcp-proxy.ts';
import {
  ADMIN_KEY,
  SECRET,
  startTestServer,
  type TestServer,
  testDatabase,
} from '../servers/test-server.ts';

/** Unset: other tests use a longer timeout. */
const AS_BY_DEFAULT: Settings = { DATABASE_TIMEOUT_SECONDS: '' };
const BUSINESS_ID = 7;
const START = Date.parse('2026-03-01T12:00:00Z');

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly code: string | undefined;
  readonly data: unknown;
}

async function send(url: string, path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url + path, {
    ...init,
    headers: { Authorization: `Token ${ADMIN_KEY}`, 'Content-Type': 'application/json' },
    signal: AbortSignal.timeout(60_000),
  });
  const body = (await response.json()) as { Code?: string; Data?: unknown };
  return {
    status: response.status,
    retryAfter: response.headers.get('Retry-After'),
    code: body.Code,
    data: body.Data,
  };
}

const API = `/api/v1/business/${BUSINESS_ID}`;
const post = (body: unknown): RequestInit => ({ method: 'POST', body: JSON.stringify(body) });

const started: ConversationEvent = {
  EventId: 'start',
  Type: 'SessionStarted',
  Timestamp: new Date(START).toISOString(),
  InitiationType: 'Inbound',
};
const said = (EventId: string): ConversationEvent => ({
  EventId,
  Type: 'MessageAdded',
  Timestamp: new Date(START + 1000).toISOString(),
  SenderId: 'c',
  Role: 'User',
  Content: EventId,
});
const append = (url: string, id: string, ...Events: ConversationEvent[]) =>
  send(url, `${API}/conversations/${id}/events`, post({ Events }));

async function prepare({ admin, url }: Pick<TestServer, 'admin' | 'url'>): Promise<void> {
  await admin.createBusiness({ BusinessId: BUSINESS_ID, Name: 'Test' });
  const ids = Array.from({ length: 12 }, (_, index) => `call-${index}`);
  const answers = await Promise.all(ids.map((id) => append(url, id, started)));
  expect(answers.map(({ status }) => status)).toEqual(ids.map(() => 200));
}

/** Many concurrent requests of every kind; `round` distinguishes the events of calls. */
function manyRequests(url: string, round: string): Promise<Answer>[] {
  return Array.from({ length: 64 }, (_, index) => {
    const id = `call-${index % 8}`;
    if (index % 8 === 0) return send(url, `${API}/conversations`, post({ Limit: 5 }));
    if (index % 8 === 1) return send(url, `${API}/conversations/call-1`);
    if (index % 8 === 2) return send(url, '/api/v1/admin/users');
    if (index % 8 < 5) return append(url, 'call-9', said(`${round}-${index}`));
    if (index % 8 === 5) {
      const body = {
        Status: 'Completed',
        StartTime: started.Timestamp,
        EndTime: started.Timestamp,
        EndType: 'Normal',
        InitiationType: 'Web',
      };
      const put = { method: 'PUT', body: JSON.stringify(body) };
      return send(url, `${API}/conversations/whole-${round}-${index}`, put);
    }
    return append(url, id, said(`${round}-${index}`));
  });
}

function expectUnavailable(answers: readonly Answer[]): void {
  for (const { status, retryAfter, code } of answers) {
    expect([status, retryAfter]).toEqual([503, '1']);
    expect(code).toMatch(/^\w+:UNAVAILABLE$/);
  }
}

/** While the database is unreachable, every request gets a 503 and /healthz a 200. */
async function expectOutage(url: string, round: string): Promise<void> {
  expectUnavailable(await Promise.all(manyRequests(url, round)));
  const ready = await send(url, '/readyz');
  expectUnavailable([ready]);
  expect(ready.code).toBe('Request:UNAVAILABLE');
  expect((await send(url, '/healthz')).status).toBe(200);
}

/** Repeats the requests while some get a 503: new connections may time out on a busy machine. */
async function untilAccepted(url: string, round: string): Promise<Answer[]> {
  let answers: Answer[] = [];
  await until(async () => {
    answers = await Promise.all(manyRequests(url, round));
    const refused = answers.filter(({ status }) => status > 201);
    expectUnavailable(refused);
    return refused.length === 0;
  });
  return answers;
}

/** When the database is back, requests succeed, and those that got a 503 can be repeated. */
async function expectBack(url: string, round: string): Promise<void> {
  await until(async () => (await send(url, '/readyz')).status === 200);
  await untilAccepted(url, round);
  for (const { status, data } of await untilAccepted(url, round)) {
    expect(status).toBe(200);
    if (data && typeof data === 'object' && 'Accepted' in data) {
      expect(data).toMatchObject({ Accepted: 0, Duplicates: 1 });
    }
  }
  const { data } = await send(url, `${API}/conversations/call-9`);
  const contents = (data as { Messages: { Content: string }[] }).Messages.map(
    ({ Content }) => Content,
  );
  expect(contents).toHaveLength(new Set(contents).size);
  expect(contents.filter((content) => content.startsWith(`${round}-`))).toHaveLength(16);
  const list = await send(url, `${API}/conversations`, post({ Limit: 100 }));
  const page = list.data as { Items: unknown[]; TotalCount: number };
  expect(page.TotalCount).toBe(page.Items.length);
  await expectNoLeak(url);
}

async function expectNoLeak(url: string): Promise<void> {
  const connections = async () => {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    const lines = metrics.matchAll(/^colloquy_db_pool_connections\{state="(\w+)"\} (\d+)$/gm);
    const count = new Map([...lines].map(([, state, number]) => [state, Number(number)]));
    const total = count.get('total') ?? Number.NaN;
    return {
      waiting: count.get('waiting'),
      isWithinPool: total <= 16,
      inUse: total - (count.get('idle') ?? Number.NaN),
    };
  };
  // Counts are rolled up after the answer to a write, so a connection may be in use briefly.
  await expect.poll(connections).toEqual({ waiting: 0, isWithinPool: true, inUse: 0 });
}

interface Behind extends AsyncDisposable {
  readonly proxy: TcpProxy;
  readonly server: TestServer;
}

/** A server in this process with running jobs, which reaches its database through a proxy. */
async function openBehindProxy(): Promise<Behind> {
  await using closing = new AsyncDisposableStack();
  const { connection } = closing.use(await testDatabase());
  const proxy = closing.use(await openProxy(connection));
  const { databaseTimeoutSeconds } = readConfig({ SECRET });
  const server = closing.use(
    await startTestServer({
      connection: { connectionString: urlThrough(proxy.port, connection) },
      databaseTimeoutSeconds,
      overrides: { clock: systemClock },
    }),
  );
  await server.app.work();
  await prepare(server);
  const open = closing.move();
  return { proxy, server, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

test('requests answer 503 while PostgreSQL is stopped, and succeed after it starts again', async () => {
  await using closing = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), 'colloquy-outage-'));
  closing.defer(() => rm(dataDir, { recursive: true, force: true }));
  await copyPreparedCluster(dataDir);
  const start = () => startEmbeddedPostgres({ dataDir, log: pino({ level: 'silent' }) });
  let postgres = await start();
  closing.defer(() => postgres.stop());
  const proxy = closing.use(await openProxy(postgres.connection));
  const DATABASE_URL = urlThrough(proxy.port, postgres.connection);
  const server = closing.use(await startServer({ ...AS_BY_DEFAULT, DATABASE_URL }));
  await prepare(server);
  for (const round of ['first', 'second']) {
    // Requests are in progress while it stops, some of them in transactions.
    const during = Promise.all(manyRequests(server.url, round));
    await Promise.all([postgres.stop(), during]);
    for (const answer of await during) {
      if (answer.status > 201) expectUnavailable([answer]);
    }
    await expectOutage(server.url, round);
    postgres = await start();
    await expectBack(server.url, round);
  }
  expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null });
});

test.each(['all', 'only new'] as const)(
  'requests answer 503 while packets to the database are lost, and succeed when %s connections work again',
  async (which) => {
    await using behind = await openBehindProxy();
    const { proxy, server } = behind;
    await Promise.all(manyRequests(server.url, 'before'));
    proxy.silence();
    await expectOutage(server.url, 'away');
    expectUnavailable(await Promise.all(manyRequests(server.url, 'away')));
    proxy.forward(which);
    await expectBack(server.url, 'away');
    // The access lease is renewed too, although its connection got no answer.
    const user = await server.admin.createUser({ Email: 'a@example.com', Name: 'A' });
    expect(user.UserId).toMatch(/^user_/);
  },
);

test('requests in progress when packets to the database are lost answer 503 or succeed', async () => {
  await using behind = await openBehindProxy();
  const { proxy, server } = behind;
  const during = manyRequests(server.url, 'during');
  await Promise.race(during);
  proxy.silence();
  for (const answer of await Promise.all(during)) {
    if (answer.status > 201) expectUnavailable([answer]);
  }
  proxy.forward('only new');
  await expectBack(server.url, 'during');
});

test('single silent connections are replaced while new ones can be opened', async () => {
  await using behind = await openBehindProxy();
  const { proxy, server } = behind;
  await Promise.all(manyRequests(server.url, 'before'));
  proxy.forget();
  // One request detects the silent connections, not one per connection of the pool.
  const statuses: number[] = [];
  while (statuses.at(-1) !== 200) {
    const answer = await send(server.url, '/readyz');
    statuses.push(answer.status);
    if (answer.status !== 200) expectUnavailable([answer]);
  }
  expect(statuses.length).toBeLessThanOrEqual(3);
  await expectBack(server.url, 'after');
});

test('SIGTERM ends a server whose database does not answer', async () => {
  await using closing = new AsyncDisposableStack();
  const { connection } = closing.use(await testDatabase());
  const proxy = closing.use(await openProxy(connection));
  const DATABASE_URL = urlThrough(proxy.port, connection);
  const server = closing.use(await startServer({ ...AS_BY_DEFAULT, DATABASE_URL }));
  await prepare(server);
  proxy.silence();
  const requests = manyRequests(server.url, 'away').map((request) => request.catch(() => null));
  // The requests have reached the server before the signal.
  await send(server.url, '/healthz');
  expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null });
  for (const answer of await Promise.all(requests)) {
    if (answer) expectUnavailable([answer]);
  }
});

test('requests succeed after the embedded PostgreSQL was killed and restarted', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'colloquy-outage-'));
  await using closing = new AsyncDisposableStack();
  closing.defer(() => rm(dataDir, { recursive: true, force: true }));
  await copyPreparedCluster(dataDir);
  const server = closing.use(await startServer({ ...AS_BY_DEFAULT, DATA_DIR: dataDir, DEMO: '0' }));
  await prepare(server);
  const postmaster = await postmasterOf(dataDir);
  const during = Promise.all(manyRequests(server.url, 'killed'));
  process.kill(postmaster, 'SIGKILL');
  for (const answer of await during) {
    if (answer.status > 201) expectUnavailable([answer]);
  }
  await expectBack(server.url, 'killed');
  const next = await postmasterOf(dataDir);
  expect(next).not.toBe(postmaster);
  expect(await server.end('SIGINT')).toEqual({ code: 0, signal: null });
  expect(isAlive(next)).toBe(false);
});
