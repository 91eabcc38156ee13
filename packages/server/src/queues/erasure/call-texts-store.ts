import type { Scope } from '../../access/authorization/scope.ts';
import { type Db, statement } from '../../kernel/postgres/database.ts';
import type { Direction } from '../calls/call.ts';
import { byDirection, TABLES } from '../calls/call-rows.ts';

/** Small, because each call may have 128 KiB of variables and metadata. */
const BATCH = 100;

export interface CallTexts {
  readonly id: string;
  /** JSON, as `metadata`. */
  readonly variables: string;
  readonly metadata: string;
  readonly lastReason: string | null;
}

export interface CallTextsChange {
  readonly before: CallTexts;
  readonly after: CallTexts;
}

export interface DecisionTexts {
  readonly id: string;
  readonly seq: number;
  readonly reason: string | null;
  readonly details: string;
}

export interface TextBatch {
  readonly last: string | null;
  readonly calls: readonly CallTexts[];
  readonly decisions: readonly DecisionTexts[];
}

const FIND = byDirection((direction) => {
  const { calls, decisions } = TABLES[direction];
  const json =
    direction === 'outbound'
      ? 'dynamic_variables AS variables, metadata'
      : `'{}' AS variables, '{}' AS metadata`;
  return statement(
    `queues.find-texts-${direction}`,
    `WITH batch AS MATERIALIZED (
       SELECT id, last_reason AS "lastReason", ${json} FROM ${calls}
       WHERE business_id = $1 AND id > $2 ORDER BY id LIMIT ${BATCH}
     )
     SELECT (SELECT max(id) FROM batch) AS last,
       (SELECT coalesce(json_agg(b), '[]')::json FROM batch b) AS calls,
       (SELECT coalesce(json_agg(json_build_object(
          'id', d.call_id, 'seq', d.seq, 'reason', d.reason, 'details', d.details)), '[]')::json
        FROM ${decisions} d WHERE d.business_id = $1 AND d.call_id IN (SELECT id FROM batch)
       ) AS decisions`,
  );
});

export async function findTexts(
  db: Db,
  scope: Scope,
  direction: Direction,
  after: string,
): Promise<TextBatch> {
  const row = await db.row<TextBatch>(FIND[direction], [scope.businessId, after]);
  return row ?? { last: null, calls: [], decisions: [] };
}

const REPLACE = byDirection((direction) => {
  const json = direction === 'outbound' ? 'dynamic_variables = $5, metadata = $6,' : '';
  // The reason may have changed; the other texts never do.
  return statement(
    `queues.replace-texts-${direction}`,
    `UPDATE ${TABLES[direction].calls} SET ${json}
       last_reason = CASE WHEN last_reason IS NOT DISTINCT FROM $3 THEN $4 ELSE last_reason END
     WHERE business_id = $1 AND id = $2`,
  );
});
const REPLACE_DECISION = byDirection((direction) =>
  statement(
    `queues.replace-decision-texts-${direction}`,
    `UPDATE ${TABLES[direction].decisions} SET reason = $4, details = $5
     WHERE business_id = $1 AND call_id = $2 AND seq = $3`,
  ),
);

export async function replaceCallTexts(
  tx: Db,
  scope: Scope,
  direction: Direction,
  { before, after }: CallTextsChange,
): Promise<void> {
  const values = [scope.businessId, before.id, before.lastReason, after.lastReason];
  const json = direction === 'outbound' ? [after.variables, after.metadata] : [];
  await tx.rows(REPLACE[direction], [...values, ...json]);
}

export async function replaceDecisionTexts(
  tx: Db,
  scope: Scope,
  direction: Direction,
  { id, seq, reason, details }: DecisionTexts,
): Promise<void> {
  await tx.rows(REPLACE_DECISION[direction], [scope.businessId, id, seq, reason, details]);
}
