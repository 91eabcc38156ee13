import { type AuditEvent, rowsOf } from '../../access/audit/entry.ts';
import { audit } from '../../access/audit/pending-store.ts';
import { holds, type Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import type { Counting } from '../../counters/counts.ts';
import { LARGE_BYTES } from '../../kernel/fair-share/fair-share.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import { deleteMutedCopies } from '../../recordings/derived/muted-store.ts';
import { releaseRecordings, removeReleased } from '../../recordings/storage/store.ts';
import { detectorOf } from '../../redaction/detection/detect.ts';
import type { SpanTexts } from '../../redaction/spans.ts';
import { deleteSpans, putFound } from '../../redaction/store.ts';
import { refuseHeld } from '../erasure/held.ts';
import { headerOf } from '../from-wire.ts';
import { requestMutedCopies } from '../masking/mute.ts';
import { searchDocument } from '../masking/search-document.ts';
import { type Header, isFinal, participantIds } from '../model/conversation.ts';
import { CONVERSATION_COUNTS, countDeltas } from '../model/counts.ts';
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
import type { LiveCache } from './live-cache.ts';
import { lockStored } from './live-store.ts';
import { addQueueJobs } from './queue-links-store.ts';
import { deleteEvents, deleteSealedRow, noteSearched, putSealedRow } from './sealed-store.ts';
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
  readonly counting: Counting;
};

interface Put extends PutContent {
  readonly ctx: PutContext;
  readonly whole: Whole;
  readonly document: WritableDocument;
  readonly found: SpanTexts | null;
  readonly isSealed: boolean;
  readonly mayAbandon: boolean;
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
  const put = { ...(await preparePut(ctx, scope, whole)), mayAbandon };
  const { id } = whole.header;
  // Large requests are rare and have waited for a slot, so they may take longer.
  const db = isLargeDocument(put.document) ? ctx.db.patient : ctx.db;
  const { result, released } = await db.transaction(async (tx) => {
    const stored = await lockStored(tx, scope, id);
    const inserted = stored ? null : await insert(put, tx);
    if (inserted) return inserted;
    const current = stored ?? (await findToChange(tx, scope, id));
    return replace(put, tx, await requirePresent({ ...ctx, db: tx }, scope, id, current));
  });
  ctx.live.evict(scope, id);
  ctx.counting.touched(scope);
  await removeReleased(ctx, scope, released);
  return result;
}

async function preparePut(
  ctx: PutContext,
  scope: Scope,
  whole: Whole,
): Promise<Omit<Put, 'mayAbandon'>> {
  const { header, transcript } = whole;
  const { messages, logs, bytes } = transcript;
  const document = { head: renderHead(header), messages, logs, ...(bytes && { bytes }) };
  const written = transcript.items === null ? null : writtenEvent(whole);
  const isSealed = isFinal(header.status);
  const isSearched = scope.redaction !== null && isSealed;
  const found = isSearched ? await searchDocument(ctx, document, scope.redactionCountry) : null;
  return { ctx, scope, whole, document, written, found, isSealed };
}

function auditEvent({ id, status }: Header, action: AuditEvent['action']): AuditEvent {
  return { action, kind: 'Conversation', id, details: { Status: status } };
}

/** Null if another request has taken the id, or it belonged to a deleted conversation. */
async function insert(put: Put, tx: Tx): Promise<Outcome | null> {
  const { ctx, scope, document, isSealed } = put;
  const { header } = put.whole;
  const { id } = header;
  if (!holds(scope.permissions, CONVERSATIONS, 'Adding')) {
    throw new Fault('PERMISSION_DENIED', 'The key may edit conversations but not add any.');
  }
  const event = auditEvent(header, 'ConversationCreated');
  const rows = rowsOf(ctx.secrets, scope, ctx.clock.now(), [event]);
  const added = { header, document, isSealed, audit: rows };
  const isNew = await insertConversation(tx, ctx.secrets, scope, added);
  if (!isNew) return null;
  const deltas = countDeltas(null, header);
  await CONVERSATION_COUNTS.append(tx, scope.businessId, { id, deltas });
  if (isSealed) await putSealedRowAndSpans(put, tx);
  else await open(put, tx);
  await addQueueJobs(tx, scope, [header.queueId]);
  return { result: { created: true, head: document.head, recordings: [] }, released: [] };
}

async function replace(put: Put, tx: Tx, stored: PresentConversation): Promise<Outcome> {
  const { ctx, scope } = put;
  const { id } = put.whole.header;
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
  return writeReplacement(put, tx, before, current.recordings);
}

const unchanged = ({ head, recordings }: Omit<PutResult, 'created'>): Outcome => ({
  result: { created: false, head, recordings },
  released: [],
});

async function writeReplacement(
  put: Put,
  tx: Tx,
  before: Header,
  earlierRecordings: readonly RecordingCopy[],
): Promise<Outcome> {
  const { ctx, scope, document, isSealed } = put;
  const { header } = put.whole;
  const { id } = header;
  const kept = [...participantIds(header), '_mixed'];
  const recordings = earlierRecordings
    .filter(({ participantId }) => kept.includes(participantId))
    .map(({ silenced: _, ...recording }) => recording);
  await deleteEvents(tx, scope, id);
  await deleteSpans(tx, scope, [id]);
  await replaceConversation(tx, scope, { header, document, isSealed }, recordings);
  if (isSealed) {
    await putSealedRowAndSpans(put, tx);
  } else {
    await deleteSealedRow(tx, scope, id);
    await open(put, tx);
  }
  const now = ctx.clock.now();
  await audit(tx, ctx, { ...scope, now }, auditEvent(header, 'ConversationReplaced'));
  await addQueueJobs(tx, scope, [before.queueId, header.queueId]);
  const deltas = countDeltas(before, header);
  await CONVERSATION_COUNTS.append(tx, scope.businessId, { id, deltas });
  const released = [
    ...(await releaseRecordings(tx, scope, [id], { kept, now })),
    ...(await deleteMutedCopies(tx, scope, id, now)),
  ];
  if (isSealed) await requestMutedCopies(tx, scope, id);
  return { result: { created: false, head: document.head, recordings }, released };
}

async function putSealedRowAndSpans({ scope, whole, found }: Put, tx: Tx): Promise<void> {
  const { header, transcript } = whole;
  await putSealedRow(tx, scope, { header, ...transcript });
  if (found === null) return;
  const detector = detectorOf(scope.redactionCountry);
  await putFound(tx, scope, header.id, { detector, texts: found, added: 'drop' });
  await noteSearched(tx, scope, header.id, detector);
}

async function open({ ctx, scope, whole, written, mayAbandon }: Put, tx: Tx): Promise<void> {
  if (written === null) throw new Error('a conversation that has ended takes no events');
  const version = Math.floor(Math.random() * 2 ** 48);
  const receivedAt = ctx.clock.now();
  await openWritten(tx, scope, whole, { ...written, receivedAt, version, mayAbandon });
}

const isLargeDocument = ({ messages, logs }: StoredDocument) =>
  messages.length + logs.length > LARGE_BYTES / 4;
