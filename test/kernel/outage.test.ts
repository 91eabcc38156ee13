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

/** Other tests wait longer. */
const AS_BY_DEFAULT: Settings = { DATABASE_TIMEOUT_SECONDS: '' };
const BUSINESS_ID = 7;
const START = Date.parse('2026-03-01T12:00:00Z');

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly code: string | undefined;
  readonly data: unknown;
}

async function ask(url: string, path: string, init: RequestInit = {}): Promise<Answer> {
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
  ask(url, `${API}/conversations/${id}/events`, post({ Events }));

/** A business with calls to read and to append to. */
async function prepare({ admin, url }: Pick<TestServer, 'admin' | 'url'>): Promise<void> {
  await admin.createBusiness({ BusinessId: BUSINESS_ID, Name: 'Test' });
  const ids = Array.from({ length: 12 }, (_, index) => `call-${index}`);
  const answers = await Promise.all(ids.map((id) => append(url, id, started)));
  expect(answers.map(({ status }) => status)).toEqual(ids.map(() => 200));
}

/** Many requests at once, of every kind; `round` tells the events of one call from another. */
function manyRequests(url: string, round: string): Promise<Answer>[] {
  return Array.from({ length: 64 }, (_, index) => {
    const id = `call-${index % 8}`;
    if (index % 8 === 0) return ask(url, `${API}/conversations`, post({ Limit: 5 }));
    if (index % 8 === 1) return ask(url, `${API}/conversations/call-1`);
    if (index % 8 === 2) return ask(url, '/api/v1/admin/users');
    // Sixteen writers of one conversation, and others of several.
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
      return ask(url, `${API}/conversations/whole-${round}-${index}`, put);
    }
    return append(url, id, said(`${round}-${index}`));
  });
}

function expectAway(answers: readonly Answer[]): void {
  for (const { status, retryAfter, code } of answers) {
    expect([status, retryAfter]).toEqual([503, '1']);
    expect(code).toMatch(/^\w+:UNAVAILABLE$/);
  }
}

/** While the database is away: every request gets its 503, and the process is known to live. */
async function expectOutage(url: string, round: string): Promise<void> {
  expectAway(await Promise.all(manyRequests(url, round)));
  const ready = await ask(url, '/readyz');
  expectAway([ready]);
  expect(ready.code).toBe('Request:UNAVAILABLE');
  expect((await ask(url, '/healthz')).status).toBe(200);
}

/** Once it is back: requests succeed by themselves, and what got a 503 can be sent again. */
async function expectBack(url: string, round: string): Promise<void> {
  await until(async () => (await ask(url, '/readyz')).status === 200);
  const answers = await Promise.all(manyRequests(url, round));
  expect(answers.map(({ status }) => status).filter((status) => status > 201)).toEqual([]);
  // Again: all of it is known now.
  const again = await Promise.all(manyRequests(url, round));
  for (const { status, data } of again) {
    expect(status).toBe(200);
    if (data && typeof data === 'object' && 'Accepted' in data) {
      expect(data).toMatchObject({ Accepted: 0, Duplicates: 1 });
    }
  }
  const { data } = await ask(url, `${API}/conversations/call-9`);
  const contents = (data as { Messages: { Content: string }[] }).Messages.map(
    ({ Content }) => Content,
  );
  expect(contents).toHaveLength(new Set(contents).size);
  expect(contents.filter((content) => content.startsWith(`${round}-`))).toHaveLength(16);
  const list = await ask(url, `${API}/conversations`, post({ Limit: 100 }));
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
  // Counts are folded after a write was answered, so a connection may be in use for a moment.
  await expect.poll(connections).toEqual({ waiting: 0, isWithinPool: true, inUse: 0 });
}

interface Behind extends AsyncDisposable {
  readonly proxy: TcpProxy;
  readonly server: TestServer;
}

/** A server in this process, with all of its work, that reaches its database through a proxy. */
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

test('PostgreSQL is stopped and started again', async () => {
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
    // Requests are under way while it stops, inside of transactions too.
    const during = Promise.all(manyRequests(server.url, round));
    await Promise.all([postgres.stop(), during]);
    for (const answer of await during) {
      if (answer.status > 201) expectAway([answer]);
    }
    await expectOutage(server.url, round);
    postgres = await start();
    await expectBack(server.url, round);
  }
  expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null });
});

test.each(['all', 'only new'] as const)(
  'the packets vanish, then %s connections go through again',
  async (which) => {
    await using behind = await openBehindProxy();
    const { proxy, server } = behind;
    // Idle connections, as many as the pool holds.
    await Promise.all(manyRequests(server.url, 'before'));
    proxy.silence();
    await expectOutage(server.url, 'away');
    expectAway(await Promise.all(manyRequests(server.url, 'away')));
    proxy.forward(which);
    await expectBack(server.url, 'away');
    // The lease too, on whose connection nothing came back: a new key works, a revoked one does not.
    const user = await server.admin.createUser({ Email: 'a@example.com', Name: 'A' });
    expect(user.UserId).toMatch(/^user_/);
  },
);

test('requests are under way when the packets vanish', async () => {
  await using behind = await openBehindProxy();
  const { proxy, server } = behind;
  const during = manyRequests(server.url, 'during');
  await Promise.race(during);
  proxy.silence();
  for (const answer of await Promise.all(during)) {
    if (answer.status > 201) expectAway([answer]);
  }
  proxy.forward('only new');
  await expectBack(server.url, 'during');
});

test('single connections fall silent while others can be made', async () => {
  await using behind = await openBehindProxy();
  const { proxy, server } = behind;
  await Promise.all(manyRequests(server.url, 'before'));
  proxy.forget();
  // One request finds it out, not one for each connection of the pool.
  const statuses: number[] = [];
  while (statuses.at(-1) !== 200) {
    const answer = await ask(server.url, '/readyz');
    statuses.push(answer.status);
    if (answer.status !== 200) expectAway([answer]);
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
  // They are in the server when the signal comes.
  await ask(server.url, '/healthz');
  expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null });
  for (const answer of await Promise.all(requests)) {
    if (answer) expectAway([answer]);
  }
});

test('the embedded PostgreSQL is killed', async () => {
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
    if (answer.status > 201) expectAway([answer]);
  }
  await expectBack(server.url, 'killed');
  const next = await postmasterOf(dataDir);
  expect(next).not.toBe(postmaster);
  expect(await server.end('SIGINT')).toEqual({ code: 0, signal: null });
  expect(isAlive(next)).toBe(false);
});
