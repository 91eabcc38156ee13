import type { Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import { listRecordings, type StoredRecording } from './claims-store.ts';
import { orphansAmong } from './orphans.ts';
import { readHash } from './read-hash.ts';
import { findRecordings } from './store.ts';

export type VerifyPosition =
  | { readonly after: readonly [conversationId: string, participantId: string] }
  | { readonly listed: string | null };

export const VERIFY_FROM_START: VerifyPosition = { after: ['', ''] };

export interface Problem {
  readonly problem: 'Missing' | 'Damaged' | 'Orphaned';
  readonly conversationId: string | null;
  readonly participantId: string | null;
  readonly blobKey: string;
  readonly bytes: number;
}

export interface Verified {
  readonly checked: number;
  readonly bytes: number;
  readonly problems: readonly Problem[];
  readonly next: VerifyPosition | null;
}

const MAX_MILLISECONDS = 5_000;
const MAX_BYTES = 256 * 1024 * 1024;
const ROWS = 200;

/**
 * Compares hashes for some seconds; after the last recording, lists the store for unclaimed blobs.
 * UNAVAILABLE.
 */
export async function verifyRecordings(
  ctx: Pick<Context, 'db' | 'blobs'>,
  scope: Scope,
  position: VerifyPosition,
  signal: AbortSignal,
): Promise<Verified> {
  const deadline = performance.now() + MAX_MILLISECONDS;
  const isDue = () => signal.aborted || performance.now() > deadline;
  if ('listed' in position) return verifyListed(ctx, scope, position.listed, isDue);

  const problems: Problem[] = [];
  let after = position.after;
  let checked = 0;
  let bytes = 0;
  for (const stored of await listRecordings(ctx.db, scope, after, ROWS)) {
    const problem = await verifyOne(ctx, scope, stored);
    if (problem !== null) problems.push(problem);
    checked += 1;
    bytes += stored.bytes;
    after = [stored.conversationId, stored.participantId];
    if (isDue() || bytes >= MAX_BYTES) return { checked, bytes, problems, next: { after } };
  }
  return { checked, bytes, problems, next: checked < ROWS ? { listed: null } : { after } };
}

async function verifyOne(
  { db, blobs }: Pick<Context, 'db' | 'blobs'>,
  scope: Scope,
  stored: StoredRecording,
): Promise<Problem | null> {
  const { conversationId, participantId, blobKey, bytes } = stored;
  const { sha256 } = await readHash(blobs, blobKey);
  if (sha256 === stored.sha256) return null;
  const isMissing = sha256 === 'missing' || (await blobs.size(blobKey)) === null;
  // The recording may have been replaced or deleted meanwhile.
  const found = await findRecordings(db, scope, conversationId);
  const isStored = found.some(
    (one) => one.participantId === participantId && one.blobKey === blobKey,
  );
  if (!isStored) return null;
  const problem = isMissing ? 'Missing' : 'Damaged';
  return { problem, conversationId, participantId, blobKey, bytes };
}

async function verifyListed(
  { db, blobs }: Pick<Context, 'db' | 'blobs'>,
  scope: Scope,
  position: string | null,
  isDue: () => boolean,
): Promise<Verified> {
  const problems: Problem[] = [];
  let listed = position;
  do {
    const page = await blobs.list(scope.businessId, listed);
    for (const { key, bytes } of await orphansAmong(db, scope, page.blobs)) {
      // Released blobs may be removed meanwhile.
      if ((await blobs.size(key)) === null) continue;
      const none = { conversationId: null, participantId: null };
      problems.push({ problem: 'Orphaned', ...none, blobKey: key, bytes });
    }
    listed = page.next;
  } while (listed !== null && !isDue());
  return { checked: 0, bytes: 0, problems, next: listed === null ? null : { listed } };
}
