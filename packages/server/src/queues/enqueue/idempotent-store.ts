import type { Scope } from '../../access/authorization/scope.ts';
import { businessesWith } from '../../kernel/jobs/businesses-with.ts';
import { type Db, statement } from '../../kernel/postgres/database.ts';
import { time } from '../calls/call-rows.ts';
import type { EnqueueRequest } from './request.ts';

const CLAIM = statement(
  'queues.claim-idempotency-key',
  `INSERT INTO idempotent_answers AS a (business_id, key, request_hash, answer, created_at)
   VALUES ($1, $2, $3, '', $4)
   ON CONFLICT (business_id, key) DO UPDATE
   SET request_hash = excluded.request_hash, answer = '', created_at = excluded.created_at
   WHERE a.created_at <= $5
   RETURNING 1`,
);
const FIND = statement(
  'queues.find-idempotent-answer',
  `SELECT request_hash = $3 AS "isSame", answer FROM idempotent_answers
   WHERE business_id = $1 AND key = $2`,
);

const LIFETIME_MILLISECONDS = 24 * 3_600_000;
/** Small, because answers may be long. */
const ROWS_PER_STATEMENT = 200;

export type FirstAnswer =
  | { readonly kind: 'first' }
  | { readonly kind: 'same'; readonly answer: string }
  | { readonly kind: 'other' };

/** A second request with the same key waits for the transaction of the first. */
export async function claimKey(
  tx: Db,
  scope: Scope,
  { key, requestHash }: NonNullable<EnqueueRequest['idempotency']>,
  now: number,
): Promise<FirstAnswer> {
  const { businessId } = scope;
  const expired = time(now - LIFETIME_MILLISECONDS);
  const claimed = await tx.rows(CLAIM, [businessId, key, requestHash, time(now), expired]);
  if (claimed.length > 0) return { kind: 'first' };
  const values = [businessId, key, requestHash];
  const row = await tx.row<{ isSame: boolean; answer: string }>(FIND, values);
  return row?.isSame ? { kind: 'same', answer: row.answer } : { kind: 'other' };
}

const ANSWER = statement(
  'queues.keep-idempotent-answer',
  `UPDATE idempotent_answers SET answer = $3 WHERE business_id = $1 AND key = $2`,
);

export async function saveAnswer(tx: Db, scope: Scope, key: string, answer: string): Promise<void> {
  await tx.rows(ANSWER, [scope.businessId, key, answer]);
}

export const WITH_DAYS_OR_ANSWERS = businessesWith(
  'queues.businesses-with-days-or-answers',
  { table: 'number_days' },
  { table: 'idempotent_answers' },
);

const EXPIRE = statement(
  'queues.drop-idempotent-answers',
  `DELETE FROM idempotent_answers WHERE business_id = $1 AND ctid = ANY(ARRAY(
     SELECT ctid FROM idempotent_answers WHERE business_id = $1 AND created_at <= $2 LIMIT $3))
   RETURNING 1`,
);

export async function expireAnswers(db: Db, scope: Scope, now: number): Promise<void> {
  const before = time(now - LIFETIME_MILLISECONDS);
  for (let count = ROWS_PER_STATEMENT; count === ROWS_PER_STATEMENT; ) {
    count = (await db.rows(EXPIRE, [scope.businessId, before, ROWS_PER_STATEMENT])).length;
  }
}
