import type { Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import type { Db } from '../../kernel/postgres/database.ts';
import { findRenamed, formerIdHash } from '../write/live-store.ts';

/** By the hash of a participant's former id, the id by which an erasure replaced it; null: none. */
export type Renamed = Readonly<Record<string, string>> | null;

/** The id that a participant has now, of whom a client may know the one that an erasure replaced. */
export function currentId(
  id: string,
  present: readonly string[],
  renamed: Renamed,
  hash: (formerId: string) => string,
): string {
  return renamed === null || present.includes(id) ? id : (renamed[hash(id)] ?? id);
}

/** The same for a conversation that may be live; ids that were replaced in a sealed one are forgotten. */
export async function findCurrentId(
  { secrets }: Pick<Context, 'secrets'>,
  db: Db,
  scope: Scope,
  conversationId: string,
  id: string,
  present: readonly string[],
): Promise<string> {
  if (present.includes(id)) return id;
  const renamed = await findRenamed(db, scope, conversationId);
  return currentId(id, present, renamed, (former) =>
    formerIdHash(secrets, scope, conversationId, former),
  );
}
