import type { Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Db } from '../../kernel/postgres/database.ts';
import { hasTombstone } from '../../tombstones/tombstone-store.ts';
import type { ReadableDocument } from '../model/document.ts';
import { reduceStored, reduceToRead } from '../model/reduce-stored.ts';
import type { AdmitLarge, PresentConversation } from '../store.ts';
import { findToRead } from './long-store.ts';

/** A live conversation is reduced from its events. NOT_FOUND, GONE. */
export async function readConversation(
  ctx: Pick<Context, 'db' | 'secrets' | 'threads'>,
  scope: Scope,
  id: string,
  admitLarge: AdmitLarge,
): Promise<ReadableDocument> {
  const found = await findToRead(ctx.db, scope, id, admitLarge);
  const stored = await requirePresent(ctx, scope, id, found);
  if (stored.kind === 'sealed') return stored;
  const reduced = await reduceToRead(ctx, id, stored.events);
  return { ...reduced, recordings: stored.recordings };
}

/** `db` may be a transaction. */
export type DbAndSecrets = Pick<Context, 'secrets'> & { readonly db: Db };

/** NOT_FOUND, GONE. */
export async function requirePresent<T extends { readonly kind: string }>(
  { db, secrets }: DbAndSecrets,
  scope: Scope,
  id: string,
  stored: T | null,
) {
  if (stored && stored.kind !== 'erased') return stored as Exclude<T, { readonly kind: 'erased' }>;
  const subject = { kind: 'conversation', id } as const;
  if (stored || (await hasTombstone(db, secrets, scope.businessId, subject))) throw goneFault();
  throw new Fault('NOT_FOUND', 'There is no such conversation in this business.');
}

export const goneFault = () =>
  new Fault('GONE', 'The conversation was erased, or its retention ran out.');

export async function documentOf(
  ctx: Pick<Context, 'threads'>,
  id: string,
  stored: PresentConversation,
): Promise<ReadableDocument<string>> {
  if (stored.kind === 'sealed') return stored;
  const { document } = await reduceStored(ctx, id, stored.events);
  return { ...document, recordings: stored.recordings };
}
