import type { Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import type { Db } from '../../kernel/postgres/database.ts';
import { findRenamed, formerIdHash } from '../write/live-store.ts';

/** Resolves an id that an erasure replaced. Sealed conversations have no such ids. */
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
  return renamed?.[formerIdHash(secrets, scope, conversationId, id)] ?? id;
}
