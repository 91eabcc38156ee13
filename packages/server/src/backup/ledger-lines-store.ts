import type pg from 'pg';
import { runWith } from '../kernel/postgres/database.ts';
import type { LedgerEntry } from '../tombstones/ledger-store.ts';
import { rememberErased } from '../tombstones/tombstone-store.ts';

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

/** After the last line was added. */
export async function indexLines(client: pg.ClientBase): Promise<void> {
  await client.query('CREATE INDEX ON ledger_lines (business_id, id_hash)');
  await client.query('ANALYZE ledger_lines');
}

const PAGE_SIZE = 5_000;

// Temporary tables cannot be joined with tables that are on the nodes of a cluster.
const ERASED = `SELECT id_hash AS "idHash" FROM erased_ids
  WHERE business_id = $1 AND id_hash > $2 ORDER BY id_hash LIMIT ${PAGE_SIZE}`;
const LACKING = `SELECT id_hash AS "idHash" FROM unnest($2::text[]) AS known (id_hash)
  WHERE NOT EXISTS (
    SELECT FROM ledger_lines l WHERE l.business_id = $1 AND l.id_hash = known.id_hash)`;
const UNWRITTEN = `SELECT DISTINCT id_hash AS "idHash" FROM ledger_pending
  WHERE business_id = $1 AND id_hash = ANY($2::text[])`;

/** How many erasures of the database are neither in the lines nor waiting to be written. */
export async function countMissing(client: pg.ClientBase, businessId: number): Promise<number> {
  let missing = 0;
  for await (const erased of pagesOf(client, ERASED, businessId)) {
    const lacking = await hashesOf(client, LACKING, [businessId, erased]);
    const unwritten = await hashesOf(client, UNWRITTEN, [businessId, lacking]);
    missing += lacking.length - unwritten.length;
  }
  return missing;
}

const HASHES = `SELECT DISTINCT id_hash AS "idHash" FROM ledger_lines
  WHERE business_id = $1 AND id_hash > $2 ORDER BY id_hash LIMIT ${PAGE_SIZE}`;
const KNOWN = `SELECT id_hash AS "idHash" FROM erased_ids
  WHERE business_id = $1 AND id_hash = ANY($2::text[])`;
const PURGED = `SELECT id_hash AS "idHash", purged_at::text AS at FROM purged_parts
  WHERE business_id = $1 AND id_hash = ANY($2::text[])`;

/** Keeps only lines newer than the database. */
export async function deleteKnownLines(client: pg.ClientBase, businessId: number): Promise<void> {
  for await (const hashes of pagesOf(client, HASHES, businessId)) {
    await client.query(
      'DELETE FROM ledger_lines WHERE business_id = $1 AND id_hash = ANY($2::text[])',
      [businessId, await hashesOf(client, KNOWN, [businessId, hashes])],
    );
    const { rows } = await client.query<{ idHash: string; at: string }>(PURGED, [
      businessId,
      hashes,
    ]);
    await client.query(
      `DELETE FROM ledger_lines l USING unnest($2::text[], $3::timestamptz[]) AS purged (id_hash, at)
       WHERE l.business_id = $1 AND l.id_hash = purged.id_hash AND l.at = purged.at`,
      [businessId, rows.map(({ idHash }) => idHash), rows.map(({ at }) => at)],
    );
  }
}

export async function listBusinessesOfLines(client: pg.ClientBase): Promise<number[]> {
  const { rows } = await client.query<{ id: number }>(
    'SELECT DISTINCT business_id AS id FROM ledger_lines ORDER BY 1',
  );
  return rows.map(({ id }) => Number(id));
}

/** `text` selects hashes of the business $1 after $2. */
async function* pagesOf(client: pg.ClientBase, text: string, businessId: number) {
  for (let after = ''; ; ) {
    const page = await hashesOf(client, text, [businessId, after]);
    if (page.length > 0) yield page;
    if (page.length < PAGE_SIZE) return;
    after = page.at(-1) ?? after;
  }
}

async function hashesOf(client: pg.ClientBase, text: string, values: unknown[]) {
  const { rows } = await client.query<{ idHash: string }>(text, values);
  return rows.map(({ idHash }) => idHash);
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

const ERASED_SINCE = `SELECT id_hash AS "idHash", min(at)::text AS at FROM ledger_lines
  WHERE business_id = $1 AND parts = 'Record' AND id_hash = ANY($2::text[]) GROUP BY id_hash`;

/** Adds tombstones for ids that were created and deleted after the backup. */
export async function addTombstonesOfLines(
  client: pg.ClientBase,
  businessId: number,
): Promise<void> {
  for await (const hashes of pagesOf(client, HASHES, businessId)) {
    const { rows } = await client.query<{ idHash: string; at: string }>(ERASED_SINCE, [
      businessId,
      hashes,
    ]);
    const since = rows.map(({ idHash, at }) => [idHash, at]);
    await rememberErased(
      runWith((config) => client.query(config)),
      businessId,
      since,
    );
  }
}
