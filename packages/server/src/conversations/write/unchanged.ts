import { findWriter } from '../../access/audit/writer-store.ts';
import { isMasked, type Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import { textInTurns } from '../../kernel/threads/text-bytes.ts';
import { isToken } from '../../redaction/opaque-ids.ts';
import { headerOf } from '../from-wire.ts';
import { maskDocument } from '../masking/mask-document.ts';
import { maskingOf } from '../masking/masked.ts';
import { type Header, participantIds } from '../model/conversation.ts';
import { isSameText, renderHead, type StoredDocument } from '../model/document.ts';
import { beginsWith } from '../model/stored-events.ts';
import type { Whole, WrittenEvent } from '../model/transcript.ts';
import type { StoredConversation } from '../store.ts';

export interface PutContent {
  readonly ctx: Pick<Context, 'secrets' | 'threads'>;
  readonly scope: Scope;
  readonly whole: Whole;
  readonly document: StoredDocument;
  readonly written: WrittenEvent | null;
}

/** True if the live conversation starts with exactly this content, and the caller may learn that. */
export async function isRepeat(put: PutContent, tx: Tx, stored: StoredConversation) {
  const isWritten = stored.kind === 'live' && put.written !== null;
  return isWritten && beginsWith(stored.events, put.written.payload) && mayKnow(put, tx);
}

/** CONFLICT if a masked reader would write masked content over the original. */
export async function isUnchanged(put: PutContent, tx: Tx, stored: StoredDocument, before: Header) {
  // A request does not write `Purged`, so it is ignored when comparing.
  const { purged } = before;
  const head = purged ? renderHead({ ...put.whole.header, purged }) : put.document.head;
  const isSame = isSameText({ ...put.document, head }, stored);
  return (isSame && (await mayKnow(put, tx))) || isAsMasked(put, tx, stored);
}

/** A masked reader could test guesses, so only the last writer may know, for safe retries. */
async function mayKnow({ ctx, scope, whole }: PutContent, tx: Tx): Promise<boolean> {
  return !isMasked(scope) || (await findWriter(tx, ctx, scope, whole.header.id)) === scope.userId;
}

/** Masked content must never replace the original. CONFLICT if that has changed since it was read. */
async function isAsMasked(put: PutContent, tx: Tx, current: StoredDocument): Promise<boolean> {
  const { ctx, scope, whole, document } = put;
  const masking = maskingOf(ctx.secrets, scope);
  if (!masking) return false;
  const { header, transcript } = whole;
  // Opaque ids in the request are already resolved.
  const resolved = { ...masking, showId: (id: string) => id };
  const named = { id: header.id, document: current };
  const result = await maskDocument({ ...ctx, db: tx }, scope, named, resolved);
  const { head } = result;
  const messages = await textInTurns(result.messages);
  const masked = { head, messages, logs: await textInTurns(result.logs) };
  if (isSameText(masked, document)) return true;
  const tokens = [...participantIds(header).filter(isToken), ...transcript.senderTokens];
  if (tokens.length === 0) return false;
  const names = namesOf(masked);
  if (!tokens.some((token) => names.has(token))) return false;
  throw new Fault(
    'CONFLICT',
    'These are the names of a masked conversation, and writing it back would replace what they stand for; only a key with Conversations.Unredacted can change what it has read.',
  );
}

function namesOf({ head, messages }: StoredDocument): ReadonlySet<string> {
  const senders = messages.matchAll(/"SenderId":"([^"\\]*)"/g).map(([, name = '']) => name);
  return new Set([...participantIds(headerOf(head)), ...senders]);
}
