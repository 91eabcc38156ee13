import type { Scope } from '../../access/authorization/scope.ts';
import { type Database, type Db, statement, type Tx } from '../../kernel/postgres/database.ts';
import { findConversation, type PresentConversation } from '../store.ts';
import { newVersion } from '../write/live-store.ts';
import { transcriptHash } from '../write/sealed-store.ts';
import type { ReplacedLive, ReplacedSealed } from './replace-stored.ts';

const MAX_BATCH = 50;
/** A larger conversation is a batch alone. */
const MAX_BATCH_BYTES = 2 * 1024 * 1024;

const PAGE = statement(
  'conversations.page-sizes',
  `SELECT c.id, coalesce(octet_length(c.messages) + octet_length(c.logs), (
     SELECT l.bytes FROM live_conversations l WHERE l.business_id = $1 AND l.conversation_id = c.id
   ), 0) AS bytes
   FROM conversations c
   WHERE c.business_id = $1 AND c.id > $2 AND c.erased_at IS NULL ORDER BY c.id LIMIT ${MAX_BATCH}`,
);

export interface StoredBatch {
  /** null after the last batch. */
  readonly last: string | null;
  readonly conversations: readonly { readonly id: string; readonly stored: PresentConversation }[];
}

export async function readBatch(
  db: Db & Partial<Pick<Database, 'patient'>>,
  scope: Scope,
  after: string,
): Promise<StoredBatch> {
  const rows = await db.rows<{ id: string; bytes: number }>(PAGE, [scope.businessId, after]);
  let sum = 0;
  const end = rows.findIndex(({ bytes }, at) => {
    sum += bytes;
    return at > 0 && sum > MAX_BATCH_BYTES;
  });
  const ids = (end < 0 ? rows : rows.slice(0, end)).map(({ id }) => id);
  const found = await Promise.all(ids.map((id) => findConversation(db, scope, id)));
  return {
    last: ids.at(-1) ?? null,
    conversations: ids.flatMap((id, at) => {
      const stored = found[at];
      return stored && stored.kind !== 'erased' ? { id, stored } : [];
    }),
  };
}

const COUNT = statement(
  'conversations.count-all',
  'SELECT count(*) AS n FROM conversations WHERE business_id = $1 AND erased_at IS NULL',
);

export async function countConversations(db: Db, scope: Scope): Promise<number> {
  return (await db.row<{ n: number }>(COUNT, [scope.businessId]))?.n ?? 0;
}

const REWRITE_SEALED = statement(
  'conversations.rewrite-sealed',
  `UPDATE conversations SET head = $3, messages = $4, logs = $5,
     transcript_hash = ${transcriptHash('$4::text', '$5::text')}
   WHERE business_id = $1 AND id = $2`,
);

export async function rewriteSealed(
  tx: Tx,
  scope: Scope,
  id: string,
  { head, messages, logs }: Pick<ReplacedSealed, 'head' | 'messages' | 'logs'>,
): Promise<void> {
  await tx.rows(REWRITE_SEALED, [scope.businessId, id, head, messages, logs]);
}

// A new version makes appends that were decided on the earlier texts look up again.
const REWRITE_LIVE = statement(
  'conversations.rewrite-live',
  `UPDATE live_conversations l SET version = $6, bytes = bytes + $3,
     renamed = coalesce((
       SELECT jsonb_object_agg(r.key, coalesce($5::jsonb ->> r.value, r.value))
       FROM jsonb_each_text(coalesce(l.renamed, '{}') || $4::jsonb) r
     ), l.renamed)
   WHERE business_id = $1 AND conversation_id = $2`,
);
const REWRITE_EVENTS = statement(
  'conversations.rewrite-events',
  `UPDATE conversation_events e SET payloads = n.payloads
   FROM (
     SELECT r.seq, string_agg(coalesce(c.payload, p.payload), E'\\x01' ORDER BY p.n) AS payloads
     FROM conversation_events r
     CROSS JOIN LATERAL unnest(string_to_array(r.payloads, E'\\x01')) WITH ORDINALITY p(payload, n)
     LEFT JOIN unnest($3::integer[], $4::text[]) c(seq, payload) ON c.seq = r.seq + p.n - 1
     WHERE r.business_id = $1 AND r.conversation_id = $2
     GROUP BY r.seq
     HAVING count(c.seq) > 0
   ) n
   WHERE e.business_id = $1 AND e.conversation_id = $2 AND e.seq = n.seq`,
);
const REWRITE_HEAD = statement(
  'conversations.rewrite-head',
  'UPDATE conversations SET head = $3 WHERE business_id = $1 AND id = $2',
);

interface RewrittenLive extends Omit<ReplacedLive, 'kind' | 'places'> {
  /** Lets later events name participants by their former ids. */
  readonly renamedByHash: Readonly<Record<string, string>>;
}

/** The caller has locked the conversation with `lockStored`. */
export async function rewriteLive(
  tx: Tx,
  scope: Scope,
  id: string,
  { head, events, bytes, renamed, renamedByHash }: RewrittenLive,
): Promise<void> {
  const seqs = events.map(({ seq }) => seq);
  const payloads = events.map(({ payload }) => payload);
  const maps = [renamedByHash, Object.fromEntries(renamed)].map((map) => JSON.stringify(map));
  await tx.rows(REWRITE_LIVE, [scope.businessId, id, bytes, ...maps, newVersion()]);
  await tx.rows(REWRITE_EVENTS, [scope.businessId, id, seqs, payloads]);
  await tx.rows(REWRITE_HEAD, [scope.businessId, id, head]);
}
