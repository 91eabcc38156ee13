import type { Scope } from '../access/scope.ts';
import type { Db } from '../base/db.ts';
import { Fault } from '../base/fault.ts';
import { type RecordingCopy, renderDocument, type StoredDocument } from './document.ts';
import { fold } from './fold.ts';
import { findConversation, type StoredConversation } from './store.ts';

export type ReadableDocument = StoredDocument & { readonly recordings: readonly RecordingCopy[] };

/** A conversation ready to send; a live one is folded from its events. NOT_FOUND, GONE. */
export async function readConversation(
  db: Db,
  scope: Scope,
  id: string,
): Promise<ReadableDocument> {
  return foldStored(id, requireThere(await findConversation(db, scope, id)));
}

/** What is there, or the Fault that says why it is not. */
export function requireThere<T extends { readonly kind: string }>(
  stored: T | null,
): Exclude<T, { readonly kind: 'erased' }> {
  if (!stored) {
    throw new Fault('NOT_FOUND', 'There is no such conversation in this business.');
  }
  if (stored.kind === 'erased')
    throw new Fault('GONE', 'The conversation was erased, or its retention ran out.');
  return stored as Exclude<T, { readonly kind: 'erased' }>;
}

/** The document of a stored conversation, whether sealed or not. */
export function foldStored(
  id: string,
  stored: Exclude<StoredConversation, { kind: 'erased' }>,
): ReadableDocument {
  if (stored.kind === 'sealed') return stored;
  return { ...renderDocument(fold(id, stored.events)), recordings: stored.recordings };
}
