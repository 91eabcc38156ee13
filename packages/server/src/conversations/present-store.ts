import type { Scope } from '../access/scope.ts';
import { type Db, statement } from '../base/db.ts';
import { timestampText } from '../base/instant.ts';
import type { Filter } from './list-store.ts';

const FIND_PRESENT = statement(
  'conversations.find-present',
  `SELECT id FROM conversations
   WHERE business_id = $1 AND id = ANY($2::text[]) AND erased_at IS NULL`,
);

/** Those of some ids that name a conversation which is there. */
export async function findPresent(
  db: Db,
  scope: Scope,
  ids: readonly string[],
): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await db.rows<{ id: string }>(FIND_PRESENT, [scope.businessId, ids]);
  return new Set(rows.map(({ id }) => id));
}

const FIND_PASSING = statement(
  'conversations.find-passing',
  `SELECT id FROM conversations
   WHERE business_id = $1 AND erased_at IS NULL AND status = ANY($2::text[])
     AND initiation_type = ANY($3::text[]) AND start_time >= $4 AND start_time <= $5`,
);

/** The ids of live conversations that a filter lets through, in one of some states that pass. */
export async function findPassing(
  db: Db,
  scope: Scope,
  filter: Filter,
  statuses: readonly string[],
): Promise<string[]> {
  const rows = await db.rows<{ id: string }>(FIND_PASSING, [
    scope.businessId,
    statuses,
    filter.initiationTypes ?? ['Inbound', 'Outbound', 'Web'],
    timestampText(filter.from ?? Number.NEGATIVE_INFINITY),
    timestampText(filter.to ?? Number.POSITIVE_INFINITY),
  ]);
  return rows.map(({ id }) => id);
}
