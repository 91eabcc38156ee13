import type { Scope } from '../access/authorization/scope.ts';
import { type Db, statement } from '../kernel/postgres/database.ts';
import type { Change } from './change.ts';

const ADD = statement(
  'changes.add',
  `INSERT INTO changes_pending (business_id, at, kind, subject_id, first_seq, event_types, details)
   SELECT $1, $2, c.kind, c.subject_id, c.first_seq, c.event_types, c.details
   FROM unnest($3::text[], $4::text[], $5::integer[], $6::text[], $7::text[]) WITH ORDINALITY
     AS c(kind, subject_id, first_seq, event_types, details, n)
   ORDER BY c.n`,
);

/** In the transaction of the changes themselves. The caller must touch the log after the commit. */
export async function addChanges(
  tx: Db,
  { businessId }: Pick<Scope, 'businessId'>,
  now: number,
  changes: readonly Change[],
): Promise<void> {
  if (changes.length === 0) return;
  await tx.rows(ADD, [
    businessId,
    new Date(now).toISOString(),
    changes.map(({ kind }) => kind),
    changes.map(({ subjectId }) => subjectId),
    changes.map(({ firstSeq }) => firstSeq ?? null),
    changes.map(({ eventTypes }) => eventTypes ?? null),
    changes.map(({ details }) => (details ? JSON.stringify(details) : null)),
  ]);
}

const FORGET_PENDING = statement(
  'changes.forget-pending',
  'DELETE FROM changes_pending WHERE business_id = $1 AND subject_id = ANY($2::text[])',
);
const FORGET = statement(
  'changes.forget',
  'DELETE FROM changes WHERE business_id = $1 AND subject_id = ANY($2::text[])',
);

/** Removes earlier changes of erased subjects, before their last change is added. */
export async function forgetChanges(
  tx: Db,
  { businessId }: Pick<Scope, 'businessId'>,
  subjectIds: readonly string[],
): Promise<void> {
  // In this order: a change that is being numbered meanwhile is then in the other table.
  await tx.rows(FORGET_PENDING, [businessId, subjectIds]);
  await tx.rows(FORGET, [businessId, subjectIds]);
}
