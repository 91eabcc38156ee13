import { type Deed, rowsOf } from '../../access/audit/entry.ts';
import { audit } from '../../access/audit/pending-store.ts';
import { findWriter } from '../../access/audit/writer-store.ts';
import { holds, isMasked, type Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import type { Counting } from '../../counters/counts.ts';
import { LARGE_BYTES } from '../../kernel/fair-share/fair-share.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import { textInTurns } from '../../kernel/threads/text-bytes.ts';
import { dropSilenced } from '../../recordings/derived/silenced-store.ts';
import { releaseRecordings, removeReleased } from '../../recordings/storage/store.ts';
import { detectorOf } from '../../redaction/detection/detect.ts';
import { isToken } from '../../redaction/opaque-ids.ts';
import { dropSpans, putFound } from '../../redaction/store.ts';
import { refuseHeld } from '../erasure/held.ts';
import { headerOf } from '../from-wire.ts';
import { maskDocument } from '../masking/mask-document.ts';
import { maskingOf } from '../masking/masked.ts';
import { searchDocument } from '../masking/search-document.ts';
import { askForSilence } from '../masking/silence.ts';
import { isFinal, participantIds } from '../model/conversation.ts';
import { CONVERSATION_COUNTS, countDeltas } from '../model/counts.ts';
import { type RecordingCopy, renderHead, type StoredDocument } from '../model/document.ts';
import { beginsWith } from '../model/stored-events.ts';
import { type Whole, writtenEvent } from '../model/transcript.ts';
import { documentOf, requireThere } from '../read/read.ts';
import {
  dropEvents,
  findToChange,
  insertConversation,
  openWritten,
  replaceConversation,
  type StoredConversation,
} from '../store.ts';
import type { LiveCache } from './live-cache.ts';
import { lockLive } from './live-store.ts';
import { tellQueue } from './named-calls-store.ts';
import { forgetSealed, noteSealed, noteSearched } from './sealed-store.ts';

export interface PutResult {
  readonly created: boolean;
  readonly head: string;
  readonly recordings: readonly RecordingCopy[];
}

export interface PutOptions {
  /** False for demo conversations, which stay live though nothing comes. */
  readonly mayAbandon?: boolean;
}

const CONVERSATIONS = 'Conversations.ConversationPermissions';
/**
 * Writes a whole conversation as one step. The same content again changes nothing; other content
 * replaces what is there and keeps the recordings of participants that stay.
 */
export async function putConversation(
  ctx: Pick<Context, 'db' | 'blobs' | 'clock' | 'log' | 'secrets' | 'threads'> & {
    readonly live: LiveCache;
    readonly counting: Counting;
  },
  scope: Scope,
  whole: Whole,
  options: PutOptions = {},
): Promise<PutResult> {
  const { header, transcript } = whole;
  const { id } = header;
  const mayAbandon = options.mayAbandon ?? true;
  const { messages, logs, bytes } = transcript;
  const document = { head: renderHead(header), messages, logs, ...(bytes && { bytes }) };
  const written = transcript.items === null ? null : writtenEvent(whole);
  const isSearched = scope.redaction !== null && isFinal(header.status);
  const found = isSearched ? await searchDocument(ctx, document, scope.redactionCountry) : null;
  // A large one takes its time, and does not do so often: its request has waited for a slot.
  const db = isLargeDocument(document) ? ctx.db.patient : ctx.db;
  const { result, released } = await db.transaction(async (tx) => {
    const stored = await findLocked(tx);
    const inserted = stored ? null : await insert(tx);
    return inserted ?? replace(tx, await there(tx, stored ?? (await findToChange(tx, scope, id))));
  });
  ctx.live.forget(scope, id);
  ctx.counting.touched(scope);
  await removeReleased(ctx, scope, released);
  return result;

  async function findLocked(tx: Tx): Promise<StoredConversation | null> {
    await lockLive(tx, scope, id);
    const stored = await findToChange(tx, scope, id);
    if (stored?.kind !== 'live' || stored.events.length > 0) return stored;
    // It was sealed when this began, and somebody else made it live while its row was waited for: the row
    // was read anew, but not its events.
    await lockLive(tx, scope, id);
    return findToChange(tx, scope, id);
  }

  function deed(action: 'ConversationCreated' | 'ConversationReplaced'): Deed {
    return { action, kind: 'Conversation', id, details: { Status: header.status } };
  }

  function there(tx: Tx, stored: StoredConversation | null) {
    return requireThere(ctx.secrets, tx, scope, id, stored);
  }

  async function insert(tx: Tx) {
    if (!holds(scope.permissions, CONVERSATIONS, 'Adding')) {
      throw new Fault('PERMISSION_DENIED', 'The key may edit conversations, not add new ones.');
    }
    const sealed = isFinal(header.status);
    const isNew = await insertConversation(
      ...([tx, ctx.secrets, scope, header, document, sealed] as const),
      rowsOf(ctx.secrets, scope, ctx.clock.now(), [deed('ConversationCreated')]),
    );
    if (!isNew) return null;
    const deltas = countDeltas(null, header);
    await CONVERSATION_COUNTS.append(tx, scope.businessId, { id, deltas });
    if (sealed) await noteSealedAndFound(tx);
    else await open(tx);
    await tellQueue(tx, scope, [header.queueId]);
    const result: PutResult = { created: true, head: document.head, recordings: [] };
    return { result, released: [] };
  }

  async function replace(tx: Tx, stored: Exclude<StoredConversation, { kind: 'erased' }>) {
    if (wroteBefore(stored) && (await mayKnow(tx))) {
      const { head, recordings } = stored;
      return { result: { created: false, head, recordings }, released: [] };
    }
    const current = await documentOf(ctx, id, stored);
    const before = headerOf(current.head);
    // What was purged is no part of what is written: the rest may be the same.
    const sameHead = before.purged
      ? renderHead({ ...header, purged: before.purged })
      : document.head;
    const isSame =
      current.head === sameHead &&
      current.messages === document.messages &&
      current.logs === document.logs;
    const unchanged = (isSame && (await mayKnow(tx))) || (await isAsShown(tx, current));
    if (unchanged) {
      const { head, recordings } = current;
      return { result: { created: false, head, recordings }, released: [] };
    }
    if (!holds(scope.permissions, CONVERSATIONS, 'Editing')) {
      throw new Fault(
        'CONFLICT',
        'The conversation is there with other content, and the key may not edit it.',
      );
    }
    await refuseHeld(tx, scope, before);
    const staying = participantIds(header);
    // What was silenced by the messages that were there goes below.
    const recordings = current.recordings
      .filter(({ participantId }) => participantId === '_mixed' || staying.includes(participantId))
      .map(({ silenced: _, ...recording }) => recording);
    const sealed = isFinal(header.status);
    await dropEvents(tx, scope, id);
    await dropSpans(tx, scope, [id]);
    await replaceConversation(tx, scope, header, document, sealed, recordings);
    if (sealed) {
      await noteSealedAndFound(tx);
    } else {
      await forgetSealed(tx, scope, id);
      await open(tx);
    }
    await audit(tx, ctx, scope, ctx.clock.now(), deed('ConversationReplaced'));
    await tellQueue(tx, scope, [before.queueId, header.queueId]);
    const deltas = countDeltas(before, header);
    await CONVERSATION_COUNTS.append(tx, scope.businessId, { id, deltas });
    const kept = [...staying, '_mixed'];
    const now = ctx.clock.now();
    const released = [
      ...(await releaseRecordings(tx, scope, [id], kept, now)),
      ...(await dropSilenced(tx, scope, id, now)),
    ];
    if (sealed) await askForSilence(tx, scope, id);
    return { result: { created: false, head: document.head, recordings }, released };
  }

  /**
   * Whether the caller may learn that this is the content that is stored. For a masked reader that would
   * tell whether a guess of what is masked is right, so only whoever wrote it may: repeats stay safe.
   */
  async function mayKnow(tx: Tx) {
    return !isMasked(scope) || (await findWriter(tx, ctx, scope, id)) === scope.userId;
  }

  /**
   * Whether this is what the caller was shown, who may not see the original: it must never take the
   * place of that. CONFLICT where somebody has changed what they were shown.
   */
  async function isAsShown(tx: Tx, current: StoredDocument) {
    const masking = maskingOf(ctx.secrets, scope);
    if (!masking) return false;
    // Opaque ids were opened when the request came in.
    const shownTo = { ...masking, showId: (own: string) => own };
    const masked = await maskDocument({ ...ctx, db: tx }, scope, id, current, shownTo);
    const shown = {
      head: masked.head,
      messages: await textInTurns(masked.messages),
      logs: await textInTurns(masked.logs),
    };
    const parts = ['head', 'messages', 'logs'] as const;
    if (parts.every((part) => shown[part] === document[part])) return true;
    const tokens = [...participantIds(header).filter(isToken), ...transcript.senderTokens];
    if (tokens.length === 0) return false;
    const names = namesOf(shown);
    if (!tokens.some((token) => names.has(token))) return false;
    throw new Fault(
      'CONFLICT',
      'These are the names of a masked conversation, and writing it back would replace what they stand for; only a key with Conversations.Unredacted can change what it has read.',
    );
  }

  /** Whether this very content is what a live conversation's events go on from. */
  function wroteBefore(stored: StoredConversation): boolean {
    return stored.kind === 'live' && written !== null && beginsWith(stored.events, written.payload);
  }

  async function noteSealedAndFound(tx: Tx) {
    await noteSealed(tx, scope, { header, ...transcript });
    if (found === null) return;
    const detector = detectorOf(scope.redactionCountry);
    await putFound(tx, scope, id, { detector, texts: found }, 'drop');
    await noteSearched(tx, scope, id, detector);
  }

  async function open(tx: Tx) {
    if (written === null) throw new Error('a conversation that has ended takes no events');
    const version = Math.floor(Math.random() * 2 ** 48);
    await openWritten(tx, scope, whole, written, ctx.clock.now(), version, mayAbandon);
  }
}

/** The ids of participants and senders in a masked document. */
function namesOf({ head, messages }: StoredDocument): ReadonlySet<string> {
  const senders = messages.matchAll(/"SenderId":"([^"\\]*)"/g).map(([, name = '']) => name);
  return new Set([...participantIds(headerOf(head)), ...senders]);
}

const isLargeDocument = ({ messages, logs }: StoredDocument) =>
  messages.length + logs.length > LARGE_BYTES / 4;
