import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { listMigrations, migrate, NewerSchemaError } from '../packages/server/src/base/migrate.ts';
import { inDatabase } from './postgres.ts';
import { refusedStart, startServer } from './server-process.ts';
import { openProxy, urlThrough } from './tcp-proxy.ts';

let connection: pg.ClientConfig;
let closing: AsyncDisposableStack;

/** An empty database, dropped at the end. */
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

test('each migration is applied once, by whichever of several starters is first', async () => {
  const all = await listMigrations();
  const clients = await Promise.all([1, 2, 3, 4].map(() => connect(connection)));
  const names = await Promise.all(clients.map(migrate));
  expect(names.flat().sort()).toEqual(all.map(({ name }) => name));
  expect(names.filter((some) => some.length > 0)).toHaveLength(1);
  for (const client of clients) expect(await applied(client)).toEqual(all);
  // Nothing is held any more.
  const [first] = clients;
  const locks = "SELECT FROM pg_locks WHERE locktype = 'advisory'";
  expect((await first?.query(locks))?.rowCount).toBe(0);
});

test('several servers start at once on an empty database', async () => {
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
    expect(logged).toEqual([]);
  }
  for (const server of servers) {
    expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null });
  }
});

test('a database of a newer release is refused, and left as it is', async () => {
  const client = await connect(connection);
  await migrate(client);
  await client.query(
    "INSERT INTO schema_migrations (number, name) VALUES (9001, '9001_later.sql')",
  );
  await expect(migrate(client)).rejects.toBeInstanceOf(NewerSchemaError);
  const before = await applied(client);
  const proxy = closing.use(await openProxy(connection));
  const { code, said, printed } = await refusedStart({
    DATABASE_URL: urlThrough(proxy.port, connection),
  });
  expect(said).toBe(
    "Colloquy can't start: The database was prepared by a newer release (it holds 9001_later.sql); start that release or a later one.",
  );
  expect([code, printed]).toEqual([1, []]);
  expect(await applied(client)).toEqual(before);
});

test('a migration that fails leaves nothing behind and says which it was', async () => {
  const client = await connect(connection);
  // In the way of the second one.
  await client.query('CREATE TABLE live_conversations (n integer)');
  await expect(migrate(client)).rejects.toThrow('migration 0002_conversations.sql failed');
  expect(await applied(client)).toMatchObject([{ number: 1 }]);
  const { rows } = await client.query("SELECT to_regclass('conversations') AS made");
  expect(rows).toEqual([{ made: null }]);
  await client.query('DROP TABLE live_conversations');
  expect(await migrate(client)).not.toContain('0001_access.sql');
});
