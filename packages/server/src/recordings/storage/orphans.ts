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
/** Of one turn: other jobs wait for their own. */
const TURN_MILLISECONDS = 3_000;

/**
 * Those of some listed blobs that nothing claims. They were listed before, and rows are written
 * before blobs and go after them, so an upload that begins meanwhile is not taken for one.
 */
export async function orphansAmong(
  db: Db,
  scope: Scope,
  blobs: readonly StoredBlob[],
): Promise<StoredBlob[]> {
  if (blobs.length === 0) return [];
  const claims = await findClaims(
    db,
    scope,
    blobs.map(({ key }) => key),
  );
  return blobs.filter(({ key }) => !claims.has(key));
}

type OrphanParts = Pick<Context, 'db' | 'blobs' | 'clock' | 'log'>;

/**
 * Goes on with the walk over the whole store that begins once a day, and removes the blobs that
 * nothing has claimed for a day: what a store has finished after we gave it up, or what is newer
 * than a database that was restored. How many. Blobs of a business that there is not are left
 * alone, since they may be another installation's.
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
 * Whether the store is this database's. Two that share one would take each other's recordings for
 * orphans, so the first to come marks it, and removes nothing before it has found its mark again a
 * day later.
 */
async function ownsStore({ db, blobs, log }: OrphanParts): Promise<boolean> {
  const [owner, ours] = [await blobs.owner(), await databaseId(db)];
  if (owner === null) await blobs.setOwner(ours);
  else if (owner !== ours) {
    log.error(
      'the store of recordings belongs to another database, so orphans are left in it; give this one a store, or a prefix, of its own',
    );
  }
  return owner === ours;
}

async function removeUnfinished({ blobs, log }: OrphanParts, now: number): Promise<void> {
  try {
    const removed = await blobs.removeUnfinished(now - DAY_MILLISECONDS);
    if (removed > 0) log.info({ removed }, 'uploads that broke off were removed from the store');
  } catch (error) {
    // There are stores that cannot list them.
    log.warn({ err: error }, 'uploads that broke off were not removed from the store');
  }
}

async function removeOrphans(parts: OrphanParts, old: readonly StoredBlob[]): Promise<number> {
  const { db, blobs, log } = parts;
  let removed = 0;
  for (const [businessId, ofBusiness] of Map.groupBy(old, ({ key }) => businessOfBlob(key))) {
    const [business] = await listBusinesses(db, businessId - 1, 1);
    if (business?.businessId !== businessId) {
      log.warn({ businessId, blobs: ofBusiness.length }, 'the store has blobs of no business here');
      continue;
    }
    const orphans = await orphansAmong(db, systemScope(businessId), ofBusiness);
    for (const { key } of orphans) await blobs.remove(key);
    removed += orphans.length;
    if (orphans.length > 0) {
      const keys = orphans.map(({ key }) => key);
      log.warn({ businessId, keys }, 'blobs that nothing claims were removed');
    }
  }
  return removed;
}
