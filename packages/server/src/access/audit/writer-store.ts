import type { AuditAction } from '@colloquy/wire';
import type { Context } from '../../context.ts';
import { type Db, statement } from '../../kernel/postgres/database.ts';
import type { Scope } from '../authorization/scope.ts';
import { subjectHash } from './entry.ts';

const WRITES: readonly AuditAction[] = ['ConversationCreated', 'ConversationReplaced'];

// Pending events are newer than chained ones.
const FIND = statement(
  'access.find-writer',
  `SELECT user_id AS "userId" FROM (
     SELECT user_id, true AS is_pending, seq AS n FROM audit_pending
     WHERE business_id = $1 AND subject_hash = $2 AND action = ANY($3::text[])
     UNION ALL
     (SELECT user_id, false, chain_no FROM audit_entries
      WHERE business_id = $1 AND subject_hash = $2 AND action = ANY($3::text[])
      ORDER BY at DESC, chain_no DESC LIMIT 1)
   ) w ORDER BY is_pending DESC, n DESC LIMIT 1`,
);

export async function findWriter(
  tx: Db,
  { secrets }: Pick<Context, 'secrets'>,
  { businessId }: Scope,
  conversationId: string,
): Promise<string | null> {
  const hash = subjectHash(secrets, businessId, 'Conversation', conversationId);
  const row = await tx.row<{ userId: string }>(FIND, [businessId, hash, WRITES]);
  return row?.userId ?? null;
}
