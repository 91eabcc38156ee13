import type { Logger } from 'pino';
import type { Clock } from '../kernel/clock.ts';
import { unavailable } from '../kernel/fault.ts';
import type { SigningCredentials } from './s3-presign.ts';

const LOOK_MILLISECONDS = 60_000;

export interface HeldCredentials {
  /** Those that sign now; UNAVAILABLE where they ran out and there are no new ones. */
  current(): SigningCredentials;
  /** Asks the chain again, which gives new ones some minutes before the old ones run out. */
  refresh(): Promise<void>;
  close(): void;
}

/**
 * Holds what the credential chain gives, so that signing needs no promise. Keys that run out are
 * looked after in the background; where the chain fails meanwhile the old ones serve to their end.
 */
export async function holdCredentials(
  chain: () => Promise<SigningCredentials>,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
): Promise<HeldCredentials> {
  let held = await chain();
  const refresh = async () => {
    try {
      held = await chain();
    } catch (error) {
      log.warn({ err: error }, 'there are no new credentials for the store of recordings');
    }
  };
  const timer = setInterval(refresh, LOOK_MILLISECONDS).unref();
  return {
    current() {
      const { expiration } = held;
      if (expiration && expiration.getTime() <= clock.now()) {
        void refresh();
        throw unavailable('The store of recordings', new Error('the credentials ran out'));
      }
      return held;
    },
    refresh,
    close: () => clearInterval(timer),
  };
}
