import type pg from 'pg';
import { eachBusiness } from '../access/businesses/for-each-business.ts';
import { runWith } from '../kernel/postgres/database.ts';
import { StartError } from '../kernel/start-error.ts';

const WITH_DATA = `SELECT business_id::float8 AS "businessId" FROM change_ends
  UNION SELECT business_id::float8 FROM changes_pending ORDER BY 1`;
/** Every business has audit events from its creation on. */
const HAS_AUDIT = `SELECT EXISTS (SELECT FROM audit_entries WHERE business_id = $1)
  OR EXISTS (SELECT FROM audit_pending WHERE business_id = $1) AS has`;

const HOW = `Restore all nodes to the same restore point, which
  SELECT citus_create_restore_point('<name>')
makes on all of them.`;

/** StartError if businesses show that the nodes of a cluster were restored to different times. */
export async function checkNodes(client: pg.ClientBase): Promise<void> {
  const db = runWith((config) => client.query(config));
  const known = new Set(await Array.fromAsync(eachBusiness(db)));
  const { rows } = await client.query<{ businessId: number }>(WITH_DATA);
  const unknown = rows.filter(({ businessId }) => !known.has(businessId));
  if (unknown.length > 0) {
    throw new StartError(
      `The coordinator is older than its nodes: they have data of ${unknown.length} businesses that it does not know, for example ${unknown[0]?.businessId}. ${HOW}`,
    );
  }
  for (const businessId of known) {
    const { rows } = await client.query<{ has: boolean }>(HAS_AUDIT, [businessId]);
    if (rows[0]?.has) continue;
    throw new StartError(
      `The node of business ${businessId} is older than the coordinator: it has no audit log of it. ${HOW}`,
    );
  }
}
