import { type Db, statement, type Tx } from '../../kernel/postgres/database.ts';

const CHANNEL = 'colloquy_access';

const bumpStatement = statement(
  'access.bump_epoch',
  'UPDATE access_state SET epoch = epoch + 1 RETURNING epoch',
);

/** Other changes wait until the transaction ends. */
export async function bumpEpoch(tx: Tx): Promise<number> {
  const row = await tx.row<{ epoch: number }>(bumpStatement, []);
  if (!row) throw new Error('access_state has no row');
  return row.epoch;
}

const announceStatement = statement('access.announce', 'SELECT pg_notify($1, $2)');

export async function announceEpoch(db: Db, epoch: number): Promise<void> {
  await db.rows(announceStatement, [CHANNEL, String(epoch)]);
}

const behindStatement = statement(
  'access.is_anyone_behind',
  `SELECT EXISTS (
     SELECT FROM nodes WHERE node_id IS DISTINCT FROM $1 AND seen_epoch < $2
       AND lease_expires_at > clock_timestamp()) AS "isBehind"`,
);

export async function isAnyNodeBehind(db: Db, epoch: number, exceptNodeId: string | null) {
  const row = await db.row<{ isBehind: boolean }>(behindStatement, [exceptNodeId, epoch]);
  return row?.isBehind ?? true;
}

const runningStatement = statement(
  'access.is_any_node_running',
  'SELECT EXISTS (SELECT FROM nodes WHERE lease_expires_at > clock_timestamp()) AS "isRunning"',
);

export const isAnyNodeRunning = async (db: Db) =>
  (await db.row<{ isRunning: boolean }>(runningStatement, []))?.isRunning ?? false;

/** Renews ($2 ms) only if the node saw every change ($3), so no lease outlives a change by more. */
export const renewal = statement(
  'access.renew_lease',
  `WITH renewed AS (
     INSERT INTO nodes (node_id, lease_expires_at, seen_epoch)
     SELECT $1, clock_timestamp() + $2 * interval '1 millisecond', epoch
     FROM access_state WHERE epoch = $3
     ON CONFLICT (node_id) DO UPDATE
     SET lease_expires_at = excluded.lease_expires_at, seen_epoch = excluded.seen_epoch)
   SELECT epoch FROM access_state`,
);

export const listen = statement('access.listen', `LISTEN ${CHANNEL}`);

/** A node that only lost its lease renews it within an hour. */
export const sweep = statement(
  'access.sweep_nodes',
  `DELETE FROM nodes WHERE lease_expires_at < clock_timestamp() - interval '1 hour'`,
);

export const departure = statement('access.delete_node', 'DELETE FROM nodes WHERE node_id = $1');
