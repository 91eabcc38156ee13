import type { AuditSubject, OpName } from '@colloquy/wire';
import type { Context } from '../../base/context.ts';
import type { Scope } from '../scope.ts';
import { rowsOf } from './entry.ts';
import { auditTogether } from './pending-store.ts';

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
  if (ids.length === 0) return;
  const details = { Operation: operation };
  const deeds = ids.map((id) => ({ action, kind, id, details }));
  await auditTogether(db, scope.businessId, rowsOf(secrets, scope, clock.now(), deeds));
}
