import type { Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import type { Db } from '../../kernel/postgres/database.ts';
import { findRenamed, formerIdHash } from '../write/live-store.ts';

/** Current participant ids by the hash of the id that an erasure replaced; null: none. */
export type Renamed = Readonly<Record<string, string>> | null;

export function currentId(
  id: string,
  present: readonly string[],
  renamed: Renamed,
  hash: (formerId: string) => string,
): string {
  return renamed === null || present.includes(id) ? id : (renamed[hash(id)] ?? id);
}

/** Like `currentId`, but reads the replacements. Sealed conversations have none. */
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
