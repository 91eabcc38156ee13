import type { Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import { newId } from '../../kernel/ids.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import { findRecordings } from '../../recordings/storage/store.ts';
import { headerOf } from '../from-wire.ts';
import type { Header } from '../model/conversation.ts';
import { renderHead } from '../model/document.ts';
import { writtenEvent } from '../model/transcript.ts';
import { findHead } from '../read/head-store.ts';
import { documentOf } from '../read/read.ts';
import { findToChange, insertConversation, openWritten } from '../store.ts';
import { commit } from '../write/commit.ts';
import type { ConversationChange } from '../write/conversation-change.ts';
import { lockLive, newVersion } from '../write/live-store.ts';
import {
  anonymousHeader,
  anonymousNames,
  anonymousTranscript,
  type FreshIds,
} from './anonymise.ts';

/** Locks the conversations that exist, in the order of their ids, until the transaction ends. */
export async function lockForErasure(tx: Tx, scope: Scope, ids: readonly string[]) {
  const found: Header[] = [];
  for (const id of [...new Set(ids)].sort()) {
    await lockLive(tx, scope, id);
    const head = await findHead(tx, scope, id, 'lock');
    if (head && head.kind !== 'erased') found.push(headerOf(head.head));
  }
  return found;
}

export interface RemovedRecordings {
  /** Blob keys for `removeReleased` after the commit. */
  readonly released: readonly string[];
  readonly recordings: number;
}

interface Removal {
  readonly conversations: readonly Header[];
  readonly now: number;
}

/** The caller has locked the conversations. */
export async function deleteConversations(
  tx: Tx,
  { secrets }: Pick<Context, 'secrets'>,
  scope: Scope,
  { conversations, now }: Removal,
): Promise<RemovedRecordings> {
  return commitRemoval(tx, { secrets }, { ...scope, now }, conversations.map(removalOf));
}

const removalOf = (before: Header): ConversationChange => ({
  reason: { type: 'ErasedWithPerson' },
  before,
  after: null,
});

export async function countRecordings(tx: Tx, scope: Scope, ids: readonly string[]) {
  let recordings = 0;
  for (const id of ids) recordings += (await findRecordings(tx, scope, id)).length;
  return recordings;
}

async function commitRemoval(
  tx: Tx,
  ctx: Pick<Context, 'secrets'>,
  scope: Scope & { readonly now: number },
  changes: readonly ConversationChange[],
): Promise<RemovedRecordings> {
  const ids = changes.flatMap(({ before }) => before?.id ?? []);
  const recordings = await countRecordings(tx, scope, ids);
  return { released: await commit(tx, ctx, scope, changes), recordings };
}

export function freshSessionIds(conversations: readonly Header[]): Map<string, string> {
  return new Map(conversations.map(({ id, startTime }) => [id, newId('session', startTime)]));
}

/** Adds anonymous copies of conversations that the caller has locked, and deletes these. */
export async function anonymiseConversations(
  tx: Tx,
  { secrets, threads }: Pick<Context, 'secrets' | 'threads'>,
  scope: Scope,
  { conversations, now, fresh }: Removal & { readonly fresh: FreshIds },
): Promise<RemovedRecordings> {
  const changes: ConversationChange[] = [];
  const opening = { receivedAt: now, version: newVersion(), mayAbandon: true };
  // Sequential: at most one transcript is in memory.
  for (const { id } of conversations) {
    const stored = await findToChange(tx, scope, id);
    if (!stored || stored.kind === 'erased') throw new Error('the conversation is not locked');
    const document = await documentOf({ threads }, id, stored);
    const sealed = stored.kind === 'sealed';
    const original = headerOf(document.head);
    const names = anonymousNames(original);
    const header = anonymousHeader(original, names, fresh);
    const transcript = await anonymousTranscript({ threads }, document, names, sealed);
    const { messages, logs } = transcript;
    const copy = { head: renderHead(header), messages, logs };
    await insertConversation(tx, secrets, scope, { header, document: copy, isSealed: sealed });
    const whole = { header, transcript };
    if (!sealed) await openWritten(tx, scope, whole, { ...writtenEvent(whole), ...opening });
    const added = { reason: { type: 'Copied' }, before: null, after: header } as const;
    changes.push({ ...added, ...(sealed && { sealed: transcript }) }, removalOf(original));
  }
  return commitRemoval(tx, { secrets }, { ...scope, now }, changes);
}
