import type { Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import { removeBlobs, type StoreParts } from './store.ts';
import { findBusinessesToSweep, releaseUploadsBefore } from './unclaimed-store.ts';

const UPLOAD_MILLISECONDS = 86_400_000;

export async function sweepUnclaimedBlobs(
  parts: StoreParts & Pick<Context, 'clock'>,
  scope: Scope,
): Promise<{ removed: number }> {
  await releaseUploadsBefore(parts.db, scope, parts.clock.now() - UPLOAD_MILLISECONDS);
  return { removed: await removeBlobs(parts, scope, null) };
}

export function businessesToSweep(parts: Pick<Context, 'db' | 'clock'>): Promise<number[]> {
  return findBusinessesToSweep(parts.db, parts.clock.now() - UPLOAD_MILLISECONDS);
}
