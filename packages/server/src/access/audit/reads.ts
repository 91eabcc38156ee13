import type { AuditSubject, OpName } from '@colloquy/wire';
import { LRUCache } from 'lru-cache';
import type { Context } from '../../context.ts';
import type { Db } from '../../kernel/postgres/database.ts';
import type { Scope } from '../authorization/scope.ts';
import { rowsOf } from './entry.ts';
import { batchAuditEvents } from './pending-store.ts';

/** What a session is shown again within this is the same look: a page in a browser renews itself. */
const LOOK_MILLISECONDS = 600_000;
const REMEMBERED = 20_000;

/** When sessions were last noted to have been shown what, in milliseconds. */
const looksOf = new WeakMap<Db, LRUCache<string, number>>();

function looksIn(db: Db): LRUCache<string, number> {
  const looks = looksOf.get(db) ?? new LRUCache<string, number>({ max: REMEMBERED });
  looksOf.set(db, looks);
  return looks;
}

type ReadContext = Pick<Context, 'db' | 'clock' | 'secrets'>;

/** Whose content an operation is about to give away. */
export interface Read {
  readonly operation: OpName;
  readonly kind: AuditSubject;
  readonly ids: readonly string[];
}

/** Once this resolves, the read is on disk where the business wants reads to be logged. */
export async function noteRead(ctx: ReadContext, scope: Scope, read: Read): Promise<void> {
  if (scope.isReadLogged) await note(ctx, scope, 'ContentRead', read);
}

/** The same for a read of what redaction masks for others, which is always logged. */
export async function noteUnredactedRead(
  ctx: ReadContext,
  scope: Scope,
  read: Read,
): Promise<void> {
  await note(ctx, scope, 'UnredactedRead', read);
}

async function note(
  { db, clock, secrets }: ReadContext,
  scope: Scope,
  action: 'ContentRead' | 'UnredactedRead',
  { operation, kind, ids }: Read,
): Promise<void> {
  const now = clock.now();
  const looks = looksIn(db);
  const look = (id: string) =>
    `${scope.businessId} ${scope.apiKeyId} ${action} ${operation} ${kind} ${id}`;
  const isNew = (id: string) => now - (looks.get(look(id)) ?? -Infinity) >= LOOK_MILLISECONDS;
  const read = scope.isSession ? ids.filter(isNew) : ids;
  if (read.length === 0) return;
  const details = { Operation: operation };
  const deeds = read.map((id) => ({ action, kind, id, details }));
  await batchAuditEvents(db, scope.businessId, rowsOf(secrets, scope, now, deeds));
  if (scope.isSession) for (const id of read) looks.set(look(id), now);
}
