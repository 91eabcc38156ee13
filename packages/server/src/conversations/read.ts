import type { Scope } from '../access/scope.ts';
import type { Context } from '../base/context.ts';
import type { Db } from '../base/db.ts';
import { wasErased } from '../base/erased-ids.ts';
import { Fault } from '../base/fault.ts';
import type { Secrets } from '../base/secrets.ts';
import type { RecordingCopy, StoredDocument } from './document.ts';
import { foldStored } from './fold-stored.ts';
import { type AdmitLarge, findConversation, type StoredConversation } from './store.ts';

export type ReadableDocument = StoredDocument & { readonly recordings: readonly RecordingCopy[] };

/** A conversation ready to send; a live one is folded from its events. NOT_FOUND, GONE. */
export async function readConversation(
  ctx: Pick<Context, 'db' | 'secrets' | 'threads'>,
  scope: Scope,
  id: string,
  admitLarge?: AdmitLarge,
): Promise<ReadableDocument> {
  const stored = await findConversation(ctx.db, scope, id, admitLarge);
  return documentOf(ctx, id, await requireThere(ctx.secrets, ctx.db, scope, id, stored));
}

/** What is there, or the Fault that says why it is not: NOT_FOUND, GONE. */
export async function requireThere<T extends { readonly kind: string }>(
  secrets: Secrets,
  db: Db,
  scope: Scope,
  id: string,
  stored: T | null,
): Promise<Exclude<T, { readonly kind: 'erased' }>> {
  if (stored && stored.kind !== 'erased') return stored as Exclude<T, { readonly kind: 'erased' }>;
  if (stored || (await wasErased(db, secrets, scope.businessId, 'conversation', id))) throw gone();
  throw new Fault('NOT_FOUND', 'There is no such conversation in this business.');
}

export const gone = () =>
  new Fault('GONE', 'The conversation was erased, or its retention ran out.');

/** The document of a stored conversation, whether sealed or not. */
export async function documentOf(
  ctx: Pick<Context, 'threads'>,
  id: string,
  stored: Exclude<StoredConversation, { kind: 'erased' }>,
): Promise<ReadableDocument> {
  if (stored.kind === 'sealed') return stored;
  const { document } = await foldStored(ctx, id, stored.events);
  return { ...document, recordings: stored.recordings };
}
