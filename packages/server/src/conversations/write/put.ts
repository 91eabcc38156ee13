import { holds, type Scope } from '../../access/authorization/scope.ts';
import type { Committed } from '../../changes/log.ts';
import type { Context } from '../../context.ts';
import { LARGE_BYTES } from '../../kernel/fair-share/fair-share.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import { removeReleased } from '../../recordings/storage/store.ts';
import type { SpanTexts } from '../../redaction/spans.ts';
import { deleteSpans } from '../../redaction/store.ts';
import { refuseHeld } from '../erasure/held.ts';
import { headerOf } from '../from-wire.ts';
import { searchDocument } from '../masking/search-document.ts';
import { isFinal, participantIds } from '../model/conversation.ts';
import {
  type RecordingCopy,
  renderHead,
  type StoredDocument,
  type WritableDocument,
} from '../model/document.ts';
import { type Whole, writtenEvent } from '../model/transcript.ts';
import { documentOf, requirePresent } from '../read/read.ts';
import {
  findToChange,
  insertConversation,
  openWritten,
  type PresentConversation,
  replaceConversation,
} from '../store.ts';
import type { QuotaGuard } from '../usage/quotas.ts';
import { commit } from './commit.ts';
import type { ConversationChange } from './conversation-change.ts';
import type { LiveCache } from './live-cache.ts';
import { lockStored, newVersion } from './live-store.ts';
import { deleteEvents } from './sealed-store.ts';
import { isRepeat, isUnchanged, type PutContent } from './unchanged.ts';

export interface PutResult {
  readonly created: boolean;
  readonly head: string;
  readonly recordings: readonly RecordingCopy[];
}

export interface PutOptions {
  readonly mayAbandon?: boolean;
}

const CONVERSATIONS = 'Conversations.ConversationPermissions';
export type PutContext = Pick<Context, 'db' | 'blobs' | 'clock' | 'log' | 'secrets' | 'threads'> & {
  readonly live: LiveCache;
  readonly committed: Committed;
  readonly quotas: QuotaGuard;
};

interface Put extends PutContent {
  readonly ctx: PutContext;
  readonly whole: Whole;
  readonly document: WritableDocument;
  readonly found: SpanTexts | null;
  readonly isSealed: boolean;
  readonly mayAbandon: boolean;
  /** Refuses the conversation if it is new. */
  readonly overQuota: Fault | null;
}

interface Outcome {
  readonly result: PutResult;
  readonly released: readonly string[];
}

/** Adds or replaces a conversation; keeps the recordings of remaining participants. Idempotent. */
export async function putConversation(
  ctx: PutContext,
  scope: Scope,
  whole: Whole,
  { mayAbandon = true }: PutOptions = {},
): Promise<PutResult> {
  const { id } = whole.header;
  // Before the transaction, which must not wait for another connection.
  const admission = await ctx.quotas.admitConversation(scope, whole.header);
  const write = async () => {
    const prepared = await preparePut(ctx, scope, whole);
    return writePut({ ...prepared, mayAbandon, overQuota: admission.refusal });
  };
  const { result, released } = await write().catch((error: unknown) => {
    admission.cancel();
    throw error;
  });
  if (!result.created) admission.cancel();
  ctx.live.evict(scope, id);
  ctx.committed(scope, { hasUsage: true });
  await removeReleased(ctx, scope, released);
  return result;
}

function writePut(put: Put): Promise<Outcome> {
  const { ctx, scope } = put;
  const { id } = put.whole.header;
  // Large requests are rare and have waited for a slot, so they may take longer.
  const db = isLargeDocument(put.document) ? ctx.db.patient : ctx.db;
  return db.transaction(async (tx) => {
    const stored = await lockStored(tx, scope, id);
    const inserted = stored ? null : await insert(put, tx);
    if (inserted) return inserted;
    const current = stored ?? (await findToChange(tx, scope, id));
    return replace(put, tx, await requirePresent({ ...ctx, db: tx }, scope, id, current));
  });
}

async function preparePut(
  ctx: PutContext,
  scope: Scope,
  whole: Whole,
): Promise<Omit<Put, 'mayAbandon' | 'overQuota'>> {
  const { header, transcript } = whole;
  const { messages, logs, bytes } = transcript;
  const document = { head: renderHead(header), messages, logs, ...(bytes && { bytes }) };
  const written = transcript.items === null ? null : writtenEvent(whole);
  const isSealed = isFinal(header.status);
  const isSearched = scope.redaction !== null && isSealed;
  const found = isSearched ? await searchDocument(ctx, document, scope.redactionCountry) : null;
  return { ctx, scope, whole, document, written, found, isSealed };
}

/** Null if another request has taken the id, or it belonged to a deleted conversation. */
async function insert(put: Put, tx: Tx): Promise<Outcome | null> {
  const { ctx, scope, document, isSealed } = put;
  const { header } = put.whole;
  if (!holds(scope.permissions, CONVERSATIONS, 'Adding')) {
    throw new Fault('PERMISSION_DENIED', 'The key may edit conversations but not add any.');
  }
  const added = { header, document, isSealed };
  if (!(await insertConversation(tx, ctx.secrets, scope, added))) return null;
  // Only now is it known to be new; the transaction is rolled back.
  if (put.overQuota) throw put.overQuota;
  if (!isSealed) await open(put, tx);
  const released = await commitPut(put, tx, { reason: { type: 'Added' }, before: null });
  return { result: { created: true, head: document.head, recordings: [] }, released };
}

async function replace(put: Put, tx: Tx, stored: PresentConversation): Promise<Outcome> {
  const { ctx, scope } = put;
  const { id } = put.whole.header;
  const reason = { type: 'Replaced', wasSealed: stored.kind === 'sealed' } as const;
  if (await isRepeat(put, tx, stored)) return unchanged(stored);
  const current = await documentOf(ctx, id, stored);
  const before = headerOf(current.head);
  if (await isUnchanged(put, tx, current, before)) return unchanged(current);
  if (!holds(scope.permissions, CONVERSATIONS, 'Editing')) {
    const message =
      'The conversation already exists with other content, and the key may not edit it.';
    throw new Fault('CONFLICT', message);
  }
  await refuseHeld(tx, scope, before);
  return writeReplacement(put, tx, { reason, before }, current.recordings);
}

const unchanged = ({ head, recordings }: Omit<PutResult, 'created'>): Outcome => ({
  result: { created: false, head, recordings },
  released: [],
});

async function writeReplacement(
  put: Put,
  tx: Tx,
  { reason, before }: Pick<ConversationChange, 'reason' | 'before'>,
  earlierRecordings: readonly RecordingCopy[],
): Promise<Outcome> {
  const { scope, document, isSealed } = put;
  const { header } = put.whole;
  const { id } = header;
  const kept = [...participantIds(header), '_mixed'];
  const recordings = earlierRecordings
    .filter(({ participantId }) => kept.includes(participantId))
    .map(({ silenced: _, ...recording }) => recording);
  await deleteEvents(tx, scope, id);
  await deleteSpans(tx, scope, [id]);
  await replaceConversation(tx, scope, { header, document, isSealed }, recordings);
  if (!isSealed) await open(put, tx);
  const released = await commitPut(put, tx, { reason, before });
  return { result: { created: false, head: document.head, recordings }, released };
}

function commitPut(
  { ctx, scope, whole, found, isSealed }: Put,
  tx: Tx,
  change: Pick<ConversationChange, 'reason' | 'before'>,
): Promise<string[]> {
  const { header: after, transcript } = whole;
  const { messageCount, logCount } = transcript;
  const sealed = isSealed && { sealed: { messageCount, logCount, found } };
  const now = ctx.clock.now();
  return commit(tx, ctx, { ...scope, now }, [{ ...change, after, ...sealed }]);
}

async function open({ ctx, scope, whole, written, mayAbandon }: Put, tx: Tx): Promise<void> {
  if (written === null) throw new Error('a conversation that has ended takes no events');
  const version = newVersion();
  const receivedAt = ctx.clock.now();
  await openWritten(tx, scope, whole, { ...written, receivedAt, version, mayAbandon });
}

const isLargeDocument = ({ messages, logs }: StoredDocument) =>
  messages.length + logs.length > LARGE_BYTES / 4;
