import type { BlobParts, BlobStore } from './blob-store.ts';

const RECHECK_MILLISECONDS = 60_000;
const OLD = 'old:';
const NEW = 'new:';

/** A move writes to the new store first, so reading the old store first always finds a blob. */
export async function openMovingBlobs(
  old: BlobStore,
  next: BlobStore,
  { clock, log }: BlobParts,
): Promise<BlobStore> {
  let isMoving = await hasBlobs(old);
  let checkedAt = clock.now();
  const recheck = async () => {
    checkedAt = clock.now();
    try {
      isMoving = await hasBlobs(old);
      if (!isMoving) log.info('all recordings are in the new store');
    } catch (error) {
      log.warn({ err: error }, 'the old store of recordings does not answer');
    }
  };
  if (isMoving) log.info('recordings are read from the local disk too, until they are moved');

  return {
    put: next.put,
    origin: next.origin,
    read: async (key, range) =>
      (isMoving ? await old.read(key, range) : null) ?? (await next.read(key, range)),
    size: async (key) => (isMoving ? await old.size(key) : null) ?? (await next.size(key)),
    async remove(key) {
      if (isMoving) await old.remove(key);
      await next.remove(key);
    },
    // While blobs move, the server serves them, because a presigned URL could refer to the wrong store.
    presign(key, ttlSeconds, contentType) {
      if (isMoving && clock.now() - checkedAt >= RECHECK_MILLISECONDS) void recheck();
      return isMoving ? null : next.presign(key, ttlSeconds, contentType);
    },
    async list(businessId, position) {
      if (!position?.startsWith(NEW)) {
        const page = await old.list(businessId, position?.slice(OLD.length) ?? null);
        return { ...page, next: page.next === null ? NEW : OLD + page.next };
      }
      const page = await next.list(businessId, position.slice(NEW.length) || null);
      return { ...page, next: page.next === null ? null : NEW + page.next };
    },
    removeUnfinished: async (instant) =>
      (await old.removeUnfinished(instant)) + (await next.removeUnfinished(instant)),
    owner: next.owner,
    setOwner: next.setOwner,
    async close() {
      await Promise.all([old.close(), next.close()]);
    },
  };
}

async function hasBlobs(store: BlobStore): Promise<boolean> {
  let position: string | null = null;
  do {
    const page = await store.list(null, position);
    if (page.blobs.length > 0) return true;
    position = page.next;
  } while (position !== null);
  return false;
}
