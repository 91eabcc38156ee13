import type { Readable } from 'node:stream';
import pg from 'pg';
import { readQuery, type Table } from '../postgres/table-copy.ts';

/**
 * A node has one snapshot per connection. With one connection to each node, opened at once, all rows
 * of a business are of one instant, because they are on one node.
 */
const ONE_CONNECTION = 'SET citus.max_adaptive_executor_pool_size = 1';
const ON_EACH_NODE = 'SELECT 1 FROM conversations LIMIT 1';

/** Before the transaction begins. */
export async function limitConnections(client: pg.ClientBase): Promise<void> {
  await client.query(ONE_CONNECTION);
}

/** Opens the snapshots of the nodes; the one of the coordinator is the oldest. */
export async function touchNodes(client: pg.ClientBase): Promise<void> {
  await client.query('SELECT 1 FROM businesses LIMIT 1');
  await client.query(ON_EACH_NODE);
}

const PLACED = `SELECT p.logicalrelid::regclass::text AS name,
    (SELECT a.attname FROM pg_attribute a
     WHERE a.attrelid = p.logicalrelid AND a.attidentity <> '') AS "identity"
  FROM pg_dist_partition p WHERE p.partmethod = 'h'`;

/** The tables that are on the nodes of businesses, each with its identity column or null. */
export async function listPlaced(client: pg.ClientBase): Promise<Map<string, string | null>> {
  const { rows } = await client.query<{ name: string; identity: string | null }>(PLACED);
  return new Map(rows.map(({ name, identity }) => [name, identity]));
}

/** Few enough that the coordinator can hold their rows of a table, which it does before it sends them. */
const BUSINESSES_PER_QUERY = 50;

/**
 * The rows of the given businesses. Numbers of an identity column begin at 1 in each business, in the
 * same order: numbers of a node are larger than a sequence elsewhere can be set to.
 */
export async function* readPlaced(
  client: pg.ClientBase,
  { name, columns }: Table,
  { identity, businessIds }: { identity: string | null; businessIds: readonly number[] },
): AsyncGenerator<Uint8Array> {
  const texts = columns.map((column) => {
    const escaped = pg.escapeIdentifier(column);
    return column === identity
      ? `row_number() OVER (PARTITION BY business_id ORDER BY ${escaped}) AS ${escaped}`
      : escaped;
  });
  for (let at = 0; at < businessIds.length; at += BUSINESSES_PER_QUERY) {
    const ids = businessIds.slice(at, at + BUSINESSES_PER_QUERY);
    const rows: Readable = readQuery(
      client,
      `SELECT ${texts.join(', ')} FROM ${pg.escapeIdentifier(name)}
       WHERE business_id = ANY ('{${ids.join(',')}}'::bigint[])`,
    );
    yield* rows;
  }
}
