import type pg from 'pg';
import type { LedgerEntry } from '../tombstones/ledger-store.ts';

// A temporary table with ledger lines, next to the restored database.

export async function makeLines(client: pg.ClientBase): Promise<void> {
  await client.query(`CREATE TEMPORARY TABLE ledger_lines (
    business_id bigint, id_hash text COLLATE "C", parts text, at timestamptz)`);
}

export async function addLines(client: pg.ClientBase, entries: readonly LedgerEntry[]) {
  await client.query(
    `INSERT INTO ledger_lines (business_id, id_hash, parts, at)
     SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::timestamptz[])`,
    [
      entries.map(({ businessId }) => businessId),
      entries.map(({ idHash }) => idHash),
      entries.map(({ parts }) => parts),
      entries.map(({ at }) => new Date(at).toISOString()),
    ],
  );
}

export async function countMissing(client: pg.ClientBase): Promise<number> {
  await client.query('CREATE INDEX ON ledger_lines (business_id, id_hash)');
  await client.query('ANALYZE ledger_lines');
  const { rows } = await client.query<{ n: number }>(
    `SELECT count(*)::integer AS n FROM erased_ids e
     WHERE NOT EXISTS (SELECT 1 FROM ledger_lines l
         WHERE l.business_id = e.business_id AND l.id_hash = e.id_hash)
       AND NOT EXISTS (SELECT 1 FROM ledger_pending p
         WHERE p.business_id = e.business_id AND p.id_hash = e.id_hash)`,
  );
  return rows[0]?.n ?? 0;
}

/** Keeps only lines newer than the database and returns the businesses that have any. */
export async function deleteKnownLines(client: pg.ClientBase): Promise<number[]> {
  await client.query(
    `DELETE FROM ledger_lines l
     WHERE EXISTS (SELECT 1 FROM erased_ids e
         WHERE e.business_id = l.business_id AND e.id_hash = l.id_hash)
       OR EXISTS (SELECT 1 FROM purged_parts p
         WHERE p.business_id = l.business_id AND p.id_hash = l.id_hash AND p.purged_at = l.at)`,
  );
  const { rows } = await client.query<{ id: number }>(
    'SELECT DISTINCT business_id AS id FROM ledger_lines ORDER BY 1',
  );
  return rows.map(({ id }) => Number(id));
}

export interface Line {
  readonly idHash: string;
  readonly parts: string;
  readonly at: number;
}

export async function findLines(
  client: pg.ClientBase,
  businessId: number,
  hashes: readonly string[],
): Promise<Line[]> {
  const { rows } = await client.query<Line>(
    `SELECT id_hash AS "idHash", parts, at FROM ledger_lines
     WHERE business_id = $1 AND id_hash = ANY($2::text[]) ORDER BY at`,
    [businessId, hashes],
  );
  return rows;
}

const IDS = {
  conversation:
    'SELECT id FROM conversations WHERE business_id = $1 AND id > $2 AND erased_at IS NULL',
  call: `SELECT id FROM (
      (SELECT id FROM outbound_calls WHERE business_id = $1 AND id > $2 ORDER BY id LIMIT $3)
      UNION ALL
      (SELECT id FROM inbound_calls WHERE business_id = $1 AND id > $2 ORDER BY id LIMIT $3)
    ) AS calls WHERE true`,
} as const;

export async function listIds(
  client: pg.ClientBase,
  businessId: number,
  kind: keyof typeof IDS,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(`${IDS[kind]} ORDER BY id LIMIT $3`, [
    businessId,
    after,
    limit,
  ]);
  return rows.map(({ id }) => id);
}

/** Adds tombstones for ids that were created and deleted after the backup. */
export async function addTombstonesOfLines(client: pg.ClientBase): Promise<void> {
  await client.query(
    `INSERT INTO erased_ids (business_id, id_hash, erased_at)
     SELECT business_id, id_hash, min(at) FROM ledger_lines WHERE parts = 'Record'
     GROUP BY business_id, id_hash
     ON CONFLICT DO NOTHING`,
  );
}
