import type { Scope } from '../../access/authorization/scope.ts';
import { businessesWith } from '../../kernel/jobs/businesses-with.ts';
import { addJobText } from '../../kernel/jobs/jobs.ts';
import { type Db, statement, type Tx } from '../../kernel/postgres/database.ts';
import type { Person } from './person.ts';

export const ERASE_PERSON = 'erase-person';

export interface NamedErasure {
  readonly businessId: number;
  readonly erasureId: string;
}

export type Counts = Readonly<Record<'conversations' | 'recordings' | 'calls', number>>;

export function countsToWire({ conversations, recordings, calls }: Counts) {
  return { Conversations: conversations, Recordings: recordings, QueueEntries: calls };
}

/** Search scope and comparison of an erasure, as in its certificate. */
interface Searched {
  readonly Kinds: readonly ('Participants' | 'OutboundQueue' | 'InboundQueue' | 'Mentions')[];
  readonly Compared: 'NormalForm' | 'Exact';
}

/** Only numbers have a normal form; queue entries have no client id. */
export function searchedFor({ phoneNumber }: Person, includesMentions: boolean): Searched {
  if (phoneNumber === null) return { Kinds: ['Participants'], Compared: 'Exact' };
  const kinds = ['Participants', 'OutboundQueue', 'InboundQueue'] as const;
  return { Kinds: includesMentions ? [...kinds, 'Mentions'] : kinds, Compared: 'NormalForm' };
}

export interface Item {
  readonly kind: 'Conversation' | 'QueueEntry';
  readonly hash: string;
}

export interface Erasure {
  readonly id: string;
  readonly mode: 'Erase' | 'Anonymise';
  readonly reason: string;
  readonly status: 'Running' | 'Completed' | 'Blocked';
  /** Encrypted; null if it is no longer needed. */
  readonly subject: string | null;
  readonly subjectHash: string;
  readonly requestedAt: number;
  readonly requestedBy: string;
  readonly erasedAt: number | null;
  readonly blobKeys: readonly string[];
  readonly completedAt: number | null;
  readonly counts: Counts;
  readonly salt: string | null;
  readonly items: readonly Item[];
  readonly holds: readonly { readonly id: string; readonly name: string }[];
  readonly certificate: string | null;
  /** null until the search is complete, and for erasures of earlier releases. */
  readonly searched: Searched | null;
  readonly includesMentions: boolean;
  readonly mentionPosition: string;
  readonly mentions: MentionCounts;
}

export type CompletedErasure = Erasure & Readonly<Record<'erasedAt' | 'completedAt', number>>;

export interface MentionCounts {
  readonly changed: number;
  /** Unchanged because of a legal hold. */
  readonly held: number;
}

const ERASURE = `id, mode, reason, status, subject, subject_hash AS "subjectHash",
  requested_at AS "requestedAt", requested_by AS "requestedBy", erased_at AS "erasedAt",
  coalesce(blob_keys, '{}') AS "blobKeys", completed_at AS "completedAt",
  coalesce(counts, '{"conversations":0,"recordings":0,"calls":0}')::json AS counts, salt,
  coalesce(items, '[]')::json AS items, coalesce(holds, '[]')::json AS holds, certificate,
  searched::json AS searched, includes_mentions AS "includesMentions",
  mention_position AS "mentionPosition",
  json_build_object('changed', mentions_changed, 'held', mentions_held) AS mentions`;

const INSERT = statement(
  'retention.insert-erasure',
  `INSERT INTO erasures (business_id, id, mode, reason, status, subject_hash, subject, requested_at,
     requested_by, includes_mentions)
   VALUES ($1, $2, $3, $4, 'Running', $5, $6, $7, $8, $9)`,
);
const ADD_JOB = statement(
  'retention.add-erasure-job',
  `SELECT ${addJobText(ERASE_PERSON, "json_build_object('businessId', $1::bigint, 'erasureId', $2::text)")}`,
);

type Request = 'mode' | 'reason' | 'requestedAt' | 'requestedBy' | 'includesMentions';
type NewErasure = Pick<Erasure, 'id' | 'subject' | 'subjectHash' | Request>;

/** With its job. */
export async function insertErasure(tx: Tx, scope: Scope, erasure: NewErasure): Promise<void> {
  const { id, mode, reason, subjectHash, subject, requestedAt, requestedBy } = erasure;
  const at = new Date(requestedAt).toISOString();
  const values = [scope.businessId, id, mode, reason, subjectHash, subject, at, requestedBy];
  await tx.rows(INSERT, [...values, erasure.includesMentions]);
  await tx.rows(ADD_JOB, [scope.businessId, id]);
}

const FIND = `SELECT ${ERASURE} FROM erasures WHERE business_id = $1 AND id = $2`;
const READ = statement('retention.find-erasure', FIND);
const LOCK = statement('retention.lock-erasure', `${FIND} FOR UPDATE`);

/** With `lock`, the row is locked until the transaction ends. */
export function findErasure(db: Db, scope: Scope, id: string, lock?: 'lock') {
  return db.row<Erasure>(lock === 'lock' ? LOCK : READ, [scope.businessId, id]);
}

const LIST = statement(
  'retention.list-erasures',
  `SELECT ${ERASURE} FROM erasures WHERE business_id = $1 AND id > $2 ORDER BY id LIMIT $3`,
);

export function listErasures(db: Db, scope: Scope, after: string, limit: number) {
  return db.rows<Erasure>(LIST, [scope.businessId, after, limit]);
}

const BLOCK = statement(
  'retention.block-erasure',
  `UPDATE erasures SET status = 'Blocked', subject = NULL, holds = $3, completed_at = $4
   WHERE business_id = $1 AND id = $2`,
);

export async function blockErasure(
  tx: Db,
  scope: Scope,
  id: string,
  { holds, completedAt }: { readonly holds: Erasure['holds']; readonly completedAt: number },
): Promise<void> {
  const at = new Date(completedAt).toISOString();
  await tx.rows(BLOCK, [scope.businessId, id, JSON.stringify(holds), at]);
}

const NOTE = statement(
  'retention.note-erased',
  `UPDATE erasures SET erased_at = $3, blob_keys = $4, counts = $5, salt = $6, items = $7
   WHERE business_id = $1 AND id = $2`,
);

type Erased = Pick<Erasure, 'blobKeys' | 'counts' | 'items'> & { salt: string; erasedAt: number };

/** Call it in the transaction that deletes rows; blobs follow. */
export async function noteErased(tx: Db, scope: Scope, id: string, erased: Erased): Promise<void> {
  const { blobKeys, salt } = erased;
  const [counts, items] = [JSON.stringify(erased.counts), JSON.stringify(erased.items)];
  const at = new Date(erased.erasedAt).toISOString();
  await tx.rows(NOTE, [scope.businessId, id, at, blobKeys, counts, salt, items]);
}

const DELETE_PREVIEWS = statement(
  'retention.drop-previews',
  'DELETE FROM erasure_previews WHERE business_id = $1',
);
const CLEAR_SUBJECT = statement(
  'retention.forget-subject',
  'UPDATE erasures SET subject = NULL, searched = $3 WHERE business_id = $1 AND id = $2',
);

/** Removes the encrypted person, and previews, which may name erased conversations. */
export async function clearSubject(tx: Tx, scope: Scope, id: string, searched: Searched) {
  await tx.rows(DELETE_PREVIEWS, [scope.businessId]);
  await tx.rows(CLEAR_SUBJECT, [scope.businessId, id, JSON.stringify(searched)]);
}

const NOTE_MENTION = statement(
  'retention.note-mentions',
  `UPDATE erasures SET mention_position = $3, mentions_changed = mentions_changed + $4,
     mentions_held = mentions_held + $5
   WHERE business_id = $1 AND id = $2 AND status = 'Running' AND mention_position < $3`,
);

interface MentionProgress extends MentionCounts {
  readonly position: string;
}

export async function noteMentions(
  tx: Db,
  scope: Scope,
  id: string,
  { position, changed, held }: MentionProgress,
): Promise<void> {
  await tx.rows(NOTE_MENTION, [scope.businessId, id, position, changed, held]);
}

export const WITH_RUNNING = businessesWith('retention.businesses-with-running', {
  table: 'erasures',
  where: "status = 'Running'",
  due: 'requested_at < $1',
});
const FIND_RUNNING = statement(
  'retention.find-running-erasures',
  `SELECT id FROM erasures WHERE business_id = $1 AND status = 'Running' AND requested_at < $2`,
);
const ADD_AGAIN = statement(
  'retention.add-erasures-again',
  `SELECT ${addJobText(ERASE_PERSON, "json_build_object('businessId', $1::bigint, 'erasureId', id)", { queue: "'erasures'", key: `'${ERASE_PERSON}:' || id` })}
   FROM unnest($2::text[]) AS id`,
);

/** The worker gives up jobs that fail too often. */
export async function addRunningErasures(db: Db, scope: Scope, requestedBefore: number) {
  const values = [scope.businessId, new Date(requestedBefore).toISOString()];
  const running = await db.rows<{ id: string }>(FIND_RUNNING, values);
  if (running.length === 0) return;
  await db.rows(ADD_AGAIN, [scope.businessId, running.map(({ id }) => id)]);
}

const COMPLETE = statement(
  'retention.complete-erasure',
  `UPDATE erasures SET status = 'Completed', completed_at = $3, certificate = $4, blob_keys = NULL
   WHERE business_id = $1 AND id = $2 AND status = 'Running' RETURNING 1`,
);

export async function completeErasure(
  tx: Db,
  scope: Scope,
  { id, completedAt }: CompletedErasure,
  certificate: string,
): Promise<boolean> {
  const values = [scope.businessId, id, new Date(completedAt).toISOString(), certificate];
  return (await tx.rows(COMPLETE, values)).length > 0;
}
