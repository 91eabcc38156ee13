import { createHash } from 'node:crypto';
import type { Client } from '@colloquy/sdk';
import type pg from 'pg';
import { type Db, statement } from '../packages/server/src/base/db.ts';
import type {
  ComputedBackfill,
  StatementBackfill,
} from '../packages/server/src/base/jobs/backfill.ts';

/**
 * Where the synthetic backfills write. There is no unique key: a row that is done twice, or by two
 * nodes, is there twice. A backup leaves it out, since it has a schema of its own.
 */
export const VISITS = `CREATE SCHEMA backfill_test; CREATE TABLE backfill_test.visits (
  business_id bigint NOT NULL, name text NOT NULL, id text NOT NULL, hash text)`;

const COUNT = statement(
  'test.count-to-visit',
  'SELECT count(*)::integer AS rows FROM conversations WHERE business_id = $1',
);
const countRows = async (db: Db, businessId: number) =>
  (await db.row<{ rows: number }>(COUNT, [businessId]))?.rows ?? 0;

const VISIT = statement(
  'test.visit',
  `WITH batch AS (
     SELECT id FROM conversations WHERE business_id = $1 AND id > $2 ORDER BY id LIMIT $3
   )
   INSERT INTO backfill_test.visits (business_id, name, id)
   SELECT $1, 'visit-by-statement', id FROM batch RETURNING id`,
);

/** Notes each conversation, in one statement. */
export const visitByStatement: StatementBackfill = {
  name: 'visit-by-statement',
  firstKey: [''],
  maxBatchRows: 8,
  countRows,
  async runBatch(tx, businessId, [after], limit) {
    const rows = await tx.rows<{ id: string }>(VISIT, [businessId, after, limit]);
    const last = rows
      .map(({ id }) => id)
      .toSorted()
      .at(-1);
    return { last: last === undefined ? null : [last], rows: rows.length };
  },
};

const READ = statement(
  'test.read-to-hash',
  `SELECT id, head FROM conversations WHERE business_id = $1 AND id > $2 ORDER BY id LIMIT $3`,
);
const WRITE = statement(
  'test.write-hash',
  `INSERT INTO backfill_test.visits (business_id, name, id, hash)
   SELECT $1, 'visit-by-computing', c.id, given.hash
   FROM unnest($2::text[], $3::text[], $4::text[]) AS given(id, head, hash)
   JOIN conversations c ON c.business_id = $1 AND c.id = given.id AND c.head = given.head`,
);

/** Notes a hash of each conversation, which is computed outside of the transaction. */
export const visitByComputing: ComputedBackfill = {
  name: 'visit-by-computing',
  firstKey: [''],
  maxBatchRows: 8,
  countRows,
  async prepareBatch(db, businessId, [after], limit) {
    const rows = await db.rows<{ id: string; head: string }>(READ, [businessId, after, limit]);
    const hashes = rows.map(({ head }) => hashOf(head));
    const last = rows.at(-1);
    return {
      last: last ? [last.id] : null,
      rows: rows.length,
      async write(tx) {
        const [ids, heads] = [rows.map(({ id }) => id), rows.map(({ head }) => head)];
        await tx.rows(WRITE, [businessId, ids, heads, hashes]);
      },
    };
  },
};

export const hashOf = (head: string) => createHash('sha256').update(head).digest('hex');

const FILL_AT_ONCE = 5;

/** Puts finished conversations with these numbers in their ids. */
export async function fill(admin: Client, businessId: number, count: number): Promise<void> {
  const put = (at: number) =>
    admin.putConversation({
      businessId,
      sessionId: `call-${at}`,
      Status: 'Completed',
      StartTime: '2026-01-01T00:00:00Z',
      EndTime: '2026-01-01T00:01:00Z',
      EndType: 'Normal',
      InitiationType: 'Inbound',
    });
  const numbers = [...Array(count).keys()];
  for (let first = 0; first < count; first += FILL_AT_ONCE) {
    await Promise.all(numbers.slice(first, first + FILL_AT_ONCE).map(put));
  }
}

/** What the visits of a backfill lack, and what they have twice. */
export async function wrongVisits(sql: pg.Pool, name: string): Promise<unknown[]> {
  const { rows } = await sql.query(
    `SELECT c.business_id, c.id, count(v.id)::integer AS visits
     FROM conversations c LEFT JOIN backfill_test.visits v
       ON v.business_id = c.business_id AND v.id = c.id AND v.name = $1
     GROUP BY 1, 2 HAVING count(v.id) <> 1`,
    [name],
  );
  return rows;
}
