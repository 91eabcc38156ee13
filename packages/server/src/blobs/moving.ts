import type { Logger } from 'pino';
import type { Clock } from '../kernel/clock.ts';
import type { BlobStore } from './blob-store.ts';

const LOOK_MILLISECONDS = 60_000;
const OLD = 'old:';
const NEW = 'new:';

/**
 * Two stores as one, while blobs are moved from the old one to the new one. Whoever moves a blob
 * writes it to the new store before it takes it from the old one, so whoever looks into the old one
 * first always finds it.
 */
export async function openMovingBlobs(
  old: BlobStore,
  next: BlobStore,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
): Promise<BlobStore> {
  let isMoving = await holdsAny(old);
  let lookedAt = clock.now();
  const look = async () => {
    lookedAt = clock.now();
    try {
      isMoving = await holdsAny(old);
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
    // Nobody knows yet in which of the two a blob will be when its URL is used, so that is ours.
    presign(key, ttlSeconds, contentType) {
      if (isMoving && clock.now() - lookedAt >= LOOK_MILLISECONDS) void look();
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

async function holdsAny(store: BlobStore): Promise<boolean> {
  let position: string | null = null;
  do {
    const page = await store.list(null, position);
    if (page.blobs.length > 0) return true;
    position = page.next;
  } while (position !== null);
  return false;
}
