import type pg from 'pg';
import { longId } from './long-conversations.ts';
import { API_KEY, type ServerProcess } from './server-process.ts';

const TABLES = `
  CREATE TABLE bench_documents (id text COLLATE "C" PRIMARY KEY, body text NOT NULL);
  CREATE TABLE bench_events (
    business_id bigint NOT NULL,
    conversation_id text COLLATE "C" NOT NULL,
    event_id text COLLATE "C" NOT NULL,
    seq integer NOT NULL,
    payload text NOT NULL,
    PRIMARY KEY (business_id, conversation_id, event_id)
  );
  CREATE TABLE bench_counts (LIKE conversation_counts INCLUDING ALL);
  CREATE TABLE bench_items (
    business_id bigint NOT NULL,
    id text COLLATE "C" NOT NULL,
    start_time timestamptz NOT NULL,
    status text COLLATE "C" NOT NULL,
    initiation_type text COLLATE "C" NOT NULL,
    item text NOT NULL
  );
  CREATE INDEX ON bench_items
    (business_id, initiation_type, status, start_time DESC, id DESC)`;

const ITEMS = `INSERT INTO bench_items
  SELECT business_id, id, start_time, status, initiation_type,
    regexp_replace(replace(head, E'\\u0002', ''), E'\\u0001[^\\u0001]*\\u0001', 'null', 'g')
  FROM conversations WHERE business_id = $1`;

/** Creates the tables of the bare server, with rendered answers and the best index for each list. */
export async function fillBareTables(
  sql: pg.Pool,
  listed: number,
  server: ServerProcess,
  long: { businessId: number; count: number },
): Promise<void> {
  await sql.query(TABLES);
  await sql.query(ITEMS, [listed]);
  await sql.query(
    'INSERT INTO bench_counts SELECT * FROM conversation_counts WHERE business_id = $1',
    [listed],
  );
  const base = `${server.url}/api/v1/business/${long.businessId}/conversations`;
  for (let number = 1; number <= long.count; number += 1) {
    const id = longId(number);
    const answer = await fetch(`${base}/${id}`, { headers: { Authorization: `Token ${API_KEY}` } });
    if (answer.status !== 200) throw new Error(`${id} was answered with ${answer.status}`);
    const body = await answer.text();
    await sql.query('INSERT INTO bench_documents (id, body) VALUES ($1, $2)', [id, body]);
  }
}
