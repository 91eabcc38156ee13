import type { Scope } from '../access/authorization/scope.ts';
import { statement, type Tx } from '../kernel/postgres/database.ts';
import { columnTexts } from '../kernel/postgres/sql-text.ts';
import type { Change } from './change.ts';

const COLUMNS = 4;
const ADD = statement('changes.add', 'SELECT add_changes($1, $2, $3, $4, $5)');

/** In the transaction of the changes themselves. The caller must touch the log after the commit. */
export async function addChanges(
  tx: Tx,
  { businessId }: Pick<Scope, 'businessId'>,
  now: number,
  changes: readonly Change[],
): Promise<void> {
  const at = new Date(now).toISOString();
  const rows = changes.map(({ kind, subjectId, details }) => [
    at,
    kind,
    subjectId,
    details ? JSON.stringify(details) : null,
  ]);
  if (rows.length > 0) await tx.rows(ADD, [businessId, ...columnTexts(rows, COLUMNS)]);
}

const FORGET_PENDING = statement(
  'changes.forget-pending',
  'DELETE FROM changes_pending WHERE business_id = $1 AND subject_id = ANY($2::text[])',
);
const FORGET = statement(
  'changes.forget',
  'DELETE FROM changes WHERE business_id = $1 AND subject_id = ANY($2::text[])',
);

const ERASE_DELIVERIES = statement(
  'changes.erase-deliveries',
  'SELECT erase_webhook_deliveries($1, $2::text[], $3::text[])',
);

/** With the hashes that their deliveries to webhooks have. */
export interface ErasedSubjects {
  readonly ids: readonly string[];
  readonly hashes: readonly string[];
}

/**
 * Removes earlier changes of erased subjects, before their last change is added, and what webhooks
 * have stored. Their own rows are deleted first: webhooks lock those before they store anything.
 */
export async function forgetChanges(
  tx: Tx,
  { businessId }: Pick<Scope, 'businessId'>,
  { ids, hashes }: ErasedSubjects,
): Promise<void> {
  // In this order: a change that is being numbered meanwhile is then in the other table.
  await tx.rows(FORGET_PENDING, [businessId, ids]);
  await tx.rows(FORGET, [businessId, ids]);
  await tx.rows(ERASE_DELIVERIES, [businessId, hashes, ids]);
}

const FORGET_TEXTS = statement(
  'changes.forget-delivered-texts',
  'SELECT forget_webhook_texts($1, $2::text[])',
);

/** Removes what webhooks have stored of subjects whose texts an erasure changes. */
export async function forgetDeliveredTexts(
  tx: Tx,
  { businessId }: Pick<Scope, 'businessId'>,
  hashes: readonly string[],
): Promise<void> {
  if (hashes.length > 0) await tx.rows(FORGET_TEXTS, [businessId, hashes]);
}
