import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { declaredStatements } from '../../packages/server/src/kernel/postgres/database.ts';
import { startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

// On a cluster, the plan is the one of a worker.
test.skipIf(inject('citusNodes') !== null)(
  'events of streams are looked up by their key, however few or many there are',
  async () => {
    const { text } = declaredStatements().find(
      ({ name }) => name === 'conversations.find-events',
    ) ?? {
      text: '',
    };
    const client = await server.sql.connect();
    const plan = async () => {
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(
        "EXPLAIN EXECUTE find_events(1, '{a,b}', '{1,4}')",
      );
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    };
    const byKey = /Index Cond: .*conversation_id = w\.id.*seq = w\.seq/;
    try {
      await client.query('SET plan_cache_mode = force_generic_plan');
      await client.query(`PREPARE find_events (bigint, text[], integer[]) AS ${text}`);
      expect(await plan()).toMatch(byKey);
      await client.query(
        `INSERT INTO conversation_events (business_id, conversation_id, seq, event_ids, payloads)
       SELECT 1, 'call-' || n % 200, n, 'said-' || n, '{}' FROM generate_series(1, 1000) n`,
      );
      expect(await plan()).toMatch(byKey);
      await client.query('ANALYZE conversation_events');
      expect(await plan()).toMatch(byKey);
    } finally {
      client.release(true);
    }
  },
);
