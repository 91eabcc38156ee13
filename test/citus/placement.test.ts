import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { expect, inject, test } from 'vitest';
import { isDistributed, place } from '../../packages/server/src/kernel/citus/placement.ts';
import { migrate } from '../../packages/server/src/kernel/postgres/migrate.ts';
import {
  connectionTo,
  createOnNodes,
  dropDistributed,
  nodeOf,
  splitAddress,
} from '../servers/citus.ts';
import { inDatabase, migrateDatabase, run } from '../servers/postgres.ts';
import { startTestServer } from '../servers/test-server.ts';

const Timestamp = '2026-03-01T12:00:00Z';

async function emptyDatabase() {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await createOnNodes(name);
  return {
    name,
    connection: inDatabase(inject('postgres'), name),
    [Symbol.asyncDispose]: () => dropDistributed(name),
  };
}

const placed = async (connection: pg.ClientConfig) => {
  const names: string[] = [];
  await run(connection, (client) => place(client, (name) => names.push(name)));
  return names;
};

test('a database with data is distributed, keeps it, and leaves no copy on the coordinator', async () => {
  await using database = await emptyDatabase();
  const { connection } = database;
  await migrateDatabase(connection);
  expect(await run(connection, isDistributed)).toBe(false);
  const before = await startTestServer({ connection });
  const businessId = await before.newBusiness();
  await before.admin.appendConversationEvents({
    ...{ businessId, sessionId: 'a' },
    Events: [{ EventId: 's', Type: 'SessionStarted', Timestamp, InitiationType: 'Inbound' }],
  });
  const read = await before.admin.getConversation({ businessId, sessionId: 'a' });
  await before[Symbol.asyncDispose]();

  expect((await placed(connection)).slice(0, 2)).toEqual(['conversations', 'audit_entries']);
  expect(await placed(connection)).toEqual([]);
  await using after = await startTestServer({ connection });
  expect(await after.admin.getConversation({ businessId, sessionId: 'a' })).toEqual(read);
  const left = await after.sql.query(
    'SELECT logicalrelid FROM pg_dist_partition WHERE pg_relation_size(logicalrelid) > 0',
  );
  expect(left.rows).toEqual([]);
});

test('an interrupted run is continued, and a new table and a new function are placed', async () => {
  await using database = await emptyDatabase();
  const { connection } = database;
  await migrateDatabase(connection);
  await run(connection, async (client) => {
    const stop = new Error('killed');
    const names: string[] = [];
    const sayUntil = (name: string) => {
      if (names.push(name) === 4) throw stop;
    };
    await expect(place(client, sayUntil)).rejects.toBe(stop);
    await place(client, (name) => names.push(name));
    expect(new Set(names).size).toBe(names.length - 1);
    await client.query(
      'CREATE TABLE later (business_id bigint, id text, PRIMARY KEY (business_id, id))',
    );
    await client.query(
      `CREATE FUNCTION add_later(business bigint, id text) RETURNS void LANGUAGE plpgsql AS
       'BEGIN INSERT INTO later (business_id, id) VALUES (business, id); END'`,
    );
  });
  await run(connection, migrate);
  const counts = `SELECT (SELECT count(*) FROM pg_dist_partition WHERE logicalrelid = 'later'::regclass)::int AS tables,
    (SELECT count(*) FROM pg_dist_object WHERE objid = 'add_later'::regproc)::int AS functions`;
  const { rows } = await run(connection, (client) => client.query(counts));
  expect(rows).toEqual([{ tables: 1, functions: 1 }]);
  expect(await placed(connection)).toEqual([]);
});

test('all rows of a business are on one node', async () => {
  await using server = await startTestServer();
  const { rows } = await server.sql.query<{ groups: number; tables: number }>(
    `SELECT count(DISTINCT colocationid)::int AS groups, count(*)::int AS tables
     FROM pg_dist_partition WHERE partmethod = 'h'`,
  );
  expect(rows).toEqual([{ groups: 1, tables: expect.any(Number) }]);
  expect(rows[0]?.tables).toBeGreaterThan(40);
});

test('a session of a worker does not grow with the statements of a function', async () => {
  await using database = await emptyDatabase();
  const { connection, name } = database;
  await migrateDatabase(connection);
  await run(connection, async (client) => {
    await client.query(
      `CREATE FUNCTION touch(business bigint, times integer) RETURNS void LANGUAGE plpgsql AS $$
       BEGIN
         FOR n IN 1 .. times LOOP
           UPDATE live_conversations AS l SET version = 2
           WHERE l.business_id = business AND l.conversation_id = 'id ' || n;
         END LOOP;
       END $$`,
    );
    await place(client, () => undefined);
  });
  const node = splitAddress(await nodeOf(connection, 1));
  const growth = await run(connectionTo(node, name), async (worker) => {
    const call = async (times: number) => {
      await worker.query('SELECT touch(1, $1)', [times]);
      const used = 'SELECT sum(used_bytes)::int AS bytes FROM pg_backend_memory_contexts';
      return (await worker.query<{ bytes: number }>(used)).rows[0]?.bytes ?? 0;
    };
    const before = await call(20);
    return (await call(100)) - before;
  });
  expect(growth).toBeLessThan(1_000_000);
});
