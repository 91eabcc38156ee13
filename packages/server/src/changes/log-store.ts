import type pg from 'pg';
import type { Scope } from '../access/authorization/scope.ts';
import { businessFinder } from '../kernel/citus/find-businesses.ts';
import { businessesWith } from '../kernel/jobs/businesses-with.ts';
import { SEPARATOR } from '../kernel/json/split-body.ts';
import { type Db, statement } from '../kernel/postgres/database.ts';
import type { ChangeKind, LoggedChange } from './change.ts';

const NUMBER = statement('changes.number', 'SELECT number_changes($1, $2) AS numbered');

/** Gives positions to at most `limit` pending changes; returns how many it found. */
export async function numberChanges(db: Db, businessId: number, limit: number): Promise<number> {
  return (await db.row<{ numbered: number }>(NUMBER, [businessId, limit]))?.numbered ?? 0;
}

const WITH_PENDING = businessesWith('changes.businesses-with-pending', {
  table: 'changes_pending',
});

export const findWithPending = businessFinder({
  across: WITH_PENDING,
  ofOne: statement(
    'changes.has-pending',
    'SELECT EXISTS (SELECT FROM changes_pending WHERE business_id = $1) AS has',
  ),
});

interface ChangeRow {
  readonly position: number;
  readonly at: number;
  readonly kind: ChangeKind;
  readonly subjectId: string;
  readonly firstSeq: number | null;
  readonly eventIds: string | null;
  readonly eventTypes: string | null;
  readonly details: string | null;
}

const COLUMNS = `position, at, kind, subject_id AS "subjectId", first_seq AS "firstSeq",
  event_ids AS "eventIds", event_types AS "eventTypes", details`;
const AFTER = statement(
  'changes.find-after',
  `SELECT ${COLUMNS} FROM changes WHERE business_id = $1 AND position > $2
   ORDER BY position LIMIT $3`,
);
const OF_SUBJECT = statement(
  'changes.find-of-subject',
  `SELECT ${COLUMNS} FROM changes WHERE business_id = $1 AND subject_id = $2 AND position > $3
   ORDER BY position LIMIT $4`,
);

function readChange({ firstSeq, eventIds, eventTypes, details, ...row }: ChangeRow): LoggedChange {
  return {
    ...row,
    ...(firstSeq !== null && { firstSeq }),
    ...(eventIds !== null && { eventIds: eventIds.split(SEPARATOR) }),
    ...(eventTypes !== null && { eventTypes }),
    ...(details !== null && { details: JSON.parse(details) }),
  };
}

/** In the order of their positions. */
export async function findChanges(
  db: Db,
  { businessId }: Pick<Scope, 'businessId'>,
  after: number,
  limit: number,
): Promise<LoggedChange[]> {
  return (await db.rows<ChangeRow>(AFTER, [businessId, after, limit])).map(readChange);
}

interface SubjectRange {
  readonly subjectId: string;
  readonly after: number;
  readonly limit: number;
}

export async function findChangesOf(
  db: Db,
  { businessId }: Pick<Scope, 'businessId'>,
  { subjectId, after, limit }: SubjectRange,
): Promise<LoggedChange[]> {
  const values = [businessId, subjectId, after, limit];
  return (await db.rows<ChangeRow>(OF_SUBJECT, values)).map(readChange);
}

/** The log has the changes after `removedTo`, up to `last`. */
export interface LogRange {
  readonly removedTo: number;
  readonly last: number;
}

const RANGE = statement(
  'changes.find-range',
  `SELECT removed_to AS "removedTo", last_position AS last FROM change_ends WHERE business_id = $1`,
);

export const findRange = async (db: Db, { businessId }: Pick<Scope, 'businessId'>) =>
  (await db.row<LogRange>(RANGE, [businessId])) ?? { removedTo: 0, last: 0 };

// A change has a high position for its time if its commit was late, so one of many others is the first.
const SINCE = statement(
  'changes.find-since',
  `SELECT min(position) AS first FROM (
     SELECT position FROM changes WHERE business_id = $1 AND at >= $2 ORDER BY at, position LIMIT 1000
   ) earliest`,
);

/** The position before the first change that was received at `since` or later. */
export async function findPositionBefore(
  db: Db,
  scope: Pick<Scope, 'businessId'>,
  since: number,
): Promise<number> {
  // First, so a change that commits meanwhile is after it.
  const { last } = await findRange(db, scope);
  const values = [scope.businessId, new Date(since).toISOString()];
  const first = (await db.row<{ first: number | null }>(SINCE, values))?.first;
  return first == null ? last : first - 1;
}

const REMOVE = statement(
  'changes.remove-old',
  `DELETE FROM changes WHERE business_id = $1 AND position = ANY(ARRAY(
     SELECT c.position FROM changes c WHERE c.business_id = $1 AND c.at < $2
     ORDER BY c.at, c.position LIMIT $3))
   RETURNING position`,
);
const NOTE_REMOVED = statement(
  'changes.note-removed',
  `UPDATE change_ends SET removed_to = greatest(removed_to, $2) WHERE business_id = $1`,
);

export const WITH_OLD_CHANGES = businessesWith('changes.businesses-with-old', {
  table: 'changes',
  due: 'at < $1',
  by: 'at',
});

/** Removes at most `limit` changes that are older; returns their number. */
export async function removeOldChanges(
  tx: Db,
  { businessId }: Pick<Scope, 'businessId'>,
  before: number,
  limit: number,
): Promise<number> {
  const values = [businessId, new Date(before).toISOString(), limit];
  const rows = await tx.rows<{ position: number }>(REMOVE, values);
  const last = rows.reduce((most, { position }) => Math.max(most, position), 0);
  if (last > 0) await tx.rows(NOTE_REMOVED, [businessId, last]);
  return rows.length;
}

/** No business has so many changes between a backup and its restore. */
const SKIPPED = 1_000_000_000_000;

/** After a restore: positions that readers got after the backup are never given again. */
export async function skipPositions(client: Pick<pg.ClientBase, 'query'>): Promise<void> {
  await client.query(`UPDATE change_ends SET last_position = last_position + ${SKIPPED}`);
}
