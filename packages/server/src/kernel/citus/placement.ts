import type pg from 'pg';

/** Access is looked up across businesses. On the coordinator, its changes need no other node. */
const COORDINATOR_TABLES = ['businesses', 'business_members', 'invitations'];
/** All tables of a business are on one node, the one of this table. */
const FIRST_TABLE = 'conversations';

/** Tables whose key begins with `business_id` and that have no place yet, the first table first. */
const UNPLACED = `SELECT c.relname AS name FROM pg_class c
  JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1] AND a.attname = 'business_id'
  WHERE c.relnamespace = current_schema::regnamespace AND c.relname <> ALL ($1)
    AND NOT EXISTS (SELECT FROM pg_dist_partition p WHERE p.logicalrelid = c.oid)
  ORDER BY c.relname <> '${FIRST_TABLE}', c.relname`;
/** Functions that write rows of one business; it is their first parameter. */
const UNPLACED_FUNCTIONS = `SELECT f.oid::regprocedure::text AS name FROM pg_proc f
  WHERE f.pronamespace = current_schema::regnamespace AND f.proargnames[1] = 'business'
    AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_dist_object o
      WHERE o.classid = 'pg_proc'::regclass AND o.objid = f.oid AND o.distribution_argument_index IS NOT NULL
    )
  ORDER BY f.proname`;
/**
 * Functions that may keep a plan. Citus 13.2.1 and 13.2.2 add a plan of the shard to a kept plan with each execution, so
 * a worker's session grew by tens of kilobytes per append.
 */
const KEEPING_PLANS = `SELECT f.oid::regprocedure::text AS name FROM pg_proc f
  WHERE f.pronamespace = current_schema::regnamespace AND f.proargnames[1] = 'business'
    AND NOT coalesce(f.proconfig, '{}') @> ARRAY['plan_cache_mode=force_custom_plan']
  ORDER BY f.proname`;
/** Also in transactions: their rows get ascending numbers only from the node of the business. */
const FORCED = /^(add_changes|add_audit|append_events)\(/;
/** Citus copies rows, and leaves the originals where no statement finds them. */
const LEFT_ROWS = `SELECT p.logicalrelid::regclass::text AS name FROM pg_dist_partition p
  WHERE pg_relation_size(p.logicalrelid) > 0 AND p.partmethod = 'h'`;

export async function isDistributed(client: Pick<pg.ClientBase, 'query'>): Promise<boolean> {
  const { rows } = await client.query<{ hasCitus: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') AS "hasCitus"`,
  );
  if (!rows[0]?.hasCitus) return false;
  const { rowCount } = await client.query(
    'SELECT FROM pg_dist_partition WHERE logicalrelid = to_regclass($1)',
    [FIRST_TABLE],
  );
  return rowCount !== 0;
}

/**
 * Places each table and function that has no place: tables of businesses on the node of the
 * business, the others on the coordinator. Continues where an earlier run ended. `say` gets each
 * name.
 */
export async function place(client: pg.ClientBase, say: (name: string) => void): Promise<void> {
  for (const table of await namesOf(client, UNPLACED, [COORDINATOR_TABLES])) {
    say(table);
    await client.query(
      `SELECT create_distributed_table($1::regclass, 'business_id', colocate_with := $2)`,
      [table, table === FIRST_TABLE ? 'none' : FIRST_TABLE],
    );
  }
  for (const table of await namesOf(client, LEFT_ROWS)) {
    await client.query('SELECT truncate_local_data_after_distributing_table($1::regclass)', [
      table,
    ]);
  }
  for (const name of await namesOf(client, UNPLACED_FUNCTIONS)) {
    say(name.slice(0, name.indexOf('(')));
    // Outside of a transaction, a call is then sent to the node of the business as a whole.
    await client.query(
      `SELECT create_distributed_function($1::regprocedure, 'business', colocate_with := $2,
         force_delegation := $3)`,
      [name, FIRST_TABLE, FORCED.test(name)],
    );
  }
  for (const name of await namesOf(client, KEEPING_PLANS)) {
    await client.query(`ALTER FUNCTION ${name} SET plan_cache_mode = force_custom_plan`);
  }
}

async function namesOf(
  client: pg.ClientBase,
  text: string,
  values: readonly unknown[] = [],
): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(text, [...values]);
  return rows.map(({ name }) => name);
}
