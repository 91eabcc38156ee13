import type { Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import { removeBlobs, type StoreParts } from './store.ts';
import { findBusinessesToSweep, releaseUploadsBefore } from './unclaimed-blobs.ts';

/** An upload that takes longer than this is given up. */
const UPLOAD_MILLISECONDS = 86_400_000;

/** Removes the blobs that a crash or an outage left: released ones, and uploads given up. */
export async function sweepUnclaimedBlobs(
  parts: StoreParts & Pick<Context, 'clock'>,
  scope: Scope,
): Promise<{ removed: number }> {
  await releaseUploadsBefore(parts.db, scope, parts.clock.now() - UPLOAD_MILLISECONDS);
  return { removed: await removeBlobs(parts, scope, null) };
}

/** The businesses for which `sweepUnclaimedBlobs` has something to do. */
export function businessesToSweep(parts: Pick<Context, 'db' | 'clock'>): Promise<number[]> {
  return findBusinessesToSweep(parts.db, parts.clock.now() - UPLOAD_MILLISECONDS);
}
