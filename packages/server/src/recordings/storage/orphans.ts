import { type Scope, systemScope } from '../../access/authorization/scope.ts';
import { listBusinesses } from '../../access/store.ts';
import { businessOfBlob, type StoredBlob } from '../../blobs/blob-store.ts';
import { findWalk, saveWalk } from '../../blobs/walk-store.ts';
import type { Context } from '../../context.ts';
import type { Db } from '../../kernel/postgres/database.ts';
import { databaseId } from '../../kernel/postgres/installation-store.ts';
import { findClaims } from './claims-store.ts';

const WALK = 'orphans';
const DAY_MILLISECONDS = 86_400_000;
const TURN_MILLISECONDS = 3_000;

/** Rows are written before blobs and removed after them: a new upload is never reported. */
export async function orphansAmong(
  db: Db,
  scope: Scope,
  blobs: readonly StoredBlob[],
): Promise<StoredBlob[]> {
  if (blobs.length === 0) return [];
  const keys = blobs.map(({ key }) => key);
  const claims = await findClaims(db, scope, keys);
  return blobs.filter(({ key }) => !claims.has(key));
}

type OrphanParts = Pick<Context, 'db' | 'blobs' | 'clock' | 'log'>;

/**
 * Removes blobs that were unclaimed for a day: uploads that the store finished after we gave up, or
 * blobs newer than a restored database. Unknown businesses may belong to another installation.
 */
export async function sweepOrphans(parts: OrphanParts): Promise<{ removed: number }> {
  const { db, blobs, clock } = parts;
  const deadline = performance.now() + TURN_MILLISECONDS;
  const now = clock.now();
  let walk = await findWalk(db, WALK);
  if (walk?.isDone && now - walk.startedAt < DAY_MILLISECONDS) return { removed: 0 };
  if (!walk || walk.isDone) {
    const isOurs = await ownsStore(parts);
    if (isOurs) await removeUnfinished(parts, now);
    walk = { startedAt: now, position: null, isDone: !isOurs };
    await saveWalk(db, WALK, walk);
  }
  let removed = 0;
  while (!walk.isDone && performance.now() < deadline) {
    const page = await blobs.list(null, walk.position);
    const old = page.blobs.filter(({ writtenAt }) => writtenAt < now - DAY_MILLISECONDS);
    removed += await removeOrphans(parts, old);
    walk = { ...walk, position: page.next, isDone: page.next === null };
    await saveWalk(db, WALK, walk);
  }
  return { removed };
}

/**
 * Two databases with one store would remove recordings of each other, so the first marks the store
 * and removes nothing until it finds its mark a day later.
 */
async function ownsStore({ db, blobs, log }: OrphanParts): Promise<boolean> {
  const [owner, ours] = [await blobs.owner(), await databaseId(db)];
  if (owner === null) await blobs.setOwner(ours);
  else if (owner !== ours) {
    log.error(
      'the recording store belongs to another database, so its orphans are not removed; give this database a separate store or prefix',
    );
  }
  return owner === ours;
}

async function removeUnfinished({ blobs, log }: OrphanParts, now: number): Promise<void> {
  try {
    const removed = await blobs.removeUnfinished(now - DAY_MILLISECONDS);
    if (removed > 0) log.info({ removed }, 'removed unfinished uploads from the recording store');
  } catch (error) {
    // Some stores cannot list uploads.
    log.warn({ err: error }, 'could not remove unfinished uploads from the recording store');
  }
}

async function removeOrphans(parts: OrphanParts, old: readonly StoredBlob[]): Promise<number> {
  const { db, blobs, log } = parts;
  let removed = 0;
  for (const [businessId, ofBusiness] of Map.groupBy(old, ({ key }) => businessOfBlob(key))) {
    const [business] = await listBusinesses(db, businessId - 1, 1);
    if (business?.businessId !== businessId) {
      log.warn(
        { businessId, blobs: ofBusiness.length },
        'skipped blobs of unknown businesses in the recording store',
      );
      continue;
    }
    const orphans = await orphansAmong(db, systemScope(businessId), ofBusiness);
    for (const { key } of orphans) await blobs.remove(key);
    removed += orphans.length;
    if (orphans.length > 0) {
      const keys = orphans.map(({ key }) => key);
      log.warn({ businessId, keys }, 'removed unclaimed blobs');
    }
  }
  return removed;
}
