import type { Scope } from '../../access/authorization/scope.ts';
import { businessesWith } from '../../kernel/jobs/businesses-with.ts';
import { type Db, statement } from '../../kernel/postgres/database.ts';

type Business = Pick<Scope, 'businessId'>;

/** With old deliveries that are in no conversation, or with deleted connections. */
export const WITH_REMOVABLE = businessesWith(
  'connectors.businesses-with-removable',
  {
    table: 'connection_deliveries',
    where: "status IN ('Ignored', 'Failed')",
    due: 'received_at < $1',
    by: 'received_at',
  },
  { table: 'deleted_connections' },
);

const REMOVE_OLD = statement(
  'connectors.remove-old',
  `DELETE FROM connection_deliveries WHERE business_id = $1 AND delivery_id IN (
     SELECT d.delivery_id FROM connection_deliveries d
     WHERE d.business_id = $1 AND d.status IN ('Ignored', 'Failed') AND d.received_at < $2
     ORDER BY d.received_at LIMIT $3
   ) RETURNING delivery_id`,
);

/** Removes at most `limit` deliveries in no conversation from before an instant; returns their number. */
export async function removeOld(
  db: Db,
  { businessId }: Business,
  before: number,
  limit: number,
): Promise<number> {
  const values = [businessId, new Date(before).toISOString(), limit];
  return (await db.rows(REMOVE_OLD, values)).length;
}

const REMOVE_OUTSIDE = statement(
  'connectors.remove-outside',
  `DELETE FROM connection_deliveries WHERE business_id = $1 AND delivery_id IN (
     SELECT d.delivery_id FROM connection_deliveries d
     WHERE d.business_id = $1 AND d.connection_id = $2 AND d.status <> 'Assembled' LIMIT $3
   ) RETURNING delivery_id`,
);

/** Removes at most `limit` deliveries of a connection that are in no conversation; returns their number. */
export async function removeOutside(
  db: Db,
  { businessId }: Business,
  connectionId: string,
  limit: number,
): Promise<number> {
  return (await db.rows(REMOVE_OUTSIDE, [businessId, connectionId, limit])).length;
}
