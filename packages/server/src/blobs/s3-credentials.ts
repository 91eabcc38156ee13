import { type BlobParts, storeFault } from './blob-store.ts';
import type { SigningCredentials } from './s3-presign.ts';

const REFRESH_MILLISECONDS = 60_000;

/** Signing is synchronous. If a renewal fails, the old credentials are used until they expire. */
export async function cacheCredentials(
  chain: () => Promise<SigningCredentials>,
  { clock, log }: BlobParts,
) {
  let cached = await chain();
  const refresh = async () => {
    try {
      cached = await chain();
    } catch (error) {
      log.warn(
        { err: error },
        'could not renew the credentials of the recordings store; using the old ones until they expire',
      );
    }
  };
  const timer = setInterval(refresh, REFRESH_MILLISECONDS).unref();
  return {
    /** Fault: UNAVAILABLE if the credentials have expired and there are no new ones. */
    current() {
      const { expiration } = cached;
      if (expiration && expiration.getTime() <= clock.now()) {
        void refresh();
        throw storeFault(new Error('the credentials expired'));
      }
      return cached;
    },
    refresh,
    close: () => clearInterval(timer),
  };
}
