import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { rulesOf } from '../../packages/server/src/access/businesses/retention-rules.ts';
import type { Conversation } from '../../packages/server/src/conversations/model/conversation.ts';
import { CONVERSATION_COUNTS } from '../../packages/server/src/conversations/model/counts.ts';
import { renderDocument } from '../../packages/server/src/conversations/model/document.ts';
import {
  listMigrations,
  migrate,
  NewerSchemaError,
} from '../../packages/server/src/kernel/postgres/migrate.ts';
import { openDatabase } from '../../packages/server/src/kernel/postgres/open-database.ts';
import { OUTBOUND_COUNTS } from '../../packages/server/src/queues/calls/counts.ts';
import { inDatabase } from '../servers/postgres.ts';
import { refusedStart, startServer } from '../servers/server-process.ts';
import { openProxy, urlThrough } from '../servers/tcp-proxy.ts';

let connection: pg.ClientConfig;
let closing: AsyncDisposableStack;

beforeEach(async () => {
  closing = new AsyncDisposableStack();
  const server = inject('postgres');
  const name = `empty_${randomBytes(8).toString('hex')}`;
  const admin = await connect(server);
  await admin.query(`CREATE DATABASE ${name}`);
  closing.defer(async () => {
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
  });
  connection = inDatabase(server, name);
});
afterEach(() => closing.disposeAsync());

async function connect(to: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client(to);
  client.on('error', () => undefined);
  await client.connect();
  closing.defer(() => client.end());
  return client;
}

const applied = async (client: pg.Client) =>
  (await client.query('SELECT number, name FROM schema_migrations ORDER BY number')).rows;

test('concurrent starts apply each migration once', async () => {
  const all = await listMigrations();
  const clients = await Promise.all([1, 2, 3, 4].map(() => connect(connection)));
  const names = await Promise.all(clients.map((client) => migrate(client)));
  expect(names.flat().sort()).toEqual(all.map(({ name }) => name));
  expect(names.filter((applied) => applied.length > 0)).toHaveLength(1);
  for (const client of clients) expect(await applied(client)).toEqual(all);
  const [first] = clients;
  const locks = `SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
    WHERE l.locktype = 'advisory' AND d.datname = current_database()`;
  expect((await first?.query(locks))?.rowCount).toBe(0);
});

test('several servers start concurrently on an empty database', async () => {
  const proxy = closing.use(await openProxy(connection));
  const DATABASE_URL = urlThrough(proxy.port, connection);
  const BOOTSTRAP_API_KEY = 'one-key-for-all-nodes-0123456789abcdef';
  const settings = { DATABASE_URL, BOOTSTRAP_API_KEY, DEMO: '1' };
  const servers = await Promise.all([1, 2, 3].map(() => startServer(settings)));
  for (const server of servers) closing.use(server);
  for (const { url, logged } of servers) {
    const headers = {
      Authorization: `Token ${BOOTSTRAP_API_KEY}`,
      'Content-Type': 'application/json',
    };
    const response = await fetch(`${url}/api/v1/business/12345/conversations`, {
      method: 'POST',
      headers,
      body: '{"Limit": 100}',
    });
    const { Data } = (await response.json()) as { Data: { Items: unknown[]; TotalCount: number } };
    expect(Data.TotalCount).toBe(Data.Items.length);
    // A lease may expire on a busy machine.
    expect(logged.filter((line) => !line.includes('access lease'))).toEqual([]);
  }
  for (const server of servers) {
    expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null });
  }
});

test('migrations count and keep existing rows like new ones', async () => {
  const client = await connect(connection);
  await migrate(client, 4);
  await client.query(
    `INSERT INTO businesses (business_id, name, transcript_days, created_at)
     VALUES (7, 'Old', 30, now())`,
  );
  const at = Date.parse('2026-01-31T23:59:59.500Z');
  const header: Conversation = {
    id: 'old',
    queueId: 'q',
    status: 'Completed',
    startTime: at,
    endTime: at + 1500,
    endType: 'Normal',
    initiationType: 'Web',
    metadata: { team: 'ä "1"' },
    agents: [],
    clients: [
      {
        clientId: '+49',
        clientType: 'Web',
        joinedAt: at,
        leftAt: null,
        leaveReason: null,
        name: 'a\u0007b',
      },
    ],
    messages: [],
    logs: [{ level: 'Info', message: 'x', at }],
  };
  const { head, messages, logs } = renderDocument(header);
  await client.query(
    `INSERT INTO conversations (business_id, id, start_time, status, initiation_type, end_type, head,
       queue_id, recordings, messages, logs)
     VALUES (7, 'old', $1, 'Completed', 'Web', 'Normal', $2, 'q', '[{},{}]', $3, $4)`,
    [new Date(at), head, messages, logs],
  );
  // A live conversation has no end, even if its metadata has an EndTime.
  const live = renderDocument({
    ...header,
    status: 'Active',
    endTime: null,
    endType: null,
    metadata: { EndTime: 'soon' },
  });
  await client.query(
    `WITH other AS (
       INSERT INTO businesses (business_id, name, created_at) VALUES (8, 'Other', now()))
     INSERT INTO conversations (business_id, id, start_time, status, initiation_type, head)
     VALUES (8, 'live', $1, 'Active', 'Web', $2)`,
    [new Date(at), live.head],
  );
  await client.query(
    `INSERT INTO outbound_calls (business_id, id, status, enqueued_at, completed_at, dynamic_variables,
       metadata, recipient_number, campaign_id)
     SELECT 7, 'q' || n, 'Completed', $1, $1, '{}', '{}', '+49', 'c' FROM generate_series(1, 3) n`,
    [new Date(at)],
  );
  await migrate(client);
  const { rows: sealed } = await client.query('SELECT * FROM sealed_conversations');
  expect(sealed).toMatchObject([
    {
      conversation_id: 'old',
      status: 'Completed',
      initiation_type: 'Web',
      queue_id: 'q',
      end_time: new Date(at + 1500),
      metadata: { team: 'ä "1"' },
      end_type: 'Normal',
      has_transcript: false,
      has_logs: true,
      recordings: 2,
      purge_plan: 0,
    },
  ]);
  const { rows: businesses } = await client.query(
    'SELECT retention_rules AS rules, retention_plan AS plan FROM businesses WHERE business_id = 7',
  );
  expect(businesses[0].plan).toBe(1);
  const rules = rulesOf({ transcriptDays: 30, recordingDays: null });
  expect(JSON.parse(businesses[0].rules)).toEqual(rules);
  const { rows: counted } = await client.query(
    'SELECT hour, clock, campaign_id, n FROM outbound_count_deltas',
  );
  const hour = new Date('2026-01-31T23:00:00Z');
  expect(counted).toEqual([{ hour, clock: 'completed', campaign_id: 'c', n: 3 }]);
  const db = openDatabase({ connection, onError: () => undefined });
  closing.defer(() => db.close());
  for (const table of [CONVERSATION_COUNTS, OUTBOUND_COUNTS]) await table.rollUp(db, 7);
  for (const [table, sums] of [
    [
      'conversation_figures',
      'duration_from_0 1, end_type_normal 1, initiation_type_web 1, milliseconds 1500, status_completed 1',
    ],
    ['outbound_figures', 'completed 3, enqueued 3'],
  ]) {
    const { rows: figures } = await client.query(
      `SELECT grain, to_char(bucket AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS at,
         (SELECT string_agg(concat_ws(' ', key, value), ', ' ORDER BY key COLLATE "C")
          FROM jsonb_each_text(to_jsonb(f) - 'business_id') WHERE value ~ '^[0-9]+$' AND value <> '0'
         ) AS sums FROM ${table} f WHERE business_id = 7 ORDER BY 1`,
    );
    expect(figures).toEqual([
      { grain: 'day', at: '2026-01-31 00:00', sums },
      { grain: 'hour', at: '2026-01-31 23:00', sums },
      { grain: 'month', at: '2026-01-01 00:00', sums },
      { grain: 'quarter', at: '2026-01-31 23:45', sums },
    ]);
  }
  const { rows: ofLive } = await client.query(
    `SELECT DISTINCT status_active, initiation_type_web, milliseconds FROM conversation_figures
     WHERE business_id = 8`,
  );
  expect(ofLive).toEqual([{ status_active: '1', initiation_type_web: '1', milliseconds: '0' }]);
});

test('a server older than the analytics tables cannot count alongside the current release', async () => {
  const client = await connect(connection);
  await migrate(client);
  const counting = client.query(
    `INSERT INTO conversation_count_deltas (business_id, hour, status, initiation_type, end_type, n)
     VALUES (7, now(), 'Active', 'Web', '', 1)`,
  );
  await expect(counting).rejects.toMatchObject({
    constraint: 'conversation_count_deltas_quarter',
  });
});

test('durations of existing conversations are counted once, whether rolled up before or not', async () => {
  const client = await connect(connection);
  await migrate(client, 17);
  const head = (seconds: string) =>
    `{"StartTime":"2026-01-31T23:00:00Z","EndTime":"2026-01-31T23:00:${seconds}Z"}`;
  await client.query(
    `INSERT INTO businesses (business_id, name, created_at) VALUES (7, 'Old', now())`,
  );
  await client.query(
    `INSERT INTO conversations (business_id, id, start_time, status, initiation_type, end_type, head)
     SELECT 7, id, '2026-01-31T23:00:00Z', 'Completed', 'Web', end_type, head
     FROM (VALUES ('folded', 'Normal', $1), ('not yet', 'Normal', $2), ('live', NULL, $3))
       AS c(id, end_type, head)`,
    [head('10'), head('09.999'), '{"StartTime":"2026-01-31T23:00:00Z","EndTime":null}'],
  );
  await client.query(
    `INSERT INTO conversation_count_deltas
       (business_id, hour, quarter, status, initiation_type, end_type, n, milliseconds, duration_class)
     VALUES (7, '2026-01-31T23:00:00Z', 0, 'Completed', 'Web', 'Normal', 1, 9999, 0)`,
  );
  await migrate(client);
  const { rows: classes } = await client.query(
    'SELECT id, duration_class AS class FROM conversations ORDER BY id',
  );
  expect(classes).toEqual([
    { id: 'folded', class: 1 },
    { id: 'live', class: null },
    { id: 'not yet', class: 0 },
  ]);
  const db = openDatabase({ connection, onError: () => undefined });
  closing.defer(() => db.close());
  await CONVERSATION_COUNTS.rollUp(db, 7);
  const { rows: counts } = await client.query(
    `SELECT grain, to_char(bucket AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24') AS at, n::int
     FROM conversation_counts WHERE grain LIKE '% of %' AND grain NOT LIKE 'all %'
       AND business_id = 7 ORDER BY 1`,
  );
  expect(counts).toEqual([
    { grain: 'day of 0', at: '2026-01-31 00', n: 1 },
    { grain: 'day of 1', at: '2026-01-31 00', n: 1 },
    { grain: 'hour of 0', at: '2026-01-31 23', n: 1 },
    { grain: 'hour of 1', at: '2026-01-31 23', n: 1 },
    { grain: 'month of 0', at: '2026-01-01 00', n: 1 },
    { grain: 'month of 1', at: '2026-01-01 00', n: 1 },
  ]);
});

test('a server refuses a database of a newer release and leaves it unchanged', async () => {
  const client = await connect(connection);
  await migrate(client);
  await client.query(
    "INSERT INTO schema_migrations (number, name) VALUES (9001, '9001_later.sql')",
  );
  await expect(migrate(client)).rejects.toBeInstanceOf(NewerSchemaError);
  const before = await applied(client);
  const proxy = closing.use(await openProxy(connection));
  const { code, stderr, printed } = await refusedStart({
    DATABASE_URL: urlThrough(proxy.port, connection),
  });
  expect(stderr).toBe(
    "Colloquy can't start: The database was prepared by a newer release (it holds 9001_later.sql); start that release or a later one.",
  );
  expect([code, printed]).toEqual([1, []]);
  expect(await applied(client)).toEqual(before);
});

test('sessions and linked accounts of users with a reserved address are removed', async () => {
  const client = await connect(connection);
  await migrate(client, 23);
  const users = ['Admin@localhost', 'ada@example.com'];
  for (const [at, email] of users.entries()) {
    await client.query(
      `INSERT INTO users (user_id, email, name, is_email_proven, created_at)
       VALUES ($1, $2, 'Somebody', true, now())`,
      [`u${at}`, email],
    );
    await client.query(
      `INSERT INTO sessions (session_id, user_id, token_hash, expires_at, created_at, updated_at)
       VALUES ($1, $1, $2, now() + interval '1 day', now(), now())`,
      [`u${at}`, randomBytes(32)],
    );
    await client.query(
      `INSERT INTO accounts (account_id, user_id, provider, subject, created_at, updated_at)
       VALUES ($1, $1, 'oidc', $1, now(), now())`,
      [`u${at}`],
    );
  }
  await migrate(client);
  for (const table of ['sessions', 'accounts']) {
    const { rows } = await client.query(`SELECT user_id FROM ${table}`);
    expect(rows).toEqual([{ user_id: 'u1' }]);
  }
  expect((await client.query('SELECT FROM users')).rowCount).toBe(2);
});

test('a failed migration is named and rolled back', async () => {
  const client = await connect(connection);
  // Conflicts with the second migration.
  await client.query('CREATE TABLE live_conversations (n integer)');
  await expect(migrate(client)).rejects.toThrow('migration 0002_conversations.sql failed');
  expect(await applied(client)).toMatchObject([{ number: 1 }]);
  const { rows } = await client.query("SELECT to_regclass('conversations') AS made");
  expect(rows).toEqual([{ made: null }]);
  await client.query('DROP TABLE live_conversations');
  expect(await migrate(client)).not.toContain('0001_access.sql');
});
