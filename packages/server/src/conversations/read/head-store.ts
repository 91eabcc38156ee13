import type { Scope } from '../../access/authorization/scope.ts';
import { type Db, statement } from '../../kernel/postgres/database.ts';
import type { RecordingCopy } from '../model/document.ts';
import { readRecordings } from '../store.ts';

const FIND_HEAD = `SELECT head, recordings FROM conversations
  WHERE business_id = $1 AND id = $2`;
const HEAD = statement('conversations.find-head', FIND_HEAD);
const LOCK_HEAD = statement('conversations.lock-head', `${FIND_HEAD} FOR NO KEY UPDATE`);

interface HeadRow {
  readonly head: string;
  readonly recordings: string | null;
}

export type StoredHead =
  | { readonly kind: 'erased' }
  | {
      readonly kind: 'present';
      readonly head: string;
      readonly recordings: readonly RecordingCopy[];
    };

/** With `lock`, the row is locked until the transaction ends. */
export async function findHead(
  db: Db,
  scope: Scope,
  id: string,
  lock: 'lock' | 'no lock',
): Promise<StoredHead | null> {
  const row = await db.row<HeadRow>(lock === 'lock' ? LOCK_HEAD : HEAD, [scope.businessId, id]);
  if (!row) return null;
  if (row.head === '') return { kind: 'erased' };
  return { kind: 'present', head: row.head, recordings: readRecordings(row.recordings) };
}
