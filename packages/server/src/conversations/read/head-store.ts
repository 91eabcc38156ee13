import type { Scope } from '../../access/authorization/scope.ts';
import { createBatcher } from '../../kernel/postgres/batcher.ts';
import { type Db, statement } from '../../kernel/postgres/database.ts';
import type { ReadableDocument, RecordingCopy } from '../model/document.ts';
import { READS, readRecordings, TRANSCRIPT_HASH } from '../store.ts';

const FIND_HEAD = `SELECT head, recordings FROM conversations
  WHERE business_id = $1 AND id = $2`;
const HEAD = statement('conversations.find-head', FIND_HEAD);
const LOCK_HEAD = statement('conversations.lock-head', `${FIND_HEAD} FOR NO KEY UPDATE`);

interface HeadRow {
  readonly head: string;
  readonly recordings: string | null;
}

type Erased = { readonly kind: 'erased' };
type Present = { readonly kind: 'present' } & Pick<ReadableDocument, 'head' | 'recordings'>;

/** With `lock`, the row is locked until the transaction ends. */
export async function findHead(db: Db, scope: Scope, id: string, lock: 'lock' | 'no lock') {
  const row = await db.row<HeadRow>(lock === 'lock' ? LOCK_HEAD : HEAD, [scope.businessId, id]);
  return row ? readRow(row) : null;
}

function readRow({ head, recordings }: HeadRow): Erased | Present {
  if (head === '') return { kind: 'erased' };
  return { kind: 'present', head, recordings: readRecordings(recordings) };
}

const VERSIONS = statement(
  'conversations.find-versions',
  `SELECT c.id, c.head, c.recordings, ${TRANSCRIPT_HASH} FROM conversations c
   WHERE c.business_id = $1 AND c.id = ANY($2::text[]) AND c.transcript_hash IS NOT NULL`,
);

interface VersionRow extends HeadRow {
  readonly id: string;
  readonly transcriptHash: string;
}

/** All that an answer depends on, with a hash instead of the transcript. */
export interface StoredVersion {
  readonly head: string;
  readonly recordings: readonly RecordingCopy[];
  readonly transcriptHash: string;
}

const findRows = createBatcher(READS, async (db, businessId, ids: readonly string[]) => {
  const rows = await db.rows<VersionRow>(VERSIONS, [businessId, ids]);
  return ids.map((id) => rows.find((row) => row.id === id));
});

/** null if there is no such conversation, or its hash is not stored. */
export async function findVersion(
  db: Db,
  { businessId }: Scope,
  id: string,
): Promise<StoredVersion | null> {
  const row = await findRows(db, businessId, id);
  return row ? { ...row, recordings: readRecordings(row.recordings) } : null;
}

const FIND_PRESENT = statement(
  'conversations.find-present',
  `SELECT id FROM conversations
   WHERE business_id = $1 AND id = ANY($2::text[]) AND erased_at IS NULL`,
);

export async function findPresent(db: Db, scope: Scope, ids: readonly string[]) {
  if (ids.length === 0) return new Set<string>();
  const rows = await db.rows<{ id: string }>(FIND_PRESENT, [scope.businessId, ids]);
  return new Set(rows.map(({ id }) => id));
}
