import type { Logger } from 'pino';
import type { Clock } from '../kernel/clock.ts';
import { unavailable } from '../kernel/fault.ts';
import type { SigningCredentials } from './s3-presign.ts';

const REFRESH_MILLISECONDS = 60_000;

export interface CachedCredentials {
  /** Fault: UNAVAILABLE if the credentials have expired and there are no new ones. */
  current(): SigningCredentials;
  /** Asks the credential chain, which returns new credentials some minutes before the old ones expire. */
  refresh(): Promise<void>;
  close(): void;
}

/**
 * Keeps credentials of the chain, so signing is synchronous. Renews expiring ones in the background; if
 * that fails, the old ones are used until they expire.
 */
export async function cacheCredentials(
  chain: () => Promise<SigningCredentials>,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
): Promise<CachedCredentials> {
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
    current() {
      const { expiration } = cached;
      if (expiration && expiration.getTime() <= clock.now()) {
        void refresh();
        throw unavailable('The store of recordings', new Error('the credentials expired'));
      }
      return cached;
    },
    refresh,
    close: () => clearInterval(timer),
  };
}
