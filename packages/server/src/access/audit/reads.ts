import type { AuditSubject, OpName } from '@colloquy/wire';
import { LRUCache } from 'lru-cache';
import type { Context } from '../../context.ts';
import type { Db } from '../../kernel/postgres/database.ts';
import type { Scope } from '../authorization/scope.ts';
import { rowsOf } from './entry.ts';
import { batchAuditEvents } from './pending-store.ts';

/** Pages in a browser refresh: reads of a session within this time are logged once. */
const REPEAT_MILLISECONDS = 600_000;
const MAX_CACHED = 20_000;

const lastReadsByDb = new WeakMap<Db, LRUCache<string, number>>();

type ReadContext = Pick<Context, 'db' | 'clock' | 'secrets'>;

export interface Read {
  readonly operation: OpName;
  readonly kind: AuditSubject;
  readonly ids: readonly string[];
}

/** Resolves when the event is on disk. */
export async function noteRead(ctx: ReadContext, scope: Scope, read: Read): Promise<void> {
  if (scope.isReadLogged) await logRead(ctx, scope, 'ContentRead', read);
}

export const noteUnredactedRead = (ctx: ReadContext, scope: Scope, read: Read) =>
  logRead(ctx, scope, 'UnredactedRead', read);

async function logRead(
  { db, clock, secrets }: ReadContext,
  scope: Scope,
  action: 'ContentRead' | 'UnredactedRead',
  { operation, kind, ids }: Read,
): Promise<void> {
  const now = clock.now();
  const lastReads = lastReadsByDb.get(db) ?? new LRUCache({ max: MAX_CACHED });
  lastReadsByDb.set(db, lastReads);
  const keyOf = (id: string) =>
    `${scope.businessId} ${scope.apiKeyId} ${action} ${operation} ${kind} ${id}`;
  const isNew = (id: string) =>
    now - (lastReads.get(keyOf(id)) ?? -Infinity) >= REPEAT_MILLISECONDS;
  const read = scope.isSession ? ids.filter(isNew) : ids;
  if (read.length === 0) return;
  const details = { Operation: operation };
  const events = read.map((id) => ({ action, kind, id, details }));
  await batchAuditEvents(db, scope.businessId, rowsOf(secrets, scope, now, events));
  if (scope.isSession) for (const id of read) lastReads.set(keyOf(id), now);
}
