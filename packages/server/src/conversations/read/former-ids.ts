import type { Scope } from '../../access/authorization/scope.ts';
import { findRenamed, formerIdHash } from '../write/live-store.ts';
import type { DbAndSecrets } from './read.ts';

interface NamedParticipant {
  readonly id: string;
  readonly present: readonly string[];
}

/** Resolves an id that an erasure replaced. Sealed conversations have no such ids. */
export async function findCurrentId(
  { db, secrets }: DbAndSecrets,
  scope: Scope,
  conversationId: string,
  { id, present }: NamedParticipant,
): Promise<string> {
  if (present.includes(id)) return id;
  const renamed = await findRenamed(db, scope, conversationId);
  return renamed?.[formerIdHash(secrets, scope, conversationId, id)] ?? id;
}
